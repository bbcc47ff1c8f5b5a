"""Device: what readings are taken with."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import identifier, whose

DEVICE = ResourceType(
    "Device",
    "Monitors and cuffs that readings are taken with.",
    (
        whose("patient"),
        SearchParam(
            "type",
            "token",
            "type",
            "What kind of device it is.",
            example="urn:oid:1.3.6.1.4.1.32473.1.10|monitor",
        ),
        SearchParam("status", "token", "status", "active, inactive ...", example="active"),
        SearchParam(
            "organization",
            "reference",
            "owner",
            "The organization that owns it.",
            targets=("Organization",),
            example="Organization/ward-3",
        ),
        identifier(),
    ),
    subject="patient",
)
