"""The demo ward into a database, as if it had been watched all along: each resource at its own time.

So episodes, phases and repeats are those of a ward, not of a file loaded late. Possible only in a database that
holds nothing else, where the clock of the past is still free.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from api.cli import CommandError
from api.clock import now
from api.commands.database import migrated
from api.commands.limits import ruleset
from api.commands.loading import patiently
from api.demo.documents import Dated, Document, documents
from api.demo.events import span
from api.demo.ward import WARD
from api.settings import Settings
from models.fhir.codec import parse
from models.resource_types import TYPES
from models.search.query import Query
from models.search.query import parse as query_of
from models.store.ledger import Ledger
from models.times import moment
from models.times import span as span_of_date
from service.commit import Intake, Written
from service.intake import Entry, Write, entry

LONGEST = max(WARD, key=lambda stay: span(stay.length))
"""The stay that began first; its Condition tells when the ward was opened."""


def ward(today: datetime) -> list[Dated]:
    """Every resource of the ward as it stands at `today`, oldest first."""
    found = [dated for stay in WARD for dated in documents(stay, today - span(stay.length))]
    return sorted(found, key=lambda dated: dated.at)


def load(settings: Settings) -> str:
    """Load what is missing; a sentence about it. Raises CommandError in a database with other contents."""
    with migrated(settings.database_url) as database:
        replay = _Replay(database.ledger, settings)
        return replay.run(ward(now().replace(second=0, microsecond=0)))


NEVER = timedelta()
"""Nobody is reminded of what was replayed: it is long past."""


class _Replay:
    """An intake whose clock is set by hand."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self._ledger = ledger
        self._at = now()
        self._intake = Intake(ledger, ruleset(settings.limits_file), lambda: self._at, NEVER)

    def run(self, dated: Sequence[Dated]) -> str:
        """A ward that was begun goes on at its own times, one that is complete is left as its users have made it."""
        first, last = dated[0].doc, dated[-1].doc
        begun, ended, other = self._state(first, last)
        if ended:
            return "The demo ward is in the database already."
        if other and not begun:
            raise CommandError(
                f"--demo loads into an empty database, and there are resources of somebody else in this one ({other}): "
                "start without --demo, or name another database."
            )
        opened = self._open(first, dated[0].at)
        for at, group in groupby(ward(opened + span(LONGEST.length)), key=lambda one: one.at):
            self._put(at, [entry("PUT", one.doc, one.doc["id"], ()) for one in group])
        return f"The demo ward is loaded: {len(WARD)} patients, {len(dated)} resources."

    def _state(self, first: Document, last: Document) -> tuple[bool, bool, str]:
        """Whether the ward was begun, whether it is complete, a type of which there is anything at all."""
        keys = [(doc["resourceType"], doc["id"]) for doc in (first, last)]
        with self._ledger.turn() as turn:
            # In this order: what another process loads meanwhile is never taken for somebody else's.
            other = next((name for name, type in TYPES.items() if turn.search(Query(type), 1)), "")
            found = turn.latest(set(keys))
        return keys[0] in found, keys[1] in found, other

    def _open(self, condition: Document, at: datetime) -> datetime:
        """When the ward was opened: now, unless another process, or an earlier try, was first."""
        query = query_of(TYPES["Condition"], [("_id", condition["id"])], (), at)
        kept = self._put(at, [entry("POST", condition, condition["id"], (), if_none_exist=query)])
        return moment(span_of_date(parse(kept[0].stored.content.encode())["onsetDateTime"]).low)

    def _put(self, at: datetime, entries: Sequence[Entry]) -> list[Written]:
        self._at = at
        answers = patiently(self._intake, [Write((one,)) for one in entries])
        kept: list[Written] = []
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
            kept += answer
        return kept
