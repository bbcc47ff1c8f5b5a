"""`reevaluate`: the alerts of a database become what its records imply under the rules in force.

A patient at a time: read, judged, and written only where something changes, in a transaction that finds the record as
it was read or is tried again; so services go on beside it. How far an interrupted run has come is kept in the database.
"""

import hashlib
import logging.config
import shutil
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from api.cli import REFUSED, CommandError
from api.clock import now
from api.commands.changes import IN_TIME, changes
from api.commands.database import migrated, read_only
from api.commands.limits import ruleset
from api.commands.loading import PAUSES
from api.commands.logs import configuration
from api.commands.progress import Progress
from api.commands.table import table
from api.settings import Settings
from models.errors import Invalid, Unavailable
from models.store.ledger import Ledger
from models.store.positions import Positions, Reached
from service.alerts.chart import rejudged
from service.commit import Intake
from service.comparison import Compared, Comparison, compared
from service.loading import how_many, patients, whole
from service.ruleset import Ruleset

WIDE = 160
NOTED = 100
"""Patients after which it is noted how far that is; after a crash they are judged once more, which changes nothing."""
TRIES = 10
"""Of a patient whose record is being written to all the while."""
OLD = timedelta(hours=24)


@dataclass(slots=True)
class Run:
    """One run: `reader` reads, `intake` writes (None: a dry run), `say` tells what was refused."""

    reader: Ledger
    rules: Ruleset
    progress: Progress
    intake: Intake | None = None
    comparison: Comparison = field(default_factory=Comparison)
    refused: int = 0
    paged: int = 0
    paged_old: int = 0

    def patient(self, patient: str) -> None:
        """Judge a patient's record anew, and write what has changed."""
        try:
            one = self._patiently(patient)
        except Invalid as error:
            self.refused += 1
            self.progress.say("; ".join(problem.text for problem in error.problems))
            return
        self.comparison.take(one)
        paged = [new for kind, _, new in one.differences if kind == "added" and new and new.pageable]
        self.paged += len(paged)
        self.paged_old += sum(now() - alert.at > OLD for alert in paged)

    def _patiently(self, patient: str) -> Compared:
        """Asked again as long as the database is away. Raises CommandError when it stays away."""
        for pause in (*PAUSES, None):
            try:
                return self._judged(patient)
            except Unavailable as error:
                if pause is None:
                    raise CommandError(f"{error} Run the same command again to go on from here.") from error
                time.sleep(pause)
        raise AssertionError

    def _judged(self, patient: str) -> Compared:
        for _ in range(TRIES):
            kept = whole(self.reader, patient)
            revision = rejudged(kept.chart, now(), self.rules)
            same = not revision.changed and revision.chart.due == kept.chart.due
            if self.intake is None or same or self.intake.adopt(kept, revision):
                return compared(kept.chart, revision.chart)
        raise Unavailable("A record is written to all the time.")


def run(given: Namespace, settings: Settings) -> int:
    """Show what would change, or change it; 1 if a patient's alerts could not be written."""
    logging.config.dictConfig(configuration("warning"))
    rules, url = ruleset(settings.limits_file), settings.database_url
    with _writing(url, apply=given.apply) as (ledger, positions), read_only(url) as reader:
        source = source_of(rules)
        done = (
            positions.read([source]).get(source, Reached())
            if positions and not given.from_start
            else Reached()
        )
        with Progress(how_many(reader), " patients", "alerts changed") as progress:
            if done.lines:
                progress.say(f"Going on after {done.lines:,} patients, where an interrupted run ended.")
            interval = timedelta(seconds=settings.remind_seconds)
            intake = Intake(ledger, rules, now, interval) if ledger else None
            made = Run(reader, rules, progress, intake, refused=done.refused)
            for number, patient in enumerate(islice(patients(reader), done.lines, None), done.lines + 1):
                made.patient(patient)
                progress.reached(number, made.comparison.changes)
                if positions and number % NOTED == 0:
                    positions.keep({source: Reached(number, made.refused)})
        if positions:
            positions.clear([source])
    _tell(made)
    return REFUSED if made.refused else 0


@contextmanager
def _writing(url: str, *, apply: bool) -> Iterator[tuple[Ledger, Positions] | tuple[None, None]]:
    """What a run writes to; nothing where it only shows."""
    if not apply:
        yield None, None
        return
    with migrated(url) as database:
        yield database.ledger, database.positions


def source_of(rules: Ruleset) -> str:
    """What a run is known by: the rules and limits that it applies."""
    limits = [
        (id, rule.major, sorted(map(str, limits.values()))) for id, (rule, limits) in rules.by_id.items()
    ]
    known = f"reevaluate|{rules.version}|{limits}"
    return hashlib.blake2b(known.encode(), digest_size=16).hexdigest()


def _tell(made: Run) -> None:
    comparison, applied = made.comparison, made.intake is not None
    width = min(shutil.get_terminal_size((WIDE, 24)).columns, WIDE)
    print(*table(changes(comparison, IN_TIME), width), "", sep="\n")
    print(
        f"{comparison.patients:,} patients with {comparison.facts:,} readings, doses, orders and others; alerts "
        f"{'changed' if applied else 'would change'} for {comparison.changed:,} patients."
    )
    if made.paged:
        print(
            f"Raised and pageable: {made.paged:,}, of these {made.paged_old:,} about what is older than a day."
        )
    if made.refused:
        print(f"Patients whose alerts could not be written: {made.refused:,}.")
    if not applied:
        print("Nothing was written; --apply writes it.")
