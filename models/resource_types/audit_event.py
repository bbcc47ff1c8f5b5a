"""AuditEvent (https://hl7.org/fhir/R4/auditevent.html): written by this service alone, and read-only."""

from models.resource_types.declaration import ResourceType, SearchParam

AUDIT_EVENT = ResourceType(
    "AuditEvent",
    "Who has seen or changed what, and who was refused; written by this service alone, read-only and in one chain.",
    (
        SearchParam("_id", "special", "id", "The number, several separated by commas.", example="17"),
        SearchParam("date", "date", "recorded", "When it was recorded, with a prefix (eq, ne, gt, ge, lt, le, sa, eb).",
                    example="ge2026-11-01"),
        SearchParam("agent", "reference", "agent.who", "Who asked: the name of a client, or Device/rule-engine for "
                    "what this service sends by itself.", targets=("Device",), example="integration-engine"),
        SearchParam("patient", "patient", "entity.what", "A patient who was seen or asked about.",
                    targets=("Patient",), example="Patient/p1"),
        SearchParam("entity", "reference", "entity.what", "A resource, as Type/id.", example="Observation/bp-42"),
        SearchParam("action", "token", "action", "C (created), R (read), U (updated), D (deleted), E (executed).",
                    example="R"),
        SearchParam("outcome", "token", "outcome", "0 (done), 4 (refused), 8 (failed).", example="4"),
        SearchParam("subtype", "token", "subtype", "The interaction, such as read, search-type or operation.",
                    example="read"),
    ),
)  # fmt: skip
