"""Which process tells which Subscription: a lane each for those that this one has taken.

A process that dies is noticed by its beat, which stands still; whoever notices takes its Subscriptions over and goes on
behind the last change that was acknowledged.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from models.errors import PreconditionFailed, Refused
from models.fhir.codec import parse
from models.problem import Problem
from models.store import delivering
from models.store.delivering import Place
from models.store.ledger import Turn
from models.stored import Stored
from service.delivery.endpoints import Endpoints
from service.delivery.lane import Lane
from service.delivery.means import Means
from service.delivery.subscription import Subscription, read

log = logging.getLogger(__name__)
LOOK, WATCH = 1.0, 0.1
"""Seconds between looks for Subscriptions, and between looks for news."""
DEAD_AFTER = 6
"""Looks after which a beat that stands still is that of a dead process; longer than a write may take. Looks and no
seconds: while the database is away nobody can beat, and a process that was frozen itself has seen nothing."""
AT_ONCE = 32
"""Subscriptions that are taken at a look, so that processes that start together share them."""
REVOKED = (
    "The client that asked for this was revoked. Another that may write it can send it again as requested."
)
DRAIN = 3.0
"""Seconds that what is under way has to be taken when the service ends."""


class Listed(NamedTuple):
    """A Subscription as it is kept, how far it has been told, by whom, that process's beat (None: it is gone),
    and whether its client was revoked."""

    stored: Stored
    place: Place | None
    owner: str | None
    beat: int | None
    revoked: bool

    @property
    def id(self) -> str:
        """The Subscription's."""
        return self.stored.id


