"""`check` finds what would keep the service from working, says how to mend it, and changes nothing."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import inspect, text

from models.errors import Unavailable
from models.store.engine import engine
from models.store.migrate import migrate
from models.store.soundness import place
from tests.commands.conftest import Run
from tests.postgres import Postgres, free_port
from tests.serving import serving
from tests.store.test_migrations import CONTRACT, EXPAND, newer
from tests.template import settled


def test_all_is_well(command: Run, database_url: str) -> None:
    for migrated in (False, True):
        if migrated:
            assert command("migrate", database_url=database_url).status == 0
        found = command(
            "check", "--port", free_port(), database_url=database_url, base_url="https://watch.example"
        )
        assert found.status == 0
        assert "WRONG" not in found.out
        assert found.out.endswith("The service can start.\n")
        said = "at revision" if migrated else "`serve` makes it"
        assert said in found.out


def test_it_makes_no_database(command: Run, sqlite_url: str, tmp_path: Path) -> None:
    assert command("check", "--port", free_port(), database_url=sqlite_url).status == 0
    assert list(tmp_path.iterdir()) == []


def nowhere(_: Postgres, folder: Path) -> str:
    return f"sqlite:///{folder}/no/watch.db"


def full(_: Postgres, __: Path) -> str:
    return "sqlite:////proc/watch.db"


def hasty(postgres: Postgres, _: Path) -> str:
    url = postgres.fresh()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = off".encode())
    return url


def powerless(postgres: Postgres, _: Path) -> str:
    url = postgres.fresh()
    name = url.rpartition("/")[2]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN".encode())
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    return url.replace("postgres@", f"{name}@")


def away(_: Postgres, __: Path) -> str:
    return f"postgresql://watch@127.0.0.1:{free_port()}/watch"


def contracted(_: Postgres, folder: Path) -> str:
    url = f"sqlite:///{folder / 'watch.db'}"
    made = engine(url)
    migrate(made, newer(folder / "newer", ("9001", "9001", CONTRACT.replace("ward", "lifted"))))
    made.dispose()
    return url


def shared(_: Postgres, folder: Path) -> str:
    url = f"sqlite:///{folder / 'other.db'}"
    foreign(url)
    return url


def foreign(url: str, revision: str = "") -> None:
    """Another application's database; with a revision, one that is migrated by the same library."""
    made = engine(url)
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE version (name TEXT)")
        connection.exec_driver_sql("INSERT INTO version VALUES ('theirs')")
        if revision:
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
            connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{revision}')")
    made.dispose()


@pytest.mark.parametrize("revision", ["", "5f1c0e2a9b77"])
def test_the_database_of_another_application_is_left_alone(
    command: Run, database_url: str, sqlite_url: str, tmp_path: Path, revision: str
) -> None:
    foreign(database_url, revision)
    assert command("migrate", database_url=f"{sqlite_url}.ours").status == 0
    assert command("backup", tmp_path / "saved", database_url=f"{sqlite_url}.ours").status == 0
    for arguments in (["migrate"], ["serve", "--port", "0"], ["restore", tmp_path / "saved", "--replace"]):
        told = command(*arguments, database_url=database_url)
        assert (told.status, len(told.err.splitlines())) == (1, 1)
        assert "another application keeps its tables in it (version): name a database of this" in told.err
    made = engine(database_url)
    with made.connect() as connection:
        assert connection.execute(text("SELECT name FROM version")).scalars().all() == ["theirs"]
        assert {*inspect(connection).get_table_names()} <= {"version", "alembic_version"}
    made.dispose()


DATABASES = [
    (nowhere, "is not there: make it, writable for user"),
    (full, "cannot be written"),
    (hasty, "Switch it on for this database or role"),
    (powerless, "GRANT CREATE ON SCHEMA public"),
    (away, "cannot be used: connection failed"),
    (shared, "another application keeps its tables in it"),
    (contracted, "of a newer release: install that release"),
]


