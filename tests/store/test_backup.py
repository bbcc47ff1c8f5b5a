"""A backup is whole or not there; what cannot be restored leaves the database as it was."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from models.store import tables
from models.store.archive import Archive, Broken, Manifest
from models.store.backup import OtherShape, backup
from models.store.engine import engine
from models.store.ledger import Ledger
from models.store.migrate import Line, shape
from models.store.restore import NotEmpty, Unknown, restore
from tests.build import panel
from tests.store.rows import put
from tests.template import settled

FIRST = Path(__file__).with_name("backup-0001.zip")
"""What the first release would have written: releases to come restore it too."""
CARRIED = {"INTEGER", "BIGINT", "SMALLINT", "TEXT", "BOOLEAN"}


class Stop(Exception):
    """Whoever waits has had enough."""


def quiet(_: int) -> None:
    pass


def url_of(database: Engine) -> str:
    return database.url.render_as_string(hide_password=False).replace("+pysqlite", "").replace("+psycopg", "")


def readings(database: Engine, *ids: str) -> None:
    put(Ledger(database), [panel(84, 58, patient=id, id=id) for id in ids])


def ids(database: Engine) -> list[str]:
    with database.connect() as connection:
        return list(connection.execute(text("SELECT id FROM version ORDER BY id")).scalars())


def taken(database: Engine, path: Path) -> Manifest:
    return backup(url_of(database), path, "0.1.0", "2026-01-01T00:00:00Z", quiet)


@pytest.fixture
def saved(sqlite_url: str, tmp_path: Path) -> Path:
    """A backup of three readings."""
    file = tmp_path / "saved.zip"
    made = settled(f"{sqlite_url}.other")
    readings(made, "a", "b", "c")
    taken(made, file)
    made.dispose()
    return file


def test_it_sees_one_moment_while_others_write(database: Engine, tmp_path: Path) -> None:
    """Readings arrive between any two tables, and between the rows of one."""
    readings(database, *(f"before-{number:04}" for number in range(1_500)))
    more = iter(range(10_000))

    def write(_: int) -> None:
        readings(database, f"during-{next(more)}")

    file = tmp_path / "backup.zip"
    manifest = backup(url_of(database), file, "0.1.0", "2026-01-01T00:00:00Z", write)
    assert next(more) > len([table for table in manifest.tables.values() if table.rows])
    assert {name: table.rows for name, table in manifest.tables.items()}["version"] == 1_500
    with Archive(file) as archive:
        (feed,) = archive.rows("feed")
        seqs = [row[0] for row in archive.rows("version")]
        indexed = {
            row[archive.manifest.tables["token"].columns.index("seq")] for row in archive.rows("token")
        }
    assert max(seqs) == manifest.seq == feed[1]
    assert indexed == set(seqs)


def test_what_is_interrupted_leaves_nothing(database: Engine, tmp_path: Path) -> None:
    readings(database, "a", "b")

    def stop(_: int) -> None:
        raise Stop

    folder = tmp_path / "backups"
    folder.mkdir()
    with pytest.raises(Stop):
        backup(url_of(database), folder / "backup.zip", "0.1.0", "2026-01-01T00:00:00Z", stop)
    assert list(folder.iterdir()) == []


def test_only_its_owner_may_read_it(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0


def test_a_database_of_another_shape_is_not_backed_up(database_url: str, tmp_path: Path) -> None:
    empty = engine(database_url)
    empty.connect().close()
    empty.dispose()
    with pytest.raises(OtherShape):
        backup(database_url, tmp_path / "backup.zip", "0.1.0", "2026-01-01T00:00:00Z", quiet)


def test_a_restore_that_is_interrupted_leaves_the_database_as_it_was(database: Engine, saved: Path) -> None:
    readings(database, "kept")
    with Archive(saved) as archive:
        for stop_at in range(archive.manifest.rows + 1, 2 * archive.manifest.rows + 1):
            done = 0

            def stop(rows: int, stop_at: int = stop_at) -> None:
                nonlocal done
                done += rows
                if done >= stop_at:
                    raise Stop

            with pytest.raises(Stop):
                restore(url_of(database), archive, "e" * 32, True, stop)
    assert ids(database) == ["kept"]
    with database.connect() as connection:
        assert connection.execute(text("SELECT epoch FROM feed")).scalar_one() != "e" * 32


def test_what_the_database_holds_goes_only_when_somebody_says_so(database: Engine, saved: Path) -> None:
    readings(database, "kept")
    with Archive(saved) as archive:
        with pytest.raises(NotEmpty):
            restore(url_of(database), archive, "e" * 32, False, quiet)
        assert ids(database) == ["kept"]
        restore(url_of(database), archive, "e" * 32, True, quiet)
    assert ids(database) == ["a", "b", "c"]


def test_it_needs_no_migrated_database(database_url: str, saved: Path) -> None:
    with Archive(saved) as archive:
        restore(database_url, archive, "e" * 32, False, quiet)
    made = engine(database_url)
    assert ids(made) == ["a", "b", "c"]
    assert shape_of(made) == (Line().head, Line().oldest(Line().head))
    made.dispose()


def test_a_backup_of_the_first_release_is_restored_into_this_one(database: Engine) -> None:
    with Archive(FIRST) as archive:
        assert archive.manifest.revision == "0001"
        restore(url_of(database), archive, "e" * 32, False, quiet)
    assert ids(database) == ["a", "b", "c"]
    assert shape_of(database)[0] == Line().head


def test_a_backup_of_a_newer_release_is_refused_by_name(database: Engine, saved: Path) -> None:
    manifest = (
        zipfile.ZipFile(saved)
        .read("manifest.json")
        .replace(f'"{Line().head}"'.encode(), b'"9001"')
        .replace(b"0.1.0", b"7.0.0")
    )
    with zipfile.ZipFile(saved, "a") as zip, pytest.warns(UserWarning, match="Duplicate"):
        zip.writestr("manifest.json", manifest)
    with Archive(saved) as archive, pytest.raises(Unknown, match=r"release 7\.0\.0"):
        restore(url_of(database), archive, "e" * 32, False, quiet)
    assert ids(database) == []


def test_damage_anywhere_is_found_before_the_database_is_touched(
    sqlite_url: str, saved: Path, tmp_path: Path
) -> None:
    made = settled(sqlite_url)
    readings(made, "kept")
    whole, damaged = saved.read_bytes(), tmp_path / "damaged.zip"
    refused = 0
    for at in range(0, len(whole), 13):
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        refused += damage(sqlite_url, damaged)
    for end in range(0, len(whole), 101):
        damaged.write_bytes(whole[:end])
        assert damage(sqlite_url, damaged)
    assert refused > len(whole) / 26  # the rest: times and other notes that a ZIP keeps about its members
    with made.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM version")).scalar_one() in (1, 3)
    made.dispose()


def damage(url: str, file: Path) -> bool:
    """Whether it is refused; what is not is exactly what was written."""
    try:
        with Archive(file) as archive:
            restore(url, archive, "e" * 32, True, quiet)
    except (Broken, Unknown):
        return True
    made = engine(url)
    assert ids(made) == ["a", "b", "c"]
    made.dispose()
    return False


def test_a_member_that_was_exchanged_is_found(saved: Path, tmp_path: Path) -> None:
    """Its own checksum is right, the manifest's is not."""
    forged = tmp_path / "forged.zip"
    with zipfile.ZipFile(saved) as read, zipfile.ZipFile(forged, "w") as write:
        for name in read.namelist():
            content = read.read(name)
            write.writestr(name, content.replace(b"84", b"94") if name == "version.ndjson" else content)
    shutil.copy(forged, saved)
    with Archive(saved) as archive, pytest.raises(Broken, match="rows of version"):
        archive.verify(quiet)


