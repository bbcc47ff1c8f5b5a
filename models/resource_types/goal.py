"""Goal: what a treatment aims at."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import identifier, patient

GOAL = ResourceType(
    "Goal",
    "What a treatment aims at, such as a pressure to stay above.",
    (
        *patient("subject", "Organization"),
        SearchParam(
            "lifecycle-status",
            "token",
            "lifecycleStatus",
            "proposed, active, completed ...",
            example="active",
        ),
        SearchParam(
            "achievement-status",
            "token",
            "achievementStatus",
            "in-progress, achieved ...",
            example="in-progress",
        ),
        SearchParam("category", "token", "category", "safety, treatment ...", example="safety"),
        SearchParam(
            "start-date", "date", "startDate", "When it is pursued from, with a prefix.", example="ge2026-11"
        ),
        SearchParam(
            "target-date", "date", "target.dueDate", "When it is to be reached.", example="le2026-12-01"
        ),
        identifier(),
    ),
    subject="subject",
    compartment=("patient",),
)
