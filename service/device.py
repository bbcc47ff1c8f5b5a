"""The Device that alerts and Provenances name: this service's engine of rules, read-only.

https://hl7.org/fhir/R4/device.html. It is made from the code, as what this service publishes about itself is.
"""

from datetime import UTC, datetime
from typing import Any

from models.stored import NOTHING, Stored, prepare
from models.times import micros
from service.ruleset import VERSION

ENGINE = ("Device", "rule-engine")
_SINCE = datetime(2026, 11, 22, tzinfo=UTC)


def device() -> dict[str, Any]:
    """The resource, without version and time."""
    type, id = ENGINE
    return {
        "resourceType": type,
        "id": id,
        "status": "active",
        "manufacturer": "Clonidine Watch",
        "deviceName": [{"name": "Rules of Clonidine Watch", "type": "user-friendly-name"}],
        "type": {"text": "Software that judges readings, doses and orders and raises alerts"},
        "version": [{"value": VERSION}],
    }


def stored() -> Stored:
    """As if it were kept: its one version."""
    type, id = ENGINE
    return Stored(micros(_SINCE), type, id, 1, "PUT", "", None, NOTHING, None, prepare(device(), id))
