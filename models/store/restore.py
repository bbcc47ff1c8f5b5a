"""A restore: a backup in the place of a database, in one transaction, under a new epoch.

Its tables are made in the shape that the backup has, filled, and then migrated on: a backup of an older release, or
from the other engine, comes back the same way. Change numbers go on; cursors of the life before end, because what
was written after the backup is gone and its numbers may be given again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from models.store import tables
from models.store.archive import Archive, Broken, Row, Told
from models.store.engine import engine
from models.store.migrate import OLDEST, SHAPE, Line, alone, made, queue, shape, upgrade

MANY = 1_000
_ANEW = text("UPDATE feed SET epoch = :epoch")
_WRITTEN = text("SELECT seq FROM feed")


class NotEmpty(Exception):
    """There are resources in the database, and nobody said that they may go."""


class Unknown(Exception):
    """The backup, or the database that it is to replace, comes from a newer release."""


def restore(url: str, archive: Archive, epoch: str, replace: bool, told: Told) -> None:
    """Verify the backup, then put it into the database; `told` hears of each row twice.

    Raises Broken, NotEmpty and Unknown, and then nothing has changed.
    """
    line, manifest = Line(), archive.manifest
    if manifest.revision not in line.compatible:
        raise Unknown(f"the backup was made by release {manifest.release}, which is newer than this one")
    archive.verify(told)
    target = engine(url)
    try:
        with target.begin() as connection:
            queue(connection)
            _clear(connection, line, replace)
            others = made(connection)
            upgrade(connection, line, manifest.revision)
            if made(connection) - others != manifest.tables.keys():
                raise Broken(f"it holds other tables than a backup of revision {manifest.revision} does")
            for name, table in manifest.tables.items():
                connection.exec_driver_sql(f"DELETE FROM {name}")  # what the migrations put there
                _fill(connection, name, table.columns, archive.rows(name), told)
            connection.execute(_ANEW, {"epoch": epoch})
            upgrade(connection, line)
        _tell_sizes(target)
    finally:
        target.dispose()


def _clear(connection: Connection, line: Line, replace: bool) -> None:
    """Take away the tables of a database that nothing was written to, or that may be replaced."""
    alone(connection, line, shape(connection))
    if not inspect(connection).has_table(OLDEST):
        return
    upgrade(connection, line)
    if shape(connection).revision != line.head:
        raise Unknown("the database was migrated by a newer release than this one")
    if not replace and connection.execute(_WRITTEN).scalar_one():
        raise NotEmpty
    tables.Version.metadata.drop_all(connection)
    for name in (SHAPE, OLDEST):
        connection.exec_driver_sql(f"DROP TABLE {name}")


def _fill(connection: Connection, name: str, columns: Sequence[str], rows: Iterable[Row], told: Told) -> None:
    rows = iter(rows)
    while part := [*islice(rows, MANY)]:
        _WAYS[connection.dialect.name](connection, f"{name} ({', '.join(columns)})", part)
        told(len(part))


def _copy(connection: Connection, into: str, rows: Sequence[Row]) -> None:
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert(connection: Connection, into: str, rows: Sequence[Row]) -> None:
    places = ", ".join("?" * len(rows[0]))
    connection.connection.cursor().executemany(f"INSERT INTO {into} VALUES ({places})", rows)


def _tell_sizes(target: Engine) -> None:
    """PostgreSQL plans by what it knows of the tables; it would find out a minute later."""
    if target.dialect.name == "postgresql":
        with target.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


_WAYS: Mapping[str, Callable[[Connection, str, Sequence[Row]], None]] = {
    "postgresql": _copy,
    "sqlite": _insert,
}
