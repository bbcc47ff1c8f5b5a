"""What a batch of writes leaves in the audit: an event for each entry that was worked, in the same transaction.

A refusal is no work, and whoever tells the client of it has it noted; so are reads.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from models.stored import Stored
from service.audit.event import Event
from service.audit.kinds import OF_METHOD
from service.intake import Write
from service.pending import Pending


class Worked(Protocol):
    """What became of an entry."""

    @property
    def row(self) -> Pending | Stored:
        """The version that it left, or found."""


def witnessed(
    writes: Sequence[Write], worked: Sequence[Sequence[Worked] | Exception], missed: Collection[int]
) -> Iterator[Event]:
    """The events of those writes that are audited and were not refused."""
    for at, (write, parts) in enumerate(zip(writes, worked, strict=True)):
        if not write.events or isinstance(parts, Exception) or at in missed:
            continue
        if not parts:
            yield from write.events
        for place, part in enumerate(parts):
            event = write.events[0]
            if write.entries:
                event = event._replace(kind=OF_METHOD[write.entries[place].method], query="")
            yield _about(event, part.row)


def _about(event: Event, row: Pending | Stored) -> Event:
    """The event, naming the version and its patient; a deletion that found nothing names what was to be deleted."""
    named = f"{row.reference}/_history/{row.number}" if row.number else row.reference
    resources = (*event.resources, named) if row.id else event.resources
    patients = dict.fromkeys((*event.patients, *filter(None, [row.patient])))
    return event._replace(resources=resources, patients=tuple(patients))
