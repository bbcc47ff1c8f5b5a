"""How often one client may ask: a token bucket each, in this process
(https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/11/).

A client is told by its token where an earlier request has proved that one; whatever proves nothing yet is counted by
the address that it comes from, before anything is verified, so that no flood of forged tokens costs more than that.
"""

import ipaddress
import math
import time
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import refusal
from api.audit import not_let_in
from models import errors

CLIENT = "clonidine_watch.client"
"""Where the scope of a request names the client that has shown who it is."""
WINDOW = 60
"""Seconds in which the quota may be used, and comes back."""
MOST_CLIENTS = 10_000
"""Clients whose buckets are kept; one that has not asked for longest is forgotten, its bucket full again."""
PREFIX = 64
"""Bits of an IPv6 address that tell clients apart: the rest is theirs to choose."""
EXEMPT = ("/health/", "/metrics")
"""What those who watch the service ask."""
MOST_NOTED = 10
"""Clients whose refusal is noted in the audit within WINDOW, once each: a flood fills no disk."""


class Left(NamedTuple):
    """What a client has left: `requests` now; after `full` seconds all; after `wait` seconds one more, 0 if now."""

    requests: int
    full: int
    wait: int


class Buckets:
    """One a client: it holds `quota` requests and fills up again within WINDOW."""

    def __init__(self, quota: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.quota = quota
        self._clock = clock
        self._held: dict[str, tuple[float, float]] = {}

    def take(self, client: str) -> Left:
        """Count a request; one that is refused costs nothing."""
        now, a_second = self._clock(), self.quota / WINDOW
        tokens, since = self._held.pop(client, (float(self.quota), now))
        tokens = min(tokens + (now - since) * a_second, float(self.quota))
        taken = tokens >= 1
        tokens -= taken
        self._held[client] = (tokens, now)
        if len(self._held) > MOST_CLIENTS:
            del self._held[next(iter(self._held))]
        full = math.ceil((self.quota - tokens) / a_second)
        return Left(int(tokens), full, 0 if taken else max(1, math.ceil((1 - tokens) / a_second)))


class Throttled:
    """ASGI around the application: 429 for whoever asks too often."""

    def __init__(self, app: ASGIApp, quota: int, known: Callable[[Scope], str]) -> None:
        self._app, self._known = app, known
        self._buckets, self._noted, self._all_noted = Buckets(quota), Buckets(1), Buckets(MOST_NOTED)
        self._policy = (b"ratelimit-policy", f'"client";q={quota};w={WINDOW}'.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse; both with what is left."""
        if scope["path"].startswith(EXEMPT):
            await self._app(scope, receive, send)
            return
        known = scope[CLIENT] = self._known(scope)
        key = client_key(Request(scope))
        left = self._buckets.take(key)
        marks = (self._policy, (b"ratelimit", f'"client";r={left.requests};t={left.full}'.encode()))

        async def put(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *marks]
            await send(message)

        if left.wait:
            await (await self._refusal(Request(scope), left, key))(scope, receive, put)
            return
        await self._app(scope, receive, put)
        if not known and scope[CLIENT]:  # a new token: its client's bucket pays for it too
            self._buckets.take(client_key(Request(scope)))

    async def _refusal(self, request: Request, left: Left, key: str) -> Response:
        text = (
            f"More than {self._buckets.quota} requests in {WINDOW} seconds came from this client; send this one again "
            f"after {left.wait} s. A Bundle is one request."
        )
        error = errors.Throttled(text)
        noted = not self._noted.take(key).wait and not self._all_noted.take("").wait
        response = await not_let_in(request, error, request.scope[CLIENT]) if noted else refusal(error)
        response.headers["Retry-After"] = str(left.wait)
        return response


def client_key(request: Request) -> str:
    """Who is counted: the client that has shown who it is, else the address it asks from."""
    known = request.scope.get(CLIENT)
    if known:
        return f"client {known}"
    return _network(request.client.host) if request.client else ""


@lru_cache(maxsize=MOST_CLIENTS)
def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((found, PREFIX), strict=False))
