"""What is given to be judged, files or a database, as charts of one patient after the other."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from api.cli import MISUSED, CommandError
from api.commands.database import read_only
from api.commands.preparing import Portion, Ready, Rejected, prepare
from api.commands.reading import files, texts
from api.commands.tally import Tally
from models.errors import Invalid
from models.store.ledger import Ledger
from service.alerts.chart import Chart
from service.evaluate import charts, watchable
from service.loading import how_many, patients, whole
from service.record.record import Record

DATABASES = ("sqlite:", "postgresql:", "postgres:")
Document = dict[str, Any]


class Data(NamedTuple):
    """`patients` charts without alerts, and what they come from: `about`, such as "12 resources"."""

    about: str
    patients: int
    charts: Iterable[Chart]


@contextmanager
def opened(names: Sequence[str], at: datetime, bases: tuple[str, ...], tally: Tally) -> Iterator[Data]:
    """The data as known at `at`; what of files cannot be judged goes to the tally. Raises CommandError."""
    if not any(name.startswith(DATABASES) for name in names):
        resources = _resources(names, bases, tally)
        found = charts(resources, at, bases)
        yield Data(f"{len(resources):,} resources", len(found), found)
        return
    if len(names) > 1:
        raise CommandError("A database is judged by itself; leave out the other files.", MISUSED)
    with read_only(names[0]) as ledger:
        number = how_many(ledger)
        yield Data(f"{number:,} patients", number, _stored(ledger, at))


def _stored(ledger: Ledger, at: datetime) -> Iterator[Chart]:
    """A patient at a time: a database need not fit into memory."""
    for patient in patients(ledger):
        record = whole(ledger, patient).chart.record
        facts = [fact for fact in record.facts.values() if fact.recorded <= at]
        yield Chart(patient, record if len(facts) == len(record.facts) else Record.of(facts))


def _resources(names: Iterable[str], bases: tuple[str, ...], tally: Tally) -> list[Document]:
    """Everything in the files that can be judged; the rest goes to the tally."""
    found: list[Document] = []
    for path in files(names):
        for line, raw, offset in texts(path):
            part = prepare(Portion(0, offset, ((line, raw),), bases))
            tally.skipped += part.skipped
            for item in part.items:
                if not isinstance(item, Ready):
                    tally.refuse(f"{path}:{line}", item)
                    continue
                doc = dict(item.write.entries[0].doc or {})
                try:
                    watchable(doc, bases)
                    found.append(doc)
                except Invalid as error:
                    tally.refuse(f"{path}:{line}", Rejected(item.line, error.problems, doc))
    return found
