"""A migrated database where a test begins: on SQLite a copy of a file, five times cheaper than its migrations.

What the migrations do is tested in tests/store/test_migrations.py and tests/commands/test_migrate.py, and each service
in a process of its own runs them. As a migrated database does, a copy begins a life of its own: a new epoch. PostgreSQL
would make some hundred files for a copy, which takes longer than to migrate.
"""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from api.clock import new_epoch
from models.store.engine import engine
from models.store.migrate import Line, migrate

NAME = "template"
_settled: set[str] = set()
"""What was brought into shape before; no URL is that of two databases."""


def settled(url: str) -> Engine:
    """An engine for a database that has the shape of this release; what it holds already is kept."""
    made = engine(url)
    file = Path(made.url.database or "")
    if made.dialect.name == "sqlite" and not file.exists():
        _copy(file)
    elif url not in _settled:
        migrate(made, _line())
    _settled.add(url)
    return made


def _copy(file: Path) -> None:
    shutil.copy(Path(_folder().name) / NAME, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("UPDATE feed SET epoch = ?", [new_epoch()])


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    folder = tempfile.TemporaryDirectory(prefix="clonidine-watch-template-")
    made = engine(f"sqlite:///{folder.name}/{NAME}")
    migrate(made, _line())
    made.dispose()
    return folder


@cache
def _line() -> Line:
    return Line()
