"""The ticker: asks the clock rules about a patient at the instant at which one of them becomes true (decision 24), and
reminds of alerts that nobody has taken up.

Every process has one. Whoever comes first judges, under the patient's lock, in the transaction that keeps the alerts;
the others find nothing left to say.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from models.store import queries
from models.store.reader import Reader
from models.store.statement import Statement
from models.times import micros
from service.intake import Write
from service.writer import Writer

log = logging.getLogger(__name__)
PAGE = 256
"""Patients that are asked about at once."""


class Ticker:
    """Looks every so many seconds, as `clock` tells the time, for patients about whom something is due."""

    def __init__(self, reader: Reader, writer: Writer, clock: Callable[[], datetime], every: float) -> None:
        self._reader, self._writer, self._clock, self._every = reader, writer, clock, every
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look; called in the event loop."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Look no more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def tick(self) -> int:
        """Ask about everybody about whom something is due by now; how many that were."""
        return sum([await self._asked(find) for find in (queries.due, queries.waiting)])

    async def _asked(self, find: Callable[[int, tuple[int, str], int], Statement]) -> int:
        """The same of those whom one statement finds: by the clock rules, by the Tasks of alerts."""
        now, after, asked = micros(self._clock()), (0, ""), 0
        while True:
            statement = find(now, after, PAGE)
            rows = await self._reader.rows(statement.sql, statement.args)
            if not rows:
                return asked
            writes = [self._writer.submit(Write((), due=(patient,))) for patient, _ in rows]
            for failed in await asyncio.gather(*writes, return_exceptions=True):
                if isinstance(failed, Exception):
                    log.error("the clock rules could not be asked: %s", type(failed).__name__)
            asked += len(rows)
            after = rows[-1][1], rows[-1][0]

    async def _run(self) -> None:
        while True:
            try:
                await self.tick()
            except Exception as error:  # it must not end while the service runs, whatever a database answers
                log.error("the clock rules could not be asked: %s", type(error).__name__)
            await asyncio.sleep(self._every)
