"""Bringing a database to the shape that this release needs, safely with many processes at once.

A database tells two revisions: in the table `shape` the one that it has, in `alembic_version` the oldest one whose
release may still use it (`compatible` in a migration). A release that does not know the first but knows the second
works on what a newer one has migrated; the first release, which looks at `alembic_version` alone, does too.
"""

from collections.abc import Mapping, Set
from pathlib import Path
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from models.errors import Unavailable

_LOCK = 0x636C6F6E
"""The advisory lock that migrating processes queue at ("clon")."""
MIGRATIONS = Path(__file__).parent / "migrations"
SHAPE, OLDEST = "shape", "alembic_version"
"""The tables of the two revisions, of one column and one row each."""
FEED = "feed"
"""A table that every release has, so that a database with a revision that is not known is one of ours."""


class Shape(NamedTuple):
    """The revision that a database has, and the oldest whose release may use it; "" where it has none."""

    revision: str
    oldest: str


class Line:
    """The migrations that a release knows, the first one first."""

    def __init__(self, folder: Path = MIGRATIONS) -> None:
        self.config = Config()
        self.config.set_main_option("script_location", str(folder))
        self._scripts = ScriptDirectory.from_config(self.config)
        found = reversed([*self._scripts.walk_revisions()])
        self.compatible: Mapping[str, str] = {
            one.revision: getattr(one.module, "compatible", one.revision) for one in found
        }

    @property
    def head(self) -> str:
        """The newest revision."""
        return [*self.compatible][-1]

    def script(self, revision: str) -> object:
        """The module of a migration."""
        found = self._scripts.get_revision(revision)
        assert found is not None
        return found.module

    def fits(self, shape: Shape) -> bool:
        """Whether this release can use a database as it is."""
        return shape.revision == self.head or self.tolerates(shape)

    def tolerates(self, shape: Shape) -> bool:
        """Whether a newer release has migrated it, in a way that this one survives."""
        return shape.revision not in self.compatible and shape.oldest in self.compatible

    def oldest(self, revision: str) -> str:
        """The oldest revision whose release may use a database of `revision`."""
        order = [*self.compatible]
        passed = order[: order.index(revision) + 1]
        return max((self.compatible[one] for one in passed), key=order.index)

    def note(self, connection: Connection, table: str, revision: str) -> None:
        """Have `table` say `revision`."""
        MigrationContext.configure(connection, opts={"version_table": table}).stamp(self._scripts, revision)


def migrate(engine: Engine, line: Line | None = None) -> str:
    """Run the migrations that are missing in one transaction; returns the revision reached."""
    with engine.begin() as connection:
        queue(connection)
        line = line or Line()
        alone(connection, line, shape(connection))
        return upgrade(connection, line)


def queue(connection: Connection) -> None:
    """Wait for whoever is changing the shape; SQLite has a single writer and need not."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def upgrade(connection: Connection, line: Line, target: str = "head") -> str:
    """Run the migrations up to `target`; returns the revision reached. Raises Unavailable for a shape that cannot be
    used."""
    found = shape(connection)
    if line.tolerates(found):
        return found.revision
    if found.revision and found.revision not in line.compatible:
        raise Unavailable(
            f"a newer release has brought it to revision {found.revision}, and releases older than revision "
            f"{found.oldest} cannot use it any more: install the newer release again, or restore the backup that "
            "was made before the upgrade"
        )
    if found.revision:  # the first release told it in the other table alone
        line.note(connection, SHAPE, found.revision)
    line.config.attributes.update(connection=connection, version_table=SHAPE)
    command.upgrade(line.config, target)
    reached = shape(connection).revision
    line.note(connection, OLDEST, line.oldest(reached))
    return reached


def shape(connection: Connection) -> Shape:
    """What a database tells of its shape."""
    oldest = _noted(connection, OLDEST)
    return Shape(_noted(connection, SHAPE) or oldest, oldest)


def made(connection: Connection) -> Set[str]:
    """The tables that there are, without those that tell the shape."""
    return {*inspect(connection).get_table_names()} - {SHAPE, OLDEST}


def alone(connection: Connection, line: Line, found: Shape) -> None:
    """Raises Unavailable where something else keeps its tables: ours among them would be confused with them, and
    `restore --replace` would drop what is named alike."""
    if found.revision in line.compatible or FEED in (tables := made(connection)):
        return
    if tables or found.revision:
        some = ", ".join(sorted(tables or {OLDEST})[:3])
        raise Unavailable(
            f"another application keeps its tables in it ({some}): name a database of this service's own, or one that "
            "is not there yet"
        )


def current(engine: Engine) -> bool:
    """Whether the database has a shape that this release can use."""
    with engine.connect() as connection:
        return Line().fits(shape(connection))


def _noted(connection: Connection, table: str) -> str:
    context = MigrationContext.configure(connection, opts={"version_table": table})
    return context.get_current_revision() or ""
