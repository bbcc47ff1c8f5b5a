"""Bringing a database to the shape that this release needs, safely with many processes at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

_LOCK = 0x636C6F6E
"""The advisory lock that migrating processes queue at ("clon")."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def migrate(engine: Engine) -> str:
    """Run the migrations that are missing in one transaction; returns the revision reached."""
    config = _config()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return MigrationContext.configure(connection).get_current_revision() or ""


def current(engine: Engine) -> bool:
    """Whether the database has the shape that this release needs."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == (
            ScriptDirectory.from_config(_config()).get_current_head()
        )
