"""`load`: files into the database, as fast as it takes them, beside a running service.

Every resource is put under its id, so that loading again changes nothing. How far an interrupted load has come is
kept in the database, batch by batch, and forgotten when the load has ended.
"""

import logging.config
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO

from api.cli import REFUSED, CommandError
from api.clock import now
from api.commands.database import migrated
from api.commands.limits import ruleset
from api.commands.loading import BATCH, Loading
from api.commands.logs import configuration
from api.commands.portions import File, batches, listed
from api.commands.progress import Progress
from api.commands.reading import files
from api.commands.tally import Tally
from api.settings import Settings
from service.commit import Intake
from service.delivery import endpoints

YIELDED = 0.1
"""Share of the time left to a service that writes to the same SQLite file, where writers do not queue."""


def run(given: Namespace, settings: Settings) -> int:
    """Load, and tell what became of every resource; 1 if any was refused."""
    logging.config.dictConfig(configuration("warning"))
    rules, paths = ruleset(settings.limits_file), files(given.files)
    began = time.monotonic()
    with migrated(settings.database_url) as database, _rejects(given.reject) as rejects:
        chosen = listed(paths, None if given.from_start else database.positions)
        with Progress(sum(file.size for file in chosen)) as progress:
            tally = Tally(progress.say, rejects)
            _resume(chosen, tally, progress)
            share = YIELDED if settings.database_url.startswith("sqlite") else 0.0
            interval = timedelta(seconds=settings.remind_seconds)
            intake = Intake(
                database.ledger, rules, now, interval, endpoints.read(settings.subscription_hosts)
            )
            _load(Loading(chosen, intake, database.positions, tally, share), settings.base_url, progress)
    seconds = time.monotonic() - began
    rate = f"{tally.written / seconds:,.0f} a second"
    print(
        f"{tally.written:,} resources of {len(chosen):,} files in {seconds:.1f} s, {rate}.",
        *tally.lines(),
        sep="\n",
    )
    return REFUSED if tally.refused else 0


def _load(loading: Loading, base_url: str, progress: Progress) -> None:
    bases = (f"{base_url}/fhir",) if base_url else ()
    try:
        for parts in batches(loading.files, bases, BATCH):
            loading.commit(parts)
            done = loading.files[parts[-1].file].before + parts[-1].offset
            progress.reached(done, loading.tally.written)
    except KeyboardInterrupt:
        progress.say("Interrupted. Run the same command again to go on from here.")
        raise
    loading.positions.clear([file.source for file in loading.files])


def _resume(chosen: list[File], tally: Tally, progress: Progress) -> None:
    """Say so where an interrupted run is taken up; what it refused counts."""
    begun = [file for file in chosen if file.reached.lines]
    if begun:
        last = begun[-1]
        progress.say(f"Going on after {last.path}:{last.reached.lines}, where an interrupted run ended.")
    tally.refused = sum(file.reached.refused for file in begun)


@contextmanager
def _rejects(name: str | None) -> Iterator[IO[bytes] | None]:
    """The file of rejects, added to: an interrupted run may have begun it."""
    if name is None:
        yield None
        return
    try:
        file = Path(name).open("ab")  # noqa: SIM115 - closed below: only its opening is explained here
    except OSError as error:
        raise CommandError(f"{name} cannot be written: {error.strerror}.") from error
    with file:
        yield file
