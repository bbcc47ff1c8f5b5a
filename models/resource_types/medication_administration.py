"""MedicationAdministration: the doses that were given or withheld."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import identifier, medicine, patient, reference

MEDICATION_ADMINISTRATION = ResourceType(
    "MedicationAdministration",
    "Doses given, and doses withheld.",
    (
        *patient(),
        *medicine(),
        SearchParam("status", "token", "status", "completed, not-done ...", example="completed"),
        SearchParam(
            "effective-time",
            "date",
            "effectiveDateTime|effectivePeriod",
            "When it was given, with a prefix.",
            example="ge2026-11-22",
        ),
        SearchParam("reason-given", "token", "reasonCode", "Why it was given.", example="a"),
        SearchParam("reason-not-given", "token", "statusReason", "Why it was withheld.", example="a"),
        identifier(),
        reference("context", "context", "The stay, visit or episode that it belongs to.", "Encounter",
                  "EpisodeOfCare"),
        reference("request", "request", "The order that it follows.", "MedicationRequest"),
        reference("performer", "performer.actor", "Who gave it.", "Practitioner", "PractitionerRole", "Patient",
                  "RelatedPerson", "Device"),
        reference("device", "device", "The device used.", "Device"),
    ),
    subject="subject",
    compartment=("patient", "performer", "subject"),
)  # fmt: skip
