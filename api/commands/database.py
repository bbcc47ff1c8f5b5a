"""The database that the settings name, ready for this release."""

from collections.abc import Iterator
from contextlib import contextmanager

from api.cli import CommandError
from api.settings import PREFIX, SettingError
from models.store.engine import database_url, engine
from models.store.ledger import Ledger
from models.store.migrate import migrate


def ledger(url: str) -> Ledger:
    """The database's write side, migrated."""
    with explained(url):
        made = engine(url)
        migrate(made)
        return Ledger(made)


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
    """Whatever a database can answer, as one sentence without the password."""
    try:
        shown = database_url(url).set(drivername=url.partition(":")[0]).render_as_string()
    except Exception as error:
        reason = str(error).removeprefix("DATABASE_URL: ")
        raise SettingError(f"{PREFIX}DATABASE_URL: {reason}.") from error
    try:
        yield
    except CommandError:
        raise
    except Exception as error:
        reason = str(error).splitlines()[0].rpartition("Error) ")[2]
        raise CommandError(f"The database {shown} cannot be used: {reason}.") from error
