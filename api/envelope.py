"""What surrounds every answer: the id of its request, the headers that guard it, a line in the log."""

import re
import time
from collections.abc import Iterable, Sequence
from contextvars import ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access_log import Access
from api.clock import new_trace

REQUEST_ID: ContextVar[str] = ContextVar("clonidine_watch.request", default="")
"""The id of the request that is being answered."""
_ID = re.compile(rb"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
"""Ids that are taken from a client: UUIDs and trace ids. Any other text could name a patient, and ids are logged."""
ALWAYS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
OWN = frozenset(name for name, _ in ALWAYS)


class Envelope:
    """ASGI around everything that answers."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then log."""
        began, status, id = time.perf_counter(), 500, _request_id(scope["headers"])
        REQUEST_ID.set(id)

        async def put(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _guarded(message["headers"], id)
            await send(message)

        try:
            await self._app(scope, receive, put)
        finally:
            self._access.tell(id, scope, status, time.perf_counter() - began)


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """That of the client where it is one, else a new one."""
    for name, value in headers:
        if name == b"x-request-id" and _ID.fullmatch(value):
            return str(value, "ascii")
    return new_trace()


def _guarded(headers: Sequence[tuple[bytes, bytes]], id: str) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, and those that every answer has: what is not said to be kept is not to be kept."""
    names = {name for name, _ in headers}
    made = [*headers, (b"x-request-id", id.encode())]
    made += ALWAYS if names.isdisjoint(OWN) else [pair for pair in ALWAYS if pair[0] not in names]
    return made
