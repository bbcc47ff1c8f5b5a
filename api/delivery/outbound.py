"""Sending notifications, each until the head of an answer is here; redirects are not followed."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlsplit

from api.delivery.connection import Answer, Broken, Connection
from api.delivery.connections import Closed, Connections
from api.delivery.signature import signature
from api.metrics import NOTIFICATIONS
from service.delivery.endpoints import Endpoint, Endpoints, split
from service.delivery.notification import Notification, Undelivered


class Outbound:
    """A `Sender`: `allowed` are the endpoints, `secret` the key that signatures are made from, "" for none."""

    def __init__(self, allowed: Endpoints, secret: str, clock: Callable[[], datetime]) -> None:
        self._secret, self._clock = secret, clock
        self._connections = Connections(allowed)

    def close(self) -> None:
        """Let go of every connection."""
        self._connections.close()

    async def __call__(self, subscription: str, notification: Notification) -> None:
        """Send it. Raises Undelivered unless the answer is 2xx."""
        signed = signature(self._secret, subscription, notification, self._clock())
        request, endpoint = _request(notification, signed), split(notification.url)
        try:
            async with asyncio.timeout(notification.timeout), self._connections.places:
                connection, answer = await self._answer(endpoint, request)
        except TimeoutError:
            raise self._failed("timeout", f"No answer within {notification.timeout:g} seconds.") from None
        except Closed as error:
            raise self._failed("closed", f"No request goes to this endpoint: {error}") from None
        except (Broken, OSError) as error:
            raise self._failed("unreachable", _unreachable(error)) from None
        await connection.rest()
        self._connections.keep(endpoint, connection)
        if not 200 <= answer.status < 300:
            raise self._failed(
                "refused", f"The endpoint answered {answer.status}.", self._after(answer.after)
            )
        NOTIFICATIONS.labels("taken").inc()

    async def _answer(self, endpoint: Endpoint, request: bytes) -> tuple[Connection, Answer]:
        """An answer, on a connection that was kept, or on a new one: an endpoint closes an idle connection whenever
        it likes, also while a request is on its way, and that is no failure."""
        connection = self._connections.kept(endpoint)
        if connection:
            with suppress(Broken):
                return connection, await connection.exchange(request)
        connection = await self._connections.made(endpoint)
        return connection, await connection.exchange(request)

    def _after(self, text: str) -> float:
        """Retry-After, in seconds."""
        if text.isascii() and text.isdigit():
            return float(text[:9])
        try:
            return (parsedate_to_datetime(text) - self._clock()).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return 0

    def _failed(self, outcome: str, why: str, after: float = 0) -> Undelivered:
        NOTIFICATIONS.labels(outcome).inc()
        return Undelivered(why, after)


def _request(notification: Notification, signed: Iterable[tuple[str, str]]) -> bytes:
    parts = urlsplit(notification.url)
    target = quote(parts.path or "/", safe=_SAFE) + (
        f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    )
    headers = [
        ("Host", parts.netloc),
        *notification.headers,
        ("User-Agent", "clonidine-watch"),
        ("Accept", "*/*"),
        ("Content-Length", str(len(notification.body))),
        *signed,
    ]
    lines = [f"{notification.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + notification.body


_SAFE = "%/:=&?~+!$,;'@()*[]"
"""What stands in an address as it is; the rest is sent as UTF-8 in percent signs."""


def _unreachable(error: Exception) -> str:
    """Why no answer came, without the words of a library."""
    causes: dict[type[BaseException], str] = {
        socket.gaierror: "The host's name is not known.",
        ssl.SSLError: "The certificate or the TLS of the endpoint cannot be trusted.",
        ConnectionRefusedError: "The endpoint refuses connections.",
        Broken: str(error),
    }
    found = (text for kind, text in causes.items() if isinstance(error, kind))
    return next(found, "The endpoint could not be reached.")