@pytest.mark.parametrize("name", ["version; DROP TABLE head", "version (seq) SELECT 1 --", '"version"', ""])
def test_a_name_that_is_none_never_becomes_a_statement(saved: Path, tmp_path: Path, name: str) -> None:
    """Whoever can write a backup's file must not be able to run statements in the database."""
    forged = tmp_path / "forged.zip"
    for old, new in (("version", name), ("seq", name)):
        with zipfile.ZipFile(saved) as read, zipfile.ZipFile(forged, "w") as write:
            manifest = json.loads(read.read("manifest.json"))
            if old == "version":
                manifest["tables"][new] = manifest["tables"].pop(old)
            else:
                manifest["tables"]["version"]["columns"][0] = new
            write.writestr("manifest.json", json.dumps(manifest))
        with pytest.raises(Broken, match="no table or column"):
            Archive(forged)


def test_a_backup_of_other_tables_than_its_releases_is_refused(
    database: Engine, saved: Path, tmp_path: Path
) -> None:
    """It would empty and fill tables of others in the same database, or restore a part as if it were all."""
    readings(database, "kept")
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE others (name TEXT)")
        connection.exec_driver_sql("INSERT INTO others VALUES ('kept')")
    for old, new in (("position", "others"), ("position", "")):
        forged = tmp_path / "forged.zip"
        with zipfile.ZipFile(saved) as read, zipfile.ZipFile(forged, "w") as write:
            manifest = json.loads(read.read("manifest.json"))
            table = manifest["tables"].pop(old)
            if new:
                manifest["tables"][new] = table | {"columns": ["name"]}
            for name in {*read.namelist()} - {"manifest.json"}:
                write.writestr(name.replace(old, new or old), read.read(name))
            write.writestr("manifest.json", json.dumps(manifest))
        with Archive(forged) as archive, pytest.raises(Broken, match="it holds other tables"):
            restore(url_of(database), archive, "e" * 32, True, quiet)
        assert ids(database) == ["kept"]
        with database.connect() as connection:
            assert connection.execute(text("SELECT name FROM others")).scalars().all() == ["kept"]


def test_every_column_is_one_that_a_backup_can_carry() -> None:
    """JSON has whole numbers, text, true and false; numbers that the database gives by itself would not go on."""
    for table in tables.Version.metadata.sorted_tables:
        kinds = {column.name: str(column.type.compile()) for column in table.columns}
        assert {name: kind for name, kind in kinds.items() if kind not in CARRIED} == {}, table.name
        assert table.autoincrement_column is None, table.name


def shape_of(database: Engine) -> tuple[str, str]:
    with database.connect() as connection:
        return shape(connection)
