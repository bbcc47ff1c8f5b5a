"""The resource types served: one file a type, one line here."""

from models.resource_types.allergy_intolerance import ALLERGY_INTOLERANCE
from models.resource_types.condition import CONDITION
from models.resource_types.declaration import COMMON, LEFT_OUT, Kind, ResourceType, SearchParam
from models.resource_types.device import DEVICE
from models.resource_types.goal import GOAL
from models.resource_types.medication import MEDICATION
from models.resource_types.medication_administration import MEDICATION_ADMINISTRATION
from models.resource_types.medication_request import MEDICATION_REQUEST
from models.resource_types.observation import OBSERVATION
from models.resource_types.patient import PATIENT
from models.resource_types.provenance import PROVENANCE
from models.resource_types.subscription import SUBSCRIPTION
from models.resource_types.task import TASK

TYPES: dict[str, ResourceType] = {
    served.name: served
    for served in (
        OBSERVATION,
        MEDICATION_REQUEST,
        MEDICATION_ADMINISTRATION,
        MEDICATION,
        PATIENT,
        CONDITION,
        ALLERGY_INTOLERANCE,
        GOAL,
        DEVICE,
        TASK,
        PROVENANCE,
        SUBSCRIPTION,
    )
}

__all__ = ["COMMON", "LEFT_OUT", "TYPES", "Kind", "ResourceType", "SearchParam"]
