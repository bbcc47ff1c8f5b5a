"""Telling one Subscription: what comes, in the order of commit, again until its endpoint has taken it.

At least once: a position moves after the endpoint has answered. In order for each patient: of what concerns one, the
next is sent once the one before is taken. An endpoint that is slow or down keeps nobody else waiting, since every
Subscription has a lane of its own.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

from models.errors import PreconditionFailed, Refused
from models.fhir.codec import dump
from models.store import delivering
from models.store.conditions import only_alerts
from models.store.delivering import Place, Told
from models.store.ledger import Turn
from models.stored import Stored
from models.times import micros, moment
from service.audit.disclosure import disclosed, tried
from service.audit.event import Event
from service.commit import Missed
from service.delivery import notification, topic
from service.delivery.means import Means
from service.delivery.notification import Notification, Undelivered
from service.delivery.subscription import Subscription
from service.delivery.topic import Numbered

log = logging.getLogger(__name__)
PAGE, AT_ONCE = 20, 4
"""Changes that are told before the position moves; patients who are told of at once."""
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 60.0
"""Seconds before an endpoint is tried again: doubled with each failure, up to the longest; then half to one and a half
times as long, by chance."""
SURE = 3.0
"""Seconds for which this process counts on telling a Subscription since it last read that it does. One that was frozen
for longer finds out first: another may have gone on meanwhile, and what is told late would come out of order."""
DATABASE_PAUSE = 1.0
"""Seconds before something is asked again of a database that does not answer."""
ERROR_AFTER = 5
"""Failures in a row after which a Subscription is in error; it is tried on all the same."""


class Lane:
    """One Subscription, the version of its resource, and how far it has been told."""

    def __init__(self, asked: Subscription, stored: Stored, place: Place, means: Means) -> None:
        self.asked, self.place, self.lost = asked, place, False
        self._stored, self._means = stored, means
        self._behind = place.seq
        self._ahead: set[int] = set()
        self._owed: Sequence[Stored] = ()
        self.alerts = only_alerts(asked.query)
        self.news = asyncio.Event()
        self._stopped = asyncio.Event()
        self.head = 0
        self.sure = 0.0

    async def run(self) -> None:
        """Tell it until it is stopped, turned off or told by another process."""
        while not (self._stopped.is_set() or self.lost or self.asked.status == "off"):
            try:
                await self._attempt()
            except PreconditionFailed:
                return  # a client has changed the Subscription: what it asks now is another lane's
            except Refused as error:
                log.warning("a Subscription could not be told: %s", type(error).__name__)
                await self._pause(DATABASE_PAUSE)

    def stop(self) -> None:
        """End after what is under way."""
        self._stopped.set()
        self.news.set()

    async def _attempt(self) -> None:
        try:
            await (self._become("off") if self.over() else self._round())
        except Undelivered as failure:
            await self._failed(failure)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopped.wait()

    @property
    def number(self) -> int:
        """The version of the Subscription that is told."""
        return self._stored.number

    def over(self) -> bool:
        """Whether the Subscription's end has come."""
        return self.asked.end is not None and self.asked.end <= micros(self._means.clock())

    async def _round(self) -> None:
        if self._owed:
            await self._move()
        if self.asked.status == "requested":
            await self._shake()
        head = self.head
        page = await self._page()
        if page:
            await self._tell(page)
            if self.asked.status == "error":
                await self._become("active")
            return
        self._behind = max(self._behind, head)
        if self.asked.status == "error":
            await self._shake()
        await self._wait()

    async def _page(self) -> Sequence[Stored]:
        limit = self.asked.events if self.asked.topical else PAGE
        rows = await self._means.reader.rows(*delivering.page(self.asked.query, self._behind, limit))
        return [Stored(*row) for row in rows]

    async def _wait(self) -> None:
        """Until something has changed; a heartbeat is sent where nothing has for so long."""
        try:
            async with asyncio.timeout(self.asked.heartbeat or None):
                await self.news.wait()
        except TimeoutError:
            await self._send("heartbeat", ())
        self.news.clear()

    async def _shake(self) -> None:
        if self.asked.topical:
            await self._send("handshake", ())
        else:
            await self._out(notification.handshake(self.asked, self._means.clock()))
        await self._become("active")

    async def _tell(self, page: Sequence[Stored]) -> None:
        """Tell of a page; of one that fails midway what came before the first failure counts as told."""
        if self.asked.topical:
            events = [Numbered(self.place.number + at, one) for at, one in enumerate(page, 1)]
            await self._send("event-notification", events)
            self._means.pushed([one.seq for one in page])
            told, failure = [True] * len(page), None
        else:
            told, failure = await self._each(page)
        number = next((at for at, taken in enumerate(told) if not taken), len(told))
        if number:
            self._owed = page[:number]
            await self._move()
        if failure:
            raise failure

    async def _each(self, page: Sequence[Stored]) -> tuple[list[bool], Exception | None]:
        """Send each version by itself, several patients at once: which were taken, and what went wrong first.

        Those that were taken while one before them failed are not sent again with it.
        """
        told, failures = [one.seq in self._ahead for one in page], list[Exception]()
        patients: dict[str, list[int]] = {}
        for at, one in enumerate(page):
            if not told[at]:
                patients.setdefault(one.patient or one.reference, []).append(at)
        places = asyncio.Semaphore(1 if self.place.failures else AT_ONCE)

        async def tell(patient: Sequence[int]) -> None:
            async with places:
                for at in patient:
                    if failures or self.lost or self._stopped.is_set():
                        return
                    try:
                        await self._out(notification.of(self.asked, page[at]))
                    except (Undelivered, Refused) as failure:
                        failures.append(failure)
                        return
                    told[at] = True
                    self._ahead.add(page[at].seq)
                    self._means.pushed((page[at].seq,))

        await asyncio.gather(*map(tell, patients.values()))
        return told, failures[0] if failures else None

    async def _send(self, kind: str, events: Sequence[Numbered]) -> None:
        """A notification of a topic."""
        total = self.place.number + len(events)
        made = topic.notification(self.asked, kind, total, events, self._means.base)
        name = f"{events[0].number}-{total}" if events else f"{kind}.{self._means.clock():%Y%m%dT%H%M%SZ}"
        await self._out(notification.bundle(self.asked, name, dump(made)))

    async def _out(self, made: Notification) -> None:
        """Send it, if it is still this process that tells the Subscription. Raises Undelivered."""
        now = asyncio.get_running_loop().time()
        if now - self.sure > SURE:
            rows = await self._means.reader.rows(delivering.OWNER, {"id": self.asked.id})
            if [*rows] != [(self._means.me,)]:
                raise PreconditionFailed("Another process tells this Subscription.")
            self.sure = now
        await self._means.send(self.asked.id, made)

    async def _move(self) -> None:
        """Keep that these were taken; what the database cannot keep now is owed, and not sent again."""
        page, number = self._owed, self.place.number
        place = Place(page[-1].seq, number + len(page))
        events = [(number + at, one.seq) for at, one in enumerate(page, 1)] if self.asked.topical else []
        audit = tuple(disclosed(self.asked, one, self._means.base) for one in page)
        await self._keep(place, events, audit)
        self._owed, self._behind = (), place.seq
        self._ahead = {seq for seq in self._ahead if seq > place.seq}

    async def _keep(
        self, place: Place, events: Sequence[tuple[int, int]] = (), audit: tuple[Event, ...] = ()
    ) -> None:
        told = Told(self.asked.id, self.number, place, events)
        try:
            work = partial(_place, self._means.me, told)
            await self._means.within(self.asked.id, work, audit)
        except Missed:
            self.lost = True
        else:
            self.place = place

    async def _failed(self, failure: Undelivered) -> None:
        """Count it, say it where it lasts, wait; in the end turn the Subscription off."""
        now = micros(self._means.clock())
        since = now if self.place.since is None else self.place.since
        failed = self.place._replace(failures=self.place.failures + 1, since=since)
        await self._keep(failed, audit=(tried(self.asked, self._means.base),))
        if self.lost:
            return
        lasted = moment(now) - moment(since)
        if not self.patient(lasted):
            await self._become("off", f"{failure} Turned off after {_told(lasted)} in vain.")
            return
        if self.asked.status == "requested" or (
            self.asked.status == "active" and self.place.failures >= ERROR_AFTER
        ):
            await self._become("error", f"{failure} It is tried again until it is taken.")
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self.place.failures - 1, 20))
        pause *= 0.5 + self._means.chance()
        await self._pause(max(pause, min(failure.after, LONGEST_PAUSE)))

    def patient(self, lasted: timedelta) -> bool:
        """Whether an endpoint that has failed for so long is tried again."""
        return lasted <= self._means.patience

    async def _become(self, status: str, error: str = "") -> None:
        self._stored = await self._means.state(self._stored, status, error)
        self.asked = self.asked._replace(status=status)
        if status == "active" and self.place.failures:
            await self._keep(self.place._replace(failures=0, since=None))


def _place(me: str, told: Told, turn: Turn) -> bool:
    return turn.deliveries(me).place(told)


def _told(lasted: timedelta) -> str:
    hours = lasted.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours >= 2 else f"{lasted.total_seconds():.0f} seconds"
