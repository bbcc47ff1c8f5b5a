"""MedicationRequest: the regimen that was ordered."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import AGENTS, encounter, identifier, medicine, patient, reference

MEDICATION_REQUEST = ResourceType(
    "MedicationRequest",
    "Orders for clonidine and for the medicines given beside it.",
    (
        *patient(),
        *medicine(),
        SearchParam("status", "token", "status", "active, stopped, completed ...", example="active"),
        SearchParam("intent", "token", "intent", "order, plan, proposal ...", example="order"),
        SearchParam("category", "token", "category", "inpatient, outpatient ...", example="inpatient"),
        SearchParam(
            "authoredon", "date", "authoredOn", "When it was ordered, with a prefix.", example="ge2026-11"
        ),
        SearchParam(
            "date", "date", "dosageInstruction.timing.event", "When a dose is due.", example="ge2026-11-22"
        ),
        SearchParam("priority", "token", "priority", "routine, urgent, asap, stat", example="stat"),
        SearchParam(
            "intended-performertype", "token", "performerType", "Which kind of performer.", example="nurse"
        ),
        identifier(),
        encounter(),
        reference("requester", "requester", "Who ordered it.", *AGENTS),
        reference("intended-performer", "performer", "Who is to give it.", *AGENTS, "CareTeam"),
        reference("intended-dispenser", "dispenseRequest.performer", "Who is to dispense it.", "Organization"),
    ),
    subject="subject",
    compartment=("subject",),
)  # fmt: skip
