"""How far those who read alerts are behind, whichever way they read: for the resource, the metrics and the health."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from models.access.permissions import Permissions
from models.fhir.codec import parse
from models.search.question import Query
from models.store import consumers as statements
from models.store import delivering, search
from models.store.reader import Reader
from models.stored import Stored
from models.times import micros
from service.consumers import behind, owner
from service.delivery.endpoints import ANYWHERE
from service.delivery.subscription import read

MOST = 10_000
"""Alerts that are counted; a reader so far behind is told as `at least`."""


class Lag(NamedTuple):
    """Where one reader stands. Instants are in microseconds, `position` among them; None: never, or not told.

    `alerts` wait to be acknowledged, the oldest committed at `oldest`. `fetched` is None for a reader that does not
    fetch, but is sent what there is.
    """

    name: str
    criteria: str
    position: int
    alerts: int
    oldest: int | None
    fetched: int | None
    acknowledged: int | None

    def waiting(self, now: datetime) -> float:
        """Seconds for which the oldest alert has waited."""
        return _since(self.oldest, now)

    def silent(self, now: datetime) -> float:
        """Seconds since the last fetch."""
        return _since(self.fetched, now)

    def late(self, now: datetime, limit: int) -> bool:
        """Whether alerts wait, or nothing was fetched, for longer than `limit` seconds (0: never)."""
        return 0 < limit < max(self.waiting(now), self.silent(now))


def _since(instant: int | None, now: datetime) -> float:
    return 0.0 if instant is None else max(0, micros(now) - instant) / 1e6


async def consumers(reader: Reader, now: datetime) -> list[Lag]:
    """Those whose position is kept here."""
    found = statements.consumers(await reader.rows(*statements.every()))
    return [await of_consumer(one, reader, now) for one in found]


async def of_client(reader: Reader, now: datetime, held: Permissions) -> list[Lag]:
    """Those of one client, each by what its client may search: how many alerts wait tells of them."""
    found = statements.consumers(await reader.rows(*statements.every()))
    mine = [one for one in found if owner(one.name) == held.client]
    return [await of_consumer(one, reader, now, held.narrowed) for one in mine]


async def of_consumer(
    one: statements.Consumer, reader: Reader, now: datetime, held: Callable[[Query], Query] | None = None
) -> Lag:
    """One of them; `held` narrows what is counted."""
    asked = behind(one, one.position, now)
    ((alerts, oldest),) = await reader.rows(*search.waiting(held(asked) if held else asked, MOST))
    acknowledged = one.acknowledged or None
    return Lag(one.name, one.criteria, one.position, alerts, oldest, one.fetched, acknowledged)


async def subscriptions(reader: Reader, now: datetime) -> list[Lag]:
    """Those that are told, and those that were until their endpoints failed for too long."""
    rows = await reader.rows(delivering.LISTED, {})
    return [lag for row in rows if (lag := await _of_subscription(row, reader, now))]


async def _of_subscription(row: Sequence[Any], reader: Reader, now: datetime) -> Lag | None:
    stored, seq = Stored(*row[: len(Stored._fields)]), row[len(Stored._fields)]
    doc = parse(stored.content.encode())
    asked, _ = read(doc, (), ANYWHERE, now)
    if asked is None or seq is None:
        return None
    ((waiting, oldest),) = await reader.rows(*delivering.behind(asked.query, seq, MOST))
    return Lag(stored.reference, doc["criteria"], seq, waiting, oldest, None, None)


SOURCES: Sequence[Callable[[Reader, datetime], Awaitable[list[Lag]]]] = (consumers, subscriptions)
"""Everybody who reads alerts, a line for each way of reading."""


async def lags(reader: Reader, now: datetime) -> list[Lag]:
    """Where all of them stand. Raises Unavailable."""
    return [lag for source in SOURCES for lag in await source(reader, now)]
