"""MedicationAdministration: the doses that were given or withheld."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import identifier, medicine, patient

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
        identifier(),
    ),
    subject="subject",
)
