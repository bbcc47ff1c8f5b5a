"""What Subscriptions are told with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.fhir.codec import parse
from models.store.ledger import Turn
from models.store.reader import Reader
from models.stored import Stored
from service.audit.event import Event
from service.commit import Missed
from service.delivery.notification import Sender
from service.intake import Chore, Write, entry
from service.writer import Writer


@dataclass(frozen=True, slots=True)
class Means:
    """What every lane works with: `chance` gives a number from 0 to 1, `patience` is how long an endpoint may fail
    before its Subscription is turned off, `pushed` is told when what was taken had been committed (microseconds)."""

    reader: Reader
    writer: Writer
    send: Sender
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    pushed: Callable[[Iterable[int]], None]
    patience: timedelta
    base: str
    me: str
    audited: bool = False

    async def within(
        self, subscription: str, work: Callable[[Turn], bool], events: tuple[Event, ...] = ()
    ) -> None:
        """Do something inside a transaction of the writer, with what tells the audit. Raises Missed where it comes to
        nothing; what was sent was sent all the same, and is noted."""
        told = events if self.audited else ()
        try:
            await self.writer.submit(
                Write((), chore=Chore(f"Subscription/{subscription}", work), events=told)
            )
        except Missed:
            if told:
                await self.writer.submit(Write((), events=told))
            raise

    async def state(self, stored: Stored, status: str, error: str = "") -> Stored:
        """Write a Subscription's state; PreconditionFailed where a client was quicker."""
        doc = parse(stored.content.encode())
        kept = {name: value for name, value in doc.items() if name not in ("error", "_error")}
        new = {**kept, "status": status, **({"error": error} if error else {})}
        made = entry("PUT", new, stored.id, (), f'W/"{stored.number}"')._replace(own=True)
        (written,) = await self.writer.submit(Write((made,)))
        return written.stored
