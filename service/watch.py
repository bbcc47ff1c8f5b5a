"""The watch over those who read alerts: tells the log once when one of them is late, and once when it no longer is."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from models.store.reader import Reader
from service.lag import Lag, lags

log = logging.getLogger(__name__)
EVERY = 15
"""Seconds between two looks."""


class Watch:
    """Looks every so many seconds, as `clock` tells the time, whether somebody is later than `limit` seconds."""

    def __init__(self, reader: Reader, clock: Callable[[], datetime], limit: int) -> None:
        self._reader, self._clock, self._limit = reader, clock, limit
        self._late: dict[str, Lag] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look, where there is a limit; called in the event loop."""
        if self._limit:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Look no more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> None:
        """Tell who became late since the last look, and who did not stay so."""
        now = self._clock()
        late = {lag.name: lag for lag in await lags(self._reader, now) if lag.late(now, self._limit)}
        for name in sorted(late.keys() - self._late.keys()):
            waiting, silent = late[name].waiting(now), late[name].silent(now)
            told = "%s is late: %d alerts wait, the oldest for %d s; it last fetched %d s ago"
            log.warning(told, name, late[name].alerts, waiting, silent)
        for name in sorted(self._late.keys() - late.keys()):
            log.warning("%s is late no more", name)
        self._late = late

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(
                EVERY
            )  # first of all: engines that waited for the service to start are not late
            try:
                await self.look()
            except Exception as error:  # it must not end while the service runs, whatever a database answers
                log.error("it could not be told who is late: %s", type(error).__name__)