@pytest.mark.parametrize(("place", "says"), DATABASES, ids=[place.__name__ for place, _ in DATABASES])
def test_a_database_that_is_not_safe_is_told_with_the_remedy(
    command: Run, postgres: Postgres, tmp_path: Path, place: Callable[[Postgres, Path], str], says: str
) -> None:
    found = command("check", "--port", free_port(), database_url=place(postgres, tmp_path))
    assert found.status == 1
    (line,) = (line for line in found.out.splitlines() if line.startswith("WRONG database"))
    assert says in line


def test_a_newer_release_that_this_one_survives_is_no_fault(
    command: Run, sqlite_url: str, tmp_path: Path
) -> None:
    made = settled(sqlite_url)
    migrate(made, newer(tmp_path / "newer", ("9001", "0001", EXPAND)))
    made.dispose()
    found = command("check", "--port", free_port(), database_url=sqlite_url)
    assert (found.status, "of a newer release, which this one can use" in found.out) == (0, True)


def test_a_file_system_without_a_write_ahead_log_is_refused(tmp_path: Path) -> None:
    """SQLite's way of locking by files has none, just as a network file system."""
    place(tmp_path / "watch.db")
    with pytest.raises(Unavailable, match="take a local disk, or PostgreSQL"):
        place(tmp_path / "watch.db", "unix-dotfile")


def test_a_clock_behind_the_newest_change_is_doubted(command: Run, database_url: str, tmp_path: Path) -> None:
    made = settled(database_url)
    with made.begin() as connection:
        connection.execute(text("UPDATE feed SET seq = 4102444800000000"))
    made.dispose()
    found = command("check", "--port", free_port(), database_url=database_url)
    assert (found.status, "keep it set by NTP" in found.out) == (0, True)
    with serving(database_url, tmp_path / "log") as service:
        assert "keep it set by NTP" in service.log.read_text()


def test_each_other_fault_says_how_to_mend_it(command: Run, sqlite_url: str, tmp_path: Path) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text("[limits.hypotension]\nsystolic = 10\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = command(
            "check",
            "--port",
            port,
            database_url=sqlite_url,
            limits_file=str(limits),
            workers="4",
            host="127.0.0.1",
        )
    assert found.status == 1
    for line in (
        "WRONG limits: ",
        f"WRONG address: Cannot listen on 127.0.0.1, port {port}",
        "DOUBT links: ",
        "DOUBT workers: ",
        "DOUBT access: ",
        "2 to be mended before the service can work.",
    ):
        assert line in found.out


@pytest.mark.parametrize(
    "settings",
    [{"host": "0.0.0.0"}, {"auth": "smart", "auth_issuers": "nowhere.toml"}],
    ids=["open", "issuers"],
)
def test_what_serve_refuses_it_finds(command: Run, sqlite_url: str, settings: dict[str, str]) -> None:
    """Of who may reach it, and whose tokens count."""
    arguments = ("--port", free_port())
    refused = command("serve", *arguments, database_url=sqlite_url, **settings).err.partition(": ")[2]
    found = command("check", *arguments, database_url=sqlite_url, **settings)
    assert found.status == 1
    assert f"WRONG access: {refused}" in found.out


URLS = [
    ("watch.example.org", "is no http or https URL with a host"),
    ("https://", "is no http or https URL with a host"),
    ("https://watch.example.org/fhir/", "leave it out"),
    ("https://watch.example.org?x=1", "is more than scheme, host, port and path"),
    ("https://ward:secret@watch.example.org", "is more than scheme, host, port and path"),
]


@pytest.mark.parametrize(("url", "says"), URLS)
def test_a_base_url_that_links_cannot_begin_with_is_refused(command: Run, url: str, says: str) -> None:
    told = command("check", base_url=url)
    assert told.status == 2
    assert "CLONIDINE_WATCH_BASE_URL" in told.err
    assert says in told.err


def test_a_password_comes_from_a_file(command: Run, sqlite_url: str, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    for written, says in ((None, "there is no file"), ("", "is empty"), ("geheim\n", "")):
        if written is not None:
            secret.write_text(written)
        told = command("migrate", database_url=sqlite_url, database_password_file=str(secret))
        assert says in told.err
    assert told.status == 0
    assert os.environ.pop("PGPASSWORD") == "geheim"
