"""`audit`: verify the chain of AuditEvents, or print them as NDJSON."""

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping

from api.cli import REFUSED
from api.commands.database import explained
from api.commands.progress import Progress
from api.settings import Settings
from models.store import walk


def run(given: Namespace, settings: Settings) -> int:
    """Beside a running service; 1 where the chain is broken. Raises CommandError."""
    with explained(settings.database_url):
        return ACTIONS[given.action](settings.database_url, given)


def _verify(url: str, given: Namespace) -> int:
    told = walk.Told(0, given.after, False)
    try:
        with walk.opened(url) as chain, Progress(walk.end(chain).number, " events", "verified") as progress:
            for told in walk.walk(chain, given.expect, given.after):
                progress.reached(told.events, told.events)
    except walk.BrokenChain as broken:
        print(f"BROKEN: {broken}.")
        return REFUSED
    print(f"{told.events} events, each in its place.")
    if told.hash:
        print(f"Note this hash where no one who can write to the database can: {told.hash}")
    return 0


def _export(url: str, _: Namespace) -> int:
    with walk.opened(url) as chain:
        for part in walk.rows(chain):
            sys.stdout.writelines(f"{row.text()}\n" for row in part)
    return 0


ACTIONS: Mapping[str, Callable[[str, Namespace], int]] = {"verify": _verify, "export": _export}
