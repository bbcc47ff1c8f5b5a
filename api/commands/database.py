"""The database that the settings name, ready for this release."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from api.cli import CommandError
from api.commands.remedies import remedy
from api.settings import PREFIX, SettingError
from models.store.clients import Clients
from models.store.engine import database_url, engine, reading
from models.store.ledger import Ledger
from models.store.migrate import current, migrate
from models.store.positions import Positions
from models.store.soundness import writable

SPEAKS_OF_IT = ("sqlalchemy", "psycopg", "sqlite3", "models.errors")
"""Where the exceptions come from that tell what is wrong with a database."""


class Database(NamedTuple):
    """Its write side, how far loads into it have come, and who may have tokens."""

    ledger: Ledger
    positions: Positions
    clients: Clients


@contextmanager
def migrated(url: str) -> Iterator[Database]:
    """The database in the shape of this release; what it answers inside the block is explained."""
    with explained(url):
        writable(url)
        made = engine(url)
        try:
            migrate(made)
            yield Database(Ledger(made), Positions(made), Clients(made))
        finally:
            made.dispose()


@contextmanager
def read_only(url: str) -> Iterator[Ledger]:
    """The database as it is, through connections that cannot write. Raises CommandError for another release's."""
    with explained(url):
        made = reading(url)
        try:
            if not current(made):
                raise CommandError(
                    f"{shown(url)} has another release's shape: run `clonidine-watch migrate`."
                )
            yield Ledger(made)
        finally:
            made.dispose()


def shown(url: str) -> str:
    """The URL as it may be shown, without its password."""
    return database_url(url).set(drivername=url.partition(":")[0]).render_as_string()


def revision(url: str) -> str:
    """Migrate; the revision reached."""
    with explained(url):
        writable(url)
        made = engine(url)
        try:
            return migrate(made)
        finally:
            made.dispose()


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Whatever the database answers, as one sentence without its password."""
    try:
        name = shown(url)
    except Exception as error:
        reason = str(error).removeprefix("DATABASE_URL: ")
        raise SettingError(f"{PREFIX}DATABASE_URL: {reason}.") from error
    try:
        yield
    except Exception as error:
        if not type(error).__module__.startswith(SPEAKS_OF_IT):
            raise
        reason = str(error).splitlines()[0].rpartition("Error) ")[2].rstrip(".")
        raise CommandError(f"The database {name} cannot be used: {reason}.{remedy(reason)}") from error
