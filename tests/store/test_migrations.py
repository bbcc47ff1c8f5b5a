"""Migrations bring any database to the shape that the tables declare."""

from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlmodel import SQLModel

from models.store import tables
from models.store.engine import engine
from models.store.migrate import current, migrate
from tests.store.revisions import NEWEST


def test_the_migrated_database_has_exactly_the_declared_tables(database: Engine) -> None:
    assert tables.Version.__tablename__ == "version"
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_migrating_again_changes_nothing(database: Engine) -> None:
    with database.connect() as connection:
        before = connection.execute(text("SELECT epoch, seq FROM feed")).all()
    assert migrate(database) == NEWEST
    with database.connect() as connection:
        assert connection.execute(text("SELECT epoch, seq FROM feed")).all() == before
    assert current(database)


def test_several_processes_may_migrate_at_once(database_url: str) -> None:
    engines = [engine(database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(migrate, engines)) == [NEWEST] * 4
    with engines[0].connect() as connection:
        assert len(connection.execute(text("SELECT epoch FROM feed")).all()) == 1
    for made in engines:
        made.dispose()
