"""The database that the settings name, ready for this release."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from api.cli import CommandError
from api.settings import PREFIX, SettingError
from models.store.engine import database_url, engine
from models.store.ledger import Ledger
from models.store.migrate import migrate
from models.store.positions import Positions

SPEAKS_OF_IT = ("sqlalchemy", "psycopg", "sqlite3", "models.errors")
"""Where the exceptions come from that tell what is wrong with a database."""


class Database(NamedTuple):
    """Its write side, and how far loads into it have come."""

    ledger: Ledger
    positions: Positions


@contextmanager
def migrated(url: str) -> Iterator[Database]:
    """The database in the shape of this release; what it answers inside the block is explained."""
    with explained(url):
        made = engine(url)
        try:
            migrate(made)
            yield Database(Ledger(made), Positions(made))
        finally:
            made.dispose()


def revision(url: str) -> str:
    """Migrate; the revision reached."""
    with explained(url):
        made = engine(url)
        try:
            return migrate(made)
        finally:
            made.dispose()


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Whatever the database answers, as one sentence without its password."""
    try:
        shown = database_url(url).set(drivername=url.partition(":")[0]).render_as_string()
    except Exception as error:
        reason = str(error).removeprefix("DATABASE_URL: ")
        raise SettingError(f"{PREFIX}DATABASE_URL: {reason}.") from error
    try:
        yield
    except Exception as error:
        if not type(error).__module__.startswith(SPEAKS_OF_IT):
            raise
        reason = str(error).splitlines()[0].rpartition("Error) ")[2].rstrip(".")
        raise CommandError(f"The database {shown} cannot be used: {reason}.") from error
