"""AllergyIntolerance: what a patient does not bear, such as the adhesive of a patch."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import identifier, whose

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
        identifier(),
    ),
    subject="patient",
)
