"""Medication: a product that orders and doses refer to."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import identifier, reference

MEDICATION = ResourceType(
    "Medication",
    "Products that orders and doses refer to.",
    (
        SearchParam("code", "token", "code", "The product's code.", example="884173"),
        SearchParam("status", "token", "status", "active, inactive, entered-in-error", example="active"),
        SearchParam("form", "token", "form", "Tablet, patch ...", example="tablet"),
        SearchParam("lot-number", "token", "batch.lotNumber", "The batch.", rare=True, example="L17"),
        SearchParam(
            "expiration-date", "date", "batch.expirationDate", "When the batch expires.", example="lt2027"
        ),
        SearchParam(
            "ingredient-code",
            "token",
            "ingredient.itemCodeableConcept",
            "What it contains, coded.",
            example="2599",
        ),
        reference("ingredient", "ingredient.itemReference", "What it contains.", "Medication", "Substance"),
        reference("manufacturer", "manufacturer", "Who makes it.", "Organization"),
        identifier(),
    ),
)
