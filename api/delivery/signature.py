"""Signatures of notifications, as https://www.standardwebhooks.com defines them, so that receivers find libraries."""

import base64
import hmac
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from service.delivery.notification import Notification

PREFIX = "whsec_"


def secret(key: str, subscription: str) -> str:
    """The secret of one Subscription, made from the site's key: no receiver can sign in another's name."""
    return PREFIX + base64.b64encode(_made(key, subscription)).decode()


def signature(
    key: str, subscription: str, notification: Notification, at: datetime
) -> Iterator[tuple[str, str]]:
    """The headers that sign a notification; the id alone where there is no key."""
    yield "webhook-id", notification.id
    if not key:
        return
    stamp = str(int(at.timestamp()))
    signed = f"{notification.id}.{stamp}.".encode() + notification.body
    made = base64.b64encode(hmac.digest(_made(key, subscription), signed, "sha256")).decode()
    yield "webhook-timestamp", stamp
    yield "webhook-signature", f"v1,{made}"


def _made(key: str, subscription: str) -> bytes:
    return hmac.digest(key.encode(), f"Subscription/{subscription}".encode(), sha256)
