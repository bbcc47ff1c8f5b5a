"""What an endpoint is sent: nothing, or the resource as an update.

https://hl7.org/fhir/R4/valueset-subscription-channel-type.html
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit, urlunsplit

from models.stored import Stored
from service.delivery.subscription import FHIR_JSON, Subscription


class Notification(NamedTuple):
    """One request to an endpoint; `id` is the same when it is sent again, `timeout` in seconds."""

    id: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    timeout: float


class Undelivered(Exception):
    """An endpoint did not take a notification; the message says why and holds nothing of a patient.

    `after` are the seconds that it asked to be left in peace for.
    """

    def __init__(self, why: str, after: float = 0) -> None:
        super().__init__(why)
        self.after = after


class Sender(Protocol):
    """Sends a notification, raises Undelivered unless the answer is 2xx."""

    async def __call__(self, subscription: str, notification: Notification) -> None: ...


TIMEOUT = 10.0
"""Seconds that an endpoint has to answer, where its Subscription says nothing."""


def handshake(subscription: Subscription, at: datetime) -> Notification:
    """The test of an endpoint before it is told of anything: an empty notification."""
    return _sent(subscription, f"{subscription.id}.handshake.{at:%Y%m%dT%H%M%SZ}", "POST", "", b"")


def of(subscription: Subscription, version: Stored) -> Notification:
    """What tells of one version."""
    id = f"{subscription.id}.{version.seq}"
    if subscription.content == "ping":
        return _sent(subscription, id, "POST", "", b"")
    return _sent(subscription, id, "PUT", f"/{version.reference}", version.text().encode())


def bundle(subscription: Subscription, name: str, body: bytes) -> Notification:
    """A notification of a topic."""
    return _sent(subscription, f"{subscription.id}.{name}", "POST", "", body)


def _sent(subscription: Subscription, id: str, method: str, below: str, body: bytes) -> Notification:
    parts = urlsplit(subscription.endpoint)
    url = urlunsplit(parts._replace(path=parts.path.rstrip("/") + below or "/"))
    kind: Sequence[tuple[str, str]] = [("Content-Type", FHIR_JSON)] if body else []
    headers = (*subscription.headers, *kind)
    return Notification(id, method, url, headers, body, subscription.timeout or TIMEOUT)
