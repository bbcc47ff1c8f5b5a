"""AllergyIntolerance: what a patient does not bear, such as the adhesive of a patch."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import identifier, reference, whose

ALLERGY_INTOLERANCE = ResourceType(
    "AllergyIntolerance",
    "What a patient does not bear, such as the adhesive of a patch.",
    (
        whose("patient"),
        SearchParam(
            "code",
            "token",
            "code|reaction.substance",
            "The substance, of the allergy or of a reaction.",
            example="http://www.nlm.nih.gov/research/umls/rxnorm|2599",
        ),
        SearchParam("clinical-status", "token", "clinicalStatus", "active, resolved ...", example="active"),
        SearchParam(
            "verification-status", "token", "verificationStatus", "confirmed ...", example="confirmed"
        ),
        SearchParam("category", "token", "category", "medication, environment ...", example="medication"),
        SearchParam("criticality", "token", "criticality", "low, high, unable-to-assess", example="high"),
        SearchParam("type", "token", "type", "allergy, intolerance", example="allergy"),
        SearchParam(
            "date", "date", "recordedDate", "When it was recorded first, with a prefix.", example="ge2026"
        ),
        SearchParam("last-date", "date", "lastOccurrence", "When it showed last.", example="ge2026"),
        SearchParam("onset", "date", "reaction.onset", "When a reaction began.", example="ge2026"),
        SearchParam("manifestation", "token", "reaction.manifestation", "How it showed.", example="a"),
        SearchParam("route", "token", "reaction.exposureRoute", "The way into the body.", example="a"),
        SearchParam("severity", "token", "reaction.severity", "mild, moderate, severe", example="severe"),
        identifier(),
        reference("recorder", "recorder", "Who wrote it down.", "Practitioner", "PractitionerRole", "Patient",
                  "RelatedPerson"),
        reference("asserter", "asserter", "Who says so.", "Practitioner", "PractitionerRole", "Patient",
                  "RelatedPerson"),
    ),
    subject="patient",
    compartment=("patient", "recorder", "asserter"),
)  # fmt: skip
