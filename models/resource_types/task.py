"""Task: what somebody is asked to do, such as to recheck a pressure."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import AGENTS, encounter, identifier, patient

TASK = ResourceType(
    "Task",
    "What somebody is asked to do, such as to recheck a pressure after an alert.",
    (
        *patient("for", "Device", "Location"),
        SearchParam("status", "token", "status", "requested, accepted, completed ...", example="requested"),
        SearchParam("business-status", "token", "businessStatus", "Where it stands.", example="waiting"),
        SearchParam("intent", "token", "intent", "order, plan, proposal ...", example="order"),
        SearchParam("priority", "token", "priority", "routine, urgent, asap, stat", example="urgent"),
        SearchParam("code", "token", "code", "What is to be done.", example="fulfill"),
        SearchParam(
            "focus",
            "reference",
            "focus",
            "What it is about, such as an alert.",
            rare=True,
            example="Observation/bp-42",
        ),
        SearchParam(
            "based-on",
            "reference",
            "basedOn",
            "The order that it fulfills.",
            rare=True,
            example="MedicationRequest/mr-7",
        ),
        SearchParam("owner", "reference", "owner", "Who does it.", (*AGENTS, "CareTeam", "HealthcareService"),
                    example="Practitioner/n1"),
        SearchParam("requester", "reference", "requester", "Who asks for it.", AGENTS,
                    example="Practitioner/d1"),
        SearchParam(
            "part-of",
            "reference",
            "partOf",
            "The larger task.",
            targets=("Task",),
            rare=True,
            example="Task/round-7",
        ),
        SearchParam(
            "authored-on", "date", "authoredOn", "When it was asked for, with a prefix.", example="ge2026-11"
        ),
        SearchParam("modified", "date", "lastModified", "When it was changed last.", example="ge2026-11"),
        SearchParam("period", "date", "executionPeriod", "When it was worked on.", example="ge2026-11"),
        SearchParam("performer", "token", "performerType", "Which kind of performer.", example="nurse"),
        SearchParam("group-identifier", "token", "groupIdentifier", "What tasks made together share.", rare=True,
                    example="urn:oid:1.2.3|round-7"),
        encounter(),
        identifier(),
    ),
    subject="for",
)  # fmt: skip
