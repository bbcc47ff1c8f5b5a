"""The open connections of a server process, looked at once a second: who keeps it waiting is let go.

One look at all of them costs less than a timer for each request would.
"""

import asyncio
from typing import Protocol

from api.settings import Settings

EVERY = 1.0
"""Seconds from one look to the next."""
FRAMING = 8
"""Octets on the wire for one of a body: a chunk of a single octet takes six, and trailers count too."""


class Connection(Protocol):
    """What is looked at."""

    def look(self, now: float) -> None:
        """End it, if it has kept this process waiting for too long."""

    def waiting(self) -> float | None:
        """Since when nothing of it is being worked on; None while something is."""

    def give_way(self) -> None:
        """End it, for another one."""


class Connections:
    """What connections may cost, and those that are open."""

    def __init__(self, settings: Settings) -> None:
        self.head = settings.max_header_bytes
        self.wire = FRAMING * settings.max_body_bytes + settings.max_header_bytes
        self.seconds = settings.slow_seconds
        self.rate = settings.min_rate
        self.idle = max(settings.keep_alive_seconds, settings.slow_seconds)
        self._most = settings.max_connections
        self._open: dict[Connection, None] = {}
        self._next: asyncio.TimerHandle | None = None

    def add(self, one: Connection, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether there is room for one more; the one that has waited longest makes some."""
        self._open[one] = None
        if self._next is None:
            self._next = self._again(loop)
        if len(self._open) <= self._most:
            return True
        waiting = {
            other: since
            for other in self._open
            if other is not one and (since := other.waiting()) is not None
        }
        if waiting:
            min(waiting, key=lambda other: waiting[other]).give_way()
        return bool(waiting)

    def remove(self, one: Connection) -> None:
        """It was closed."""
        self._open.pop(one, None)

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        now = loop.time()
        if now - due < EVERY:  # else this process was busy, and has not read yet what came meanwhile
            for one in [*self._open]:
                one.look(now)
        self._next = self._again(loop) if self._open else None

    def _again(self, loop: asyncio.AbstractEventLoop) -> asyncio.TimerHandle:
        due = loop.time() + EVERY
        return loop.call_at(due, self._look, loop, due)
