"""Notifications of a topic: Bundles that begin with the Subscription's state.

http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/notifications.html
"""

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from models.stored import Stored
from models.times import instant
from service.delivery.subscription import BACKPORT, TOPIC, Subscription

STATUS_PROFILE = f"{BACKPORT}backport-subscription-status-r4"
BUNDLE_PROFILE = f"{BACKPORT}backport-subscription-notification-r4"
_NAMES = uuid.UUID("9a2b4d4e-5f0c-5e0b-8a5c-5d6f5f5a3c11")


class Numbered(NamedTuple):
    """A version under the number by which a Subscription is told of it."""

    number: int
    version: Stored


def notification(
    subscription: Subscription, kind: str, total: int, events: Sequence[Numbered], base: str
) -> dict[str, Any]:
    """A Bundle of `kind` (handshake, heartbeat, event-notification, query-event); `total` events were there so far."""
    first = status(subscription, kind, total, events, base)
    own = f"{base}/Subscription/{subscription.id}"
    entries: list[dict[str, Any]] = [
        {
            "fullUrl": f"urn:uuid:{uuid.uuid5(_NAMES, f'{own}|{kind}|{total}|{len(events)}')}",
            "resource": first,
            "request": {"method": "GET", "url": f"Subscription/{subscription.id}/$status"},
            "response": {"status": "200"},
        }
    ]
    if subscription.content != "empty":
        entries += [_event(subscription, one.version, base) for one in events]
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [BUNDLE_PROFILE]},
        "type": "history",
        "entry": entries,
    }


def status(
    subscription: Subscription, kind: str, total: int, events: Sequence[Numbered], base: str
) -> dict[str, Any]:
    """The Parameters that tell a Subscription's state."""
    told: list[dict[str, Any]] = [
        {
            "name": "subscription",
            "valueReference": {"reference": f"{base}/Subscription/{subscription.id}"},
        },
        *([{"name": "topic", "valueCanonical": TOPIC}] if subscription.topical else []),
        {"name": "status", "valueCode": subscription.status},
        {"name": "type", "valueCode": kind},
        {"name": "events-since-subscription-start", "valueString": str(total)},
    ]
    told += [{"name": "notification-event", "part": [*_parts(subscription, one, base)]} for one in events]
    return {"resourceType": "Parameters", "meta": {"profile": [STATUS_PROFILE]}, "parameter": told}


def _parts(subscription: Subscription, one: Numbered, base: str) -> Sequence[dict[str, Any]]:
    parts = [
        {"name": "event-number", "valueString": str(one.number)},
        {"name": "timestamp", "valueInstant": instant(one.version.seq)},
    ]
    if subscription.content != "empty":
        parts.append(
            {"name": "focus", "valueReference": {"reference": f"{base}/{one.version.reference}"}}  # type: ignore[dict-item]
        )
    return parts


def _event(subscription: Subscription, version: Stored, base: str) -> dict[str, Any]:
    created = version.number == 1
    entry: dict[str, Any] = {
        "fullUrl": f"{base}/{version.reference}",
        "request": {
            "method": "POST" if created else "PUT",
            "url": version.type if created else version.reference,
        },
        "response": {"status": "201" if created else "200", "lastModified": instant(version.seq)},
    }
    if subscription.content == "full-resource":
        entry["resource"] = msgspec.Raw(version.text().encode())
    return entry
