"""`check`: everything that `serve` needs, tried without changing anything; each fault with how to mend it."""

from argparse import Namespace
from collections.abc import Callable, Iterator

from api.cli import REFUSED, CommandError
from api.commands import doubts
from api.commands.database import explained, shown
from api.commands.limits import ruleset
from api.commands.serve import check_access, exposure, listen
from api.settings import PREFIX, SettingError, Settings
from models.store.soundness import check

FINE, DOUBT, WRONG = "ok", "DOUBT", "WRONG"


def run(_: Namespace, settings: Settings) -> int:
    """Print a line for each thing that was looked at; 1 if something would keep the service from working."""
    wrong = 0
    for name, look in CHECKS.items():
        try:
            for level, text in look(settings):
                print(f"{level:<6}{name}: {text}")
        except (CommandError, SettingError) as error:
            wrong += 1
            print(f"{WRONG:<6}{name}: {error}")
    print(f"{wrong} to be mended before the service can work." if wrong else "The service can start.")
    return REFUSED if wrong else 0


Looked = Iterator[tuple[str, str]]


def _limits(settings: Settings) -> Looked:
    rules = ruleset(settings.limits_file)
    yield FINE, f"{len(rules.by_id)} rules in force, ruleset {rules.version}"


def _database(settings: Settings) -> Looked:
    with explained(settings.database_url):
        yield FINE, f"{shown(settings.database_url)} {check(settings.database_url)}"


def _clock(settings: Settings) -> Looked:
    with explained(settings.database_url):
        yield from _doubted(doubts.clock(settings), "it is not behind the newest change")


def _address(settings: Settings) -> Looked:
    listen(settings.host, settings.port).close()
    yield FINE, f"port {settings.port} of {settings.host} is free"


def _links(settings: Settings) -> Looked:
    if settings.base_url:
        yield FINE, f"they begin with {settings.base_url}/fhir"
    else:
        yield (
            DOUBT,
            f"they follow each request's Host header: set {PREFIX}BASE_URL to the address that clients use",
        )


def _workers(settings: Settings) -> Looked:
    yield from _doubted(doubts.workers(settings), f"{settings.workers}")


def _access(settings: Settings) -> Looked:
    check_access(settings)
    warning = exposure(settings).partition(": ")[2]
    yield (DOUBT, warning) if warning else (FINE, f"{PREFIX}AUTH={settings.auth}")


def _doubted(found: Iterator[str], fine: str) -> Looked:
    told = [(DOUBT, text) for text in found]
    yield from told or [(FINE, fine)]


CHECKS: dict[str, Callable[[Settings], Looked]] = {
    "limits": _limits,
    "database": _database,
    "clock": _clock,
    "address": _address,
    "links": _links,
    "workers": _workers,
    "access": _access,
}
"""Settings by themselves have been read before: one that cannot be used is told there."""
