"""MedicationRequest: the regimen that was ordered."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import identifier, medicine, patient

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
        identifier(),
    ),
    subject="subject",
)