class Dispatcher:
    """Tells the Subscriptions of this process; `allowed` are the endpoints that it may reach."""

    def __init__(self, means: Means, allowed: Endpoints) -> None:
        self._means, self._allowed = means, allowed
        self._lanes: dict[str, tuple[Lane, asyncio.Task[None]]] = {}
        self._beats: dict[str, tuple[int, int]] = {}
        self._read: dict[int, tuple[Mapping[str, Any], Subscription | None, Sequence[Problem]]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._heads = (0, 0)
        self._alive = self._any = False

    def start(self) -> None:
        """Begin; called in the event loop."""
        loop = asyncio.get_running_loop()
        runs = (self._run(self._look, LOOK), self._run(self._watch, WATCH))
        self._tasks = [loop.create_task(run) for run in runs]

    async def stop(self) -> None:
        """Let what is under way end, then leave the Subscriptions to others."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        running = [self._end(id) for id in [*self._lanes]]
        if running:
            await asyncio.wait(running, timeout=DRAIN)
        await _cancelled(running)
        if self._alive:
            try:
                await self._means.within("", lambda turn: turn.deliveries(self._means.me).leave())
            except Refused as error:
                log.warning("the Subscriptions could not be left to others: %s", type(error).__name__)

    async def _run(self, work: Callable[[], Awaitable[None]], pause: float) -> None:
        while True:
            try:
                await work()
            except Exception as error:  # it must not end while the service runs, whatever a database answers
                log.error("Subscriptions could not be looked for: %s", type(error).__name__)
                await asyncio.sleep(LOOK)
            await asyncio.sleep(pause)

    async def _watch(self) -> None:
        """Wake the lanes when something that concerns them was committed."""
        if not self._lanes:
            return
        last, alerts = (await self._means.reader.rows(delivering.HEADS, {}))[0]
        before, self._heads = self._heads, (last, alerts)
        for lane, _ in self._lanes.values():
            lane.head = last
            if lane.alerts and alerts == before[1]:
                continue
            if last != before[0]:
                lane.news.set()

    async def _look(self) -> None:
        """See which Subscriptions there are, take those that nobody tells, start and stop lanes."""
        rows, asked = await self._listed()
        took = await self._take([row for row in rows if row.id in asked], self._dead(rows), self._off(rows))
        if await self._let_go(self._mine(rows, asked)) or took:
            rows, asked = await self._listed()  # a lane that has ended may have moved its position since
        self._go_on(self._mine(rows, asked), asked)
        for row in rows:
            await self._refuse(row)

    async def _listed(self) -> tuple[Sequence[Listed], Mapping[str, Subscription]]:
        """All that there are, and those of them that can be told; lanes learn that they are still this process's."""
        now = asyncio.get_running_loop().time()
        rows = [_row(row) for row in await self._means.reader.rows(delivering.LISTED, {})]
        self._read = {row.stored.seq: self._understood(row.stored) for row in rows}
        for row in rows:
            if row.owner == self._means.me and row.id in self._lanes:
                self._lanes[row.id][0].sure = now
        return rows, {row.id: found for row in rows if (found := self._wanted(row))}

    def _mine(self, rows: Iterable[Listed], asked: Mapping[str, Subscription]) -> Mapping[str, Listed]:
        return {row.id: row for row in rows if row.owner == self._means.me and row.id in asked}

    def _understood(self, stored: Stored) -> tuple[Mapping[str, Any], Subscription | None, Sequence[Problem]]:
        if stored.seq in self._read:
            return self._read[stored.seq]
        doc = parse(stored.content.encode())
        return doc, *read(doc, (f"{self._means.base}",), self._allowed, self._means.clock())

    def _wanted(self, row: Listed) -> Subscription | None:
        _, found, _ = self._read[row.stored.seq]
        return found if found and found.status != "off" and not row.revoked else None

    def _off(self, rows: Iterable[Listed]) -> Sequence[tuple[str, int]]:
        """Those that a client has turned off, each with the version that says so: asked for again they begin anew. What
        this service has turned off, after failures, goes on where it was."""
        docs = [(row, self._read[row.stored.seq][0]) for row in rows if row.place]
        return [
            (row.id, row.stored.number) for row, doc in docs if doc["status"] == "off" and "error" not in doc
        ]

    def _dead(self, rows: Iterable[Listed]) -> dict[str, int]:
        """Processes whose beat stands still, each with the beat at which it does."""
        beats = {row.owner: row.beat for row in rows if row.owner and row.beat is not None}
        before = self._beats
        self._beats = {
            owner: (beat, before[owner][1] + 1) if before.get(owner, (None,))[0] == beat else (beat, 0)
            for owner, beat in beats.items()
        }
        return {
            owner: beat
            for owner, (beat, looks) in self._beats.items()
            if owner != self._means.me and looks >= DEAD_AFTER
        }

    async def _take(
        self, rows: Sequence[Listed], dead: Mapping[str, int], off: Sequence[tuple[str, int]]
    ) -> bool:
        """Beat, and take what nobody tells; whether there was any. At the first look only beat, so that others know of
        this process."""
        free = [row for row in rows if row.owner is None or row.beat is None or row.owner in dead]
        if self._alive and not (rows or off or self._any):
            return False

        def chore(turn: Turn) -> bool:
            deliveries = turn.deliveries(self._means.me)
            deliveries.beat([*dead.items()])
            deliveries.forget(off)
            if self._alive:
                deliveries.take([(row.id, row.stored.seq) for row in free[:AT_ONCE]])
            return True

        await self._means.within("", chore)
        took, self._alive, self._any = self._alive and bool(free), True, bool(rows)
        return took

    async def _let_go(self, mine: Mapping[str, Listed]) -> bool:
        """End the lanes that are not this process's any more, or whose Subscriptions ask otherwise; whether any was."""
        ended = [
            self._end(id)
            for id, (lane, task) in [*self._lanes.items()]
            if id not in mine or task.done() or mine[id].stored.number > lane.number
        ]
        await _cancelled(ended)
        return bool(ended)

    def _go_on(self, mine: Mapping[str, Listed], asked: Mapping[str, Subscription]) -> None:
        """A lane for each; those whose end has come look up."""
        loop = asyncio.get_running_loop()
        for id, row in mine.items():
            if id not in self._lanes:
                assert row.place is not None, "whoever owns it has a row"
                lane = Lane(asked[id], row.stored, row.place, self._means)
                self._lanes[id] = lane, loop.create_task(lane.run())
            lane, _ = self._lanes[id]
            if lane.over():
                lane.news.set()

    def _end(self, id: str) -> asyncio.Task[None]:
        """Ask a lane to stop after what is under way."""
        lane, task = self._lanes.pop(id)
        lane.stop()
        return task

    async def _refuse(self, row: Listed) -> None:
        """Say of one that can no longer be told, since the site's settings have changed or its client was revoked, why
        that is so."""
        doc, _, problems = self._read[row.stored.seq]
        try:
            if row.revoked and doc["status"] != "off":
                await self._means.state(row.stored, "off", REVOKED)
            elif problems and doc["status"] in ("requested", "active"):
                await self._means.state(row.stored, "error", problems[0].text)
        except PreconditionFailed:
            log.info("a Subscription was changed before it could be refused")


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for end in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(end, Exception):
            log.error("telling a Subscription failed: %s", type(end).__name__)


def _row(row: Sequence[Any]) -> Listed:
    width = len(Stored._fields)
    seq, number, failures, since, owner, beat, revoked = row[width:]
    place = None if seq is None else Place(seq, number, failures, since)
    return Listed(Stored(*row[:width]), place, owner, beat, bool(revoked))
