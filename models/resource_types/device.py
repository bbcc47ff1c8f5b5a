"""Device: what readings are taken with."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import identifier, reference, whose

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
        SearchParam("device-name", "string", "deviceName.name|type.coding.display|type.text",
                    "A name of it, or the words for its type.", example="monitor"),
        SearchParam("manufacturer", "string", "manufacturer", "Who makes it.", example="acme"),
        SearchParam("model", "string", "modelNumber", "The model.", example="x2"),
        SearchParam("udi-carrier", "string", "udiCarrier.carrierHRF", "The UDI as people read it.", rare=True,
                    example="(01)0001"),
        SearchParam("udi-di", "string", "udiCarrier.deviceIdentifier", "The device identifier of the UDI.",
                    rare=True, example="0001"),
        SearchParam("url", "uri", "url", "Where it is reached.", rare=True, example="urn:example:monitor-3"),
        reference("location", "location", "Where it stands.", "Location"),
        identifier(),
    ),
    subject="patient",
)  # fmt: skip
