"""Condition: diagnoses that bear on the use of clonidine."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import identifier, patient

CONDITION = ResourceType(
    "Condition",
    "Diagnoses that bear on the use of clonidine.",
    (
        *patient(),
        SearchParam("code", "token", "code", "The diagnosis.", example="http://snomed.info/sct|36083008"),
        SearchParam("category", "token", "category", "problem-list-item ...", example="problem-list-item"),
        SearchParam("clinical-status", "token", "clinicalStatus", "active, resolved ...", example="active"),
        SearchParam(
            "onset-date",
            "date",
            "onsetDateTime|onsetPeriod",
            "When it began, with a prefix.",
            example="ge2020",
        ),
        identifier(),
    ),
    subject="subject",
)
