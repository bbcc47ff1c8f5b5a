"""Patient: who is watched."""

from models.resource_types.declaration import ResourceType
from models.resource_types.shared import identifier

PATIENT = ResourceType("Patient", "The patients that are watched.", (identifier(),))
