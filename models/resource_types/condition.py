"""Condition: diagnoses that bear on the use of clonidine."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import encounter, identifier, patient, reference

CONDITION = ResourceType(
    "Condition",
    "Diagnoses that bear on the use of clonidine.",
    (
        *patient(),
        SearchParam("code", "token", "code", "The diagnosis.", example="http://snomed.info/sct|36083008"),
        SearchParam("category", "token", "category", "problem-list-item ...", example="problem-list-item"),
        SearchParam("clinical-status", "token", "clinicalStatus", "active, resolved ...", example="active"),
        SearchParam("verification-status", "token", "verificationStatus", "confirmed ...", example="confirmed"),
        SearchParam(
            "onset-date",
            "date",
            "onsetDateTime|onsetPeriod",
            "When it began, with a prefix.",
            example="ge2020",
        ),
        SearchParam("abatement-date", "date", "abatementDateTime|abatementPeriod", "When it ended.",
                    example="ge2025"),
        SearchParam("recorded-date", "date", "recordedDate", "When it was recorded.", example="ge2026"),
        SearchParam("onset-age", "quantity", "onsetAge|onsetRange", "The age at which it began.",
                    example="gt50||a"),
        SearchParam("abatement-age", "quantity", "abatementAge|abatementRange", "The age at which it ended.",
                    example="gt50||a"),
        SearchParam("onset-info", "string", "onsetString", "When it began, in words.", example="childhood"),
        SearchParam("abatement-string", "string", "abatementString", "When it ended, in words.",
                    example="last year"),
        SearchParam("severity", "token", "severity", "How severe it is.", example="24484000"),
        SearchParam("stage", "token", "stage.summary", "The stage.", example="a"),
        SearchParam("body-site", "token", "bodySite", "Where it is.", example="a"),
        SearchParam("evidence", "token", "evidence.code", "A sign of it.", example="a"),
        identifier(),
        encounter(),
        reference("asserter", "asserter", "Who says so.", "Practitioner", "PractitionerRole", "Patient",
                  "RelatedPerson"),
        reference("evidence-detail", "evidence.detail", "What shows it.", example="Observation/x1"),
    ),
    subject="subject",
    compartment=("patient", "asserter"),
)  # fmt: skip
