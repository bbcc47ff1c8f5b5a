"""Migrations bring any database to the shape that the tables declare, and releases before survive them."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlmodel import SQLModel

from models.errors import Unavailable
from models.store import tables
from models.store.archive import Archive
from models.store.backup import OtherShape, backup
from models.store.engine import engine
from models.store.ledger import Ledger
from models.store.migrate import MIGRATIONS, OLDEST, SHAPE, Line, Shape, current, migrate, shape, upgrade
from models.store.restore import Unknown, restore
from tests.build import panel
from tests.store.rows import put


def test_the_migrated_database_has_exactly_the_declared_tables(database: Engine) -> None:
    assert tables.Version.__tablename__ == "version"
    with database.connect() as connection:
        noted = MigrationContext.configure(
            connection, opts={"version_table": SHAPE, "include_name": but_for_oldest}
        )
        assert compare_metadata(noted, SQLModel.metadata) == []


def but_for_oldest(name: str | None, _kind: str, _parents: object) -> bool:
    return name != OLDEST


def test_migrating_again_changes_nothing(database: Engine) -> None:
    with database.connect() as connection:
        before = connection.execute(text("SELECT epoch, seq FROM feed")).all()
    assert migrate(database) == Line().head
    with database.connect() as connection:
        assert connection.execute(text("SELECT epoch, seq FROM feed")).all() == before
    assert current(database)


def test_several_processes_may_migrate_at_once(database_url: str) -> None:
    engines = [engine(database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(migrate, engines)) == [Line().head] * 4
    with engines[0].connect() as connection:
        assert len(connection.execute(text("SELECT epoch FROM feed")).all()) == 1
    for made in engines:
        made.dispose()


def newer(folder: Path, *added: tuple[str, str, str]) -> Line:
    """The migrations of releases to come: a revision, the oldest that survives it, what it does."""
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    last = Line().head
    for revision, compatible, does in added:
        text = (
            f"import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '{revision}', '{last}'\n"
            f"compatible = '{compatible}'\ndef upgrade():\n    {does}\n"
        )
        (folder / "versions" / f"{revision}_later.py").write_text(text)
        last = revision
    return Line(folder)


EXPAND = "op.add_column('version', sa.Column('ward', sa.Text)); op.create_table('ward', sa.Column('name', sa.Text))"
CONTRACT = "op.drop_column('version', 'ward')"


def test_every_migration_tells_which_release_survives_it() -> None:
    """Its release's own revision where none does; the first one has none before it."""
    line = Line()
    for revision in [*line.compatible][1:]:
        assert hasattr(line.script(revision), "compatible"), (
            f"{revision}: say `compatible`, docs/how-to/upgrade.md"
        )
    assert set(line.compatible.values()) <= set(line.compatible)


def test_this_release_works_on_what_a_newer_one_has_expanded(database: Engine, tmp_path: Path) -> None:
    line = newer(tmp_path / "newer", ("9001", Line().head, EXPAND))
    assert migrate(database, line) == "9001"
    assert migrate(database) == "9001"
    assert current(database)
    put(Ledger(database), [panel(84, 58, id="a")])
    assert migrate(database, line) == "9001"
    with database.connect() as connection:
        assert shape(connection) == Shape("9001", Line().head)
        assert connection.execute(text("SELECT id, ward FROM version")).all() == [("a", None)]


def test_this_release_refuses_what_a_newer_one_has_contracted(database: Engine, tmp_path: Path) -> None:
    migrate(database, newer(tmp_path / "newer", ("9001", Line().head, EXPAND), ("9002", "9001", CONTRACT)))
    assert not current(database)
    with pytest.raises(Unavailable, match="releases older than revision 9001 cannot use it"):
        migrate(database)
    with database.connect() as connection:
        assert shape(connection) == Shape("9002", "9001")


def test_what_a_newer_release_has_added_is_not_lost_in_a_backup(database: Engine, tmp_path: Path) -> None:
    """This one does not know of it, so it neither backs it up nor restores over it."""
    url, file = database.url.render_as_string(hide_password=False), tmp_path / "backup.zip"
    backup(url, file, "0.1.0", "2026-01-01T00:00:00Z", lambda _: None)
    migrate(database, newer(tmp_path / "newer", ("9001", Line().head, EXPAND)))
    with pytest.raises(OtherShape):
        backup(url, tmp_path / "other.zip", "0.1.0", "2026-01-01T00:00:00Z", lambda _: None)
    with Archive(file) as archive, pytest.raises(Unknown, match="migrated by a newer release"):
        restore(url, archive, "e" * 32, True, lambda _: None)


def test_a_database_of_the_first_release_is_taken_over(database_url: str) -> None:
    """It told its revision in the other table alone."""
    database = engine(database_url)
    with database.begin() as connection:
        upgrade(connection, Line(), "0001")
        connection.execute(text("DROP TABLE shape"))
    assert migrate(database) == Line().head
    with database.connect() as connection:
        assert shape(connection).revision == Line().head
    database.dispose()
