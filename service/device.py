"""The Device that alerts name: this service's engine of rules (https://hl7.org/fhir/R4/device.html)."""

from typing import Any

from service.ruleset import VERSION

ID = "rule-engine"


def device() -> dict[str, Any]:
    """The resource, read-only, without version and time."""
    return {
        "resourceType": "Device",
        "id": ID,
        "status": "active",
        "manufacturer": "Clonidine Watch",
        "deviceName": [{"name": "Rules of Clonidine Watch", "type": "user-friendly-name"}],
        "type": {"text": "Software that judges readings, doses and orders and raises alerts"},
        "version": [{"value": VERSION}],
    }
