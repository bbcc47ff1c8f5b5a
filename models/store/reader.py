"""Reading beside the writer: each statement its own snapshot, no statement keeps the event loop waiting."""

import asyncio
import sqlite3
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy.engine import URL

from models.errors import BadRequest, Unavailable
from models.problem import Problem

STEPS = 100_000
"""SQLite instructions (some milliseconds) that a statement may take in the event loop; then it moves to a thread."""
MOST_SECONDS = 10
"""What one statement may take; a search that needs longer is refused."""
SILENT = "The database does not answer; send the request again."
Row = tuple[Any, ...]


def too_costly() -> BadRequest:
    """What is told of a statement that takes too long."""
    text = (
        f"This search takes longer than {MOST_SECONDS} seconds; narrow it by patient, by identifier, by a date or by "
        "_lastUpdated, or ask for a smaller page."
    )
    return BadRequest([Problem("too-costly", text)])


class Reader(Protocol):
    """Rows of one statement with `:name` parameters."""

    async def open(self) -> None:
        """Connect."""

    async def close(self) -> None:
        """Let go of every connection."""

    async def rows(self, sql: str, args: Mapping[str, Any]) -> Sequence[Row]:
        """All rows; Unavailable when the database does not answer."""


def reader(url: URL) -> Reader:
    """The reader for a database."""
    if url.get_backend_name() == "sqlite":
        return SQLiteReader(url.database or "")
    from models.store.pool import PostgreSQLReader  # its driver takes 9 MB that SQLite has no use for

    return PostgreSQLReader(url.set(drivername="postgresql").render_as_string(hide_password=False))


class SQLiteReader:
    """Short statements run where they are asked, since a hop to a thread costs more than they do."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._quick: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Connect."""
        self._quick = self._connect()
        self._quick.set_progress_handler(lambda: 1, STEPS)

    async def close(self) -> None:
        """Let go of the connection."""
        if self._quick:
            self._quick.close()

    async def rows(self, sql: str, args: Mapping[str, Any]) -> Sequence[Row]:
        """All rows of a statement."""
        assert self._quick is not None, "open() comes first"
        try:
            return self._quick.execute(sql, args).fetchall()
        except sqlite3.OperationalError as error:
            if "interrupted" not in str(error):
                raise Unavailable(SILENT) from error
        return await asyncio.to_thread(self._slow, sql, args)

    def _slow(self, sql: str, args: Mapping[str, Any]) -> Sequence[Row]:
        connection = self._connect()
        end = time.monotonic() + MOST_SECONDS
        connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
        try:
            return connection.execute(sql, args).fetchall()
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise too_costly() from error
            raise Unavailable(SILENT) from error
        finally:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, isolation_level=None, timeout=5, check_same_thread=False)
