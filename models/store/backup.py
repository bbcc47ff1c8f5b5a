"""A backup: every table as of one moment, read in one transaction beside whoever writes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Table, func, select, text

from models.store import tables
from models.store.archive import FORMAT, Manifest, Told, writing
from models.store.engine import reading
from models.store.migrate import Line, shape

PART = 1_000
"""Rows that are in memory at once."""
_PATIENT = ("idle_in_transaction_session_timeout", "statement_timeout")
"""What a server may be told to end; a slow disk under the backup is no reason to."""
_FEED = text("SELECT epoch, seq FROM feed")


class OtherShape(Exception):
    """The database has tables that this release does not know of."""


def size(url: str) -> int:
    """How many rows there are now. Raises OtherShape."""
    with _snapshot(url) as connection:
        counts = [select(func.count()).select_from(table) for table in _tables()]
        return sum(connection.execute(count).scalar_one() for count in counts)


def backup(url: str, path: Path, release: str, taken: str, told: Told) -> Manifest:
    """Write everything that the database holds. Raises OtherShape: what a release does not know it would leave out."""
    with _snapshot(url) as connection:
        epoch, seq = connection.execute(_FEED).one()
        with writing(path) as file:
            written = {}
            for table in _tables():
                with connection.execution_options(yield_per=PART).execute(select(table)) as found:
                    parts = ([tuple(row) for row in part] for part in found.partitions())
                    written[table.name] = file.table(table.name, table.columns.keys(), parts, told)
            manifest = Manifest(FORMAT, release, Line().head, taken, epoch, seq, written)
            file.manifest(manifest)
    return manifest


def _tables() -> Sequence[Table]:
    return tables.Version.metadata.sorted_tables


@contextmanager
def _snapshot(url: str) -> Iterator[Connection]:
    """A transaction whose statements all see the same moment; it keeps no writer waiting. Raises OtherShape."""
    engine = reading(url)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            else:
                connection.execution_options(isolation_level="REPEATABLE READ")
                for setting in _PATIENT:
                    connection.exec_driver_sql(f"SET LOCAL {setting} = 0")
            if shape(connection).revision != Line().head:
                raise OtherShape
            yield connection
    finally:
        engine.dispose()
