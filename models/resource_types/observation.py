"""Observation: readings, symptoms, scores, and the alerts that this service raises."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import identifier, patient

OBSERVATION = ResourceType(
    "Observation",
    "Blood pressures, heart rates and symptoms that hospitals post, and the alerts raised about them.",
    (
        *patient(),
        SearchParam("code", "token", "code", "What was observed.", example="http://loinc.org|85354-9"),
        SearchParam("category", "token", "category", "vital-signs, survey, alert ...", example="alert"),
        SearchParam("status", "token", "status", "final, amended, entered-in-error ...", example="final"),
        SearchParam(
            "date",
            "date",
            "effectiveDateTime|effectivePeriod|effectiveInstant|effectiveTiming",
            "When it was observed, with a prefix.",
            example="ge2026-11-22",
        ),
        identifier(),
        SearchParam(
            "derived-from",
            "reference",
            "derivedFrom",
            "The reading that an alert is derived from.",
            targets=("Observation",),
            rare=True,
            example="Observation/bp-42",
        ),
    ),
    subject="subject",
)
