"""Events of what this service sends of its own accord: resources to the endpoints of Subscriptions."""

from urllib.parse import urlsplit

from models.stored import Stored
from service.audit.event import FAILED, Event, Who
from service.audit.kinds import DISCLOSURE
from service.delivery.subscription import Subscription


def disclosed(subscription: Subscription, version: Stored, base: str) -> Event:
    """A version was taken by the endpoint."""
    resources = (f"{version.reference}/_history/{version.number}", f"Subscription/{subscription.id}")
    patients = (version.patient,) if version.patient else ()
    who = _who(subscription, base)
    return Event(DISCLOSURE, who, resources=resources, patients=patients, delivered=True)


def tried(subscription: Subscription, base: str) -> Event:
    """Something was sent, or was to be, and not taken."""
    who, resources = _who(subscription, base), (f"Subscription/{subscription.id}",)
    return Event(DISCLOSURE, who, FAILED, "undelivered", resources=resources, delivered=True)


def _who(subscription: Subscription, base: str) -> Who:
    """The host alone: what stands behind it in the address can be a secret."""
    return Who("", urlsplit(subscription.endpoint).hostname or "", "", base)
