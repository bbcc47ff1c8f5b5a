"""Reaching the database: connections that are durable, or none."""

import os
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from models.errors import Unavailable

TURN_TIMEOUT_MS = 5_000
"""A frozen process may hold the feed's turn this long; then PostgreSQL ends its transaction."""
LEAST_FREE = 1_000_000
"""Octets without which a disk counts as full: a small write may still succeed, a larger one does not."""
BUSY_SECONDS = 30
"""How long a SQLite writer waits for another process."""


def database_url(text: str) -> URL:
    """The URL with the driver that this service uses; ValueError for any other database."""
    try:
        url = make_url(text)
        name = url.get_backend_name()
    except (ValueError, SQLAlchemyError) as error:
        raise ValueError(
            "DATABASE_URL: it is no URL of a database; give sqlite:///FILE or postgresql://USER@HOST:PORT/DATABASE"
        ) from error
    if name == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ValueError("DATABASE_URL: SQLite needs a file, such as sqlite:///./clonidine-watch.db")
        if url.query:
            raise ValueError("DATABASE_URL: SQLite takes no options; leave out the ? and what follows it")
        return url.set(drivername="sqlite+pysqlite")
    if name in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    raise ValueError(f"DATABASE_URL: {name} is not supported; sqlite:///FILE and postgresql://... are")


def engine(text: str) -> Engine:
    """An engine for writing: WAL and FULL on SQLite; on PostgreSQL short turns and durable commits."""
    url = database_url(text)
    if url.get_backend_name() == "sqlite":
        made = create_engine(
            url, pool_size=1, max_overflow=2, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS}
        )
        event.listen(made, "do_connect", lambda *_: _keep_private(Path(url.database or "")))
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        return made
    options = f"-c idle_in_transaction_session_timeout={TURN_TIMEOUT_MS}"
    made = create_engine(
        url,
        pool_size=2,
        max_overflow=2,
        pool_pre_ping=False,
        hide_parameters=True,
        connect_args={"options": options},
    )
    event.listen(made, "connect", _check_durable)
    return made


def room(engine: Engine) -> bool:
    """Whether the disk of an SQLite database has room; PostgreSQL alone knows of its own."""
    if engine.dialect.name != "sqlite":
        return True
    return shutil.disk_usage(Path(engine.url.database or "").resolve().parent).free >= LEAST_FREE


def reading(text: str) -> Engine:
    """An engine that cannot write, beside whoever does: no statement waits for a writer or keeps one waiting."""
    url = database_url(text)
    if url.get_backend_name() == "sqlite":
        file = quote(str(Path(url.database or "").resolve()))
        return create_engine(url.set(database=f"file:{file}", query={"mode": "ro", "uri": "true"}))
    return create_engine(url, connect_args={"options": "-c default_transaction_read_only=on"})


def _keep_private(file: Path) -> None:
    """Make a new file before SQLite does, which would let everybody on the machine read it. Its group may do with it
    what it may do in the folder; the log beside it follows."""
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:  # it is there, or cannot be, which SQLite is about to say
        return
    try:
        os.fchmod(descriptor, 0o600 | file.parent.stat().st_mode & 0o060)
    finally:
        os.close(descriptor)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    _write_ahead(connection)
    for pragma in ("synchronous=FULL", "wal_autocheckpoint=2000"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any) -> None:
    """Switch to a write-ahead log; SQLite does not wait by itself while another process does the same."""
    for pause in (0.01, 0.05, 0.2, 1.0, 5.0):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(pause)
        else:
            return
    connection.execute("PRAGMA journal_mode=WAL")


def _check_durable(connection: Any, _record: object) -> None:
    setting = connection.execute("SHOW synchronous_commit").fetchone()[0]
    connection.rollback()
    if setting == "off":
        raise Unavailable(
            "PostgreSQL runs with synchronous_commit = off: an acknowledged reading could be lost. "
            "Switch it on for this database or role."
        )
