"""What a database and its place must be like for readings to be safe in it; each refusal says how to mend it."""

import os
import sqlite3
import tempfile
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, inspect, text

from models.errors import Unavailable
from models.store.engine import database_url, engine, reading
from models.store.migrate import Line, alone, shape

OLDEST_POSTGRESQL = 150_000
_ASKED = text(
    "SELECT current_setting('server_version_num')::int, pg_is_in_recovery(), "
    "coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)"
)
_NEWEST = text("SELECT seq FROM feed")


def check(url: str) -> str:
    """What was found, in words. Raises Unavailable, and what the database answers; changes nothing."""
    writable(url)
    file = _file(url)
    if file and not file.exists():
        return "is not there yet; `serve` makes it"
    made = reading(url) if file else engine(url)
    try:
        with made.connect() as connection:
            if connection.dialect.name == "postgresql":
                _server(connection)
            return _shape(connection)
    finally:
        made.dispose()


def writable(url: str) -> None:
    """Raises Unavailable where an SQLite file cannot be written: SQLite would say so of the first write alone."""
    if file := _file(url):
        place(file)


def newest(url: str) -> int:
    """The newest change, in microseconds; 0 before the first."""
    file = _file(url)
    if file and not file.exists():
        return 0
    made = reading(url)
    try:
        with made.connect() as connection:
            found: int = (
                connection.execute(_NEWEST).scalar_one() if inspect(connection).has_table("feed") else 0
            )
            return found
    finally:
        made.dispose()


def _file(url: str) -> Path | None:
    """That of SQLite; None for a server."""
    read = database_url(url)
    return Path(read.database or "").absolute() if read.get_backend_name() == "sqlite" else None


def _shape(connection: Connection) -> str:
    line, found = Line(), shape(connection)
    alone(connection, line, found)
    if not found.revision:
        return "is empty; `serve` makes its tables"
    if found.revision == line.head:
        return f"is at revision {found.revision}"
    if line.tolerates(found):
        return f"is at revision {found.revision} of a newer release, which this one can use"
    if found.revision in line.compatible:
        return f"is at revision {found.revision}; `serve` migrates it to {line.head}. Back it up first"
    raise Unavailable(f"it is at revision {found.revision} of a newer release: install that release")


def place(file: Path, vfs: str = "unix") -> None:
    """Whether a write-ahead log can be kept beside the file, tried on another one. Raises Unavailable."""
    folder, me = file.parent, f"user {os.geteuid()}"
    if not folder.is_dir():
        raise Unavailable(f"the folder {folder} is not there: make it, writable for {me}")
    if file.exists() and not file.is_file():
        raise Unavailable(f"{file} is no file: name one, or one that is not there yet")
    if file.exists() and not os.access(file, os.R_OK | os.W_OK):
        raise Unavailable(f"{me} may not write to {file}: `chown` it and the folder to {me}")
    try:
        with tempfile.TemporaryDirectory(prefix=".clonidine-watch-", dir=folder) as probe:
            mode = _log_mode(f"file:{quote(probe)}/probe.db?vfs={vfs}")
    except PermissionError as error:
        raise Unavailable(
            f"{me} may not write to {folder}: `chown` it to {me}, or mount it writable"
        ) from error
    except OSError as error:
        raise Unavailable(f"{folder} cannot be written: {error.strerror}") from error
    if mode != "wal":
        raise Unavailable(
            f"{folder} cannot hold SQLite's write-ahead log, as most network file systems cannot: take a local disk, "
            "or PostgreSQL"
        )


def _log_mode(uri: str) -> str:
    connection = sqlite3.connect(uri, uri=True)
    try:
        return str(connection.execute("PRAGMA journal_mode=WAL").fetchone()[0])
    except sqlite3.OperationalError:
        return ""
    finally:
        connection.close()


def _server(connection: Connection) -> None:
    number, replica, creates = connection.execute(_ASKED).one()
    if number < OLDEST_POSTGRESQL:
        raise Unavailable(
            f"it is PostgreSQL {number // 10_000}: upgrade it to {OLDEST_POSTGRESQL // 10_000} or newer"
        )
    if replica:
        raise Unavailable("it is a replica, which cannot be written to: name the primary")
    if not creates:
        raise Unavailable(
            "its role may not create tables: GRANT CREATE ON SCHEMA public to it, or make it the owner of the database"
        )
