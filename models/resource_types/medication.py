"""Medication: a product that orders and doses refer to."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import identifier

MEDICATION = ResourceType(
    "Medication",
    "Products that orders and doses refer to.",
    (
        SearchParam("code", "token", "code", "The product's code.", example="884173"),
        SearchParam("status", "token", "status", "active, inactive, entered-in-error", example="active"),
        identifier(),
    ),
)
