"""The command line itself: quick, and clear about what it cannot use."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from api.cli import COMMANDS
from api.settings import SETTINGS
from tests.commands.conftest import Run
from tests.postgres import Postgres, free_port

SLOW = {"fastapi", "sqlalchemy", "fhir", "uvicorn", "alembic", "msgspec"}

UNUSABLE = [
    (
        ["migrate"],
        {"database_url": "mysql://somewhere/x"},
        "CLONIDINE_WATCH_DATABASE_URL: mysql is not supported",
    ),
    (["migrate"], {"database_url": "rubbish"}, "CLONIDINE_WATCH_DATABASE_URL: it is no URL of a database"),
    (["migrate"], {"database_url": "postgresql://host:port/x"}, "CLONIDINE_WATCH_DATABASE_URL: it is no URL"),
    (
        ["migrate"],
        {"database_url": "sqlite:///x.db?mode=ro"},
        "CLONIDINE_WATCH_DATABASE_URL: SQLite takes no",
    ),
    (["migrate"], {"database_url": "sqlite://"}, "CLONIDINE_WATCH_DATABASE_URL: SQLite needs a file"),
    (["serve", "--port", "99999"], {}, "CLONIDINE_WATCH_PORT: 99999 is not in 0 to 65535"),
    (
        ["serve", "--workers", "many"],
        {},
        "CLONIDINE_WATCH_WORKERS: 'many' is no whole number; give one in 1 to",
    ),
    (["serve"], {"workers": "\N{ARABIC-INDIC DIGIT THREE}"}, "CLONIDINE_WATCH_WORKERS: "),
    (["serve"], {"port": "1_000"}, "CLONIDINE_WATCH_PORT: '1_000' is no whole number"),
    (["serve"], {"host": "http://ward"}, "CLONIDINE_WATCH_HOST: 'http://ward' is no address or name"),
    (["serve"], {"host": "\udcff"}, "CLONIDINE_WATCH_HOST: "),
    (
        ["serve"],
        {"database_password_file": "x" * 5_000},
        "CLONIDINE_WATCH_DATABASE_PASSWORD_FILE: there is no",
    ),
    (
        ["serve"],
        {"trusted_proxies": "10.0.0.0/8, proxy"},
        "CLONIDINE_WATCH_TRUSTED_PROXIES: 'proxy' is no address or network",
    ),
    (["rules"], {"telemetry": "zipkin"}, "CLONIDINE_WATCH_TELEMETRY: 'zipkin' is none of none, otlp"),
    (["serve"], {"auth": "basic"}, "CLONIDINE_WATCH_AUTH: 'basic' is none of none, smart"),
    (
        ["serve", "--port", "0"],
        {"auth": "smart"},
        "CLONIDINE_WATCH_AUTH=smart needs CLONIDINE_WATCH_BASE_URL",
    ),
    (["serve", "--host", "0.0.0.0"], {}, "CLONIDINE_WATCH_AUTH=none listens on this machine alone"),
    (
        ["serve"],
        {"auth": "smart", "auth_issuers": "nowhere.toml"},
        "CLONIDINE_WATCH_AUTH_ISSUERS: nowhere.toml cannot be read",
    ),
    (["clients", "add", "engine"], {}, "clients add needs a NAME, --jwks and at least one --scope"),
    (["rules"], {"portt": "1"}, "Unknown settings CLONIDINE_WATCH_PORTT"),
    (["rules", "--limits", "nowhere.toml"], {}, "CLONIDINE_WATCH_LIMITS_FILE: nowhere.toml cannot be read"),
    (["load", "nowhere.ndjson"], {"database_url": "sqlite:///x.db"}, "There is no file nowhere.ndjson"),
    (["evaluate", "nowhere.ndjson"], {}, "There is no file nowhere.ndjson"),
    (["evaluate", "--at", "noon", "."], {}, "--at: 'noon' is no instant"),
]


@pytest.mark.parametrize(("arguments", "settings", "says"), UNUSABLE)
def test_what_cannot_be_used_is_told_in_a_sentence(
    command: Run, arguments: list[str], settings: dict[str, str], says: str
) -> None:
    result = command(*arguments, **settings)
    assert result.status == 2
    assert result.err.startswith(f"clonidine-watch: {says}"), result.err
    assert len(result.err.splitlines()) == 1


def test_every_fault_of_a_limits_file_is_told_with_its_line(command: Run, tmp_path: Path) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text("[limits.hypotension]\nsystolic = 10\ndiastolick = 3\n")
    result = command("rules", limits_file=str(limits))
    assert result.status == 2
    assert "line 2: hypotension.systolic is 10" in result.err
    assert "line 3: hypotension has no limit diastolick" in result.err


def test_a_database_that_does_not_answer_is_told_without_its_password(command: Run) -> None:
    result = command("migrate", database_url=f"postgresql://ward:geheim@127.0.0.1:{free_port()}/watch")
    assert result.status == 1
    assert "cannot be used: connection failed" in result.err
    assert "See that PostgreSQL runs, and listens" in result.err
    assert "geheim" not in result.err
    assert len(result.err.splitlines()) == 1


FILES = [
    (lambda folder: folder / "no" / "watch.db", "is not there: make it, writable for user"),
    (lambda folder: folder, "is no file: name one"),
    (lambda _: Path("/proc/watch.db"), "/proc cannot be written"),
    (lambda folder: folder / "text", "Name a file that `serve` made"),
]


@pytest.mark.parametrize(("place", "says"), FILES)
def test_a_file_that_cannot_be_the_database_is_told_with_the_remedy(
    command: Run, tmp_path: Path, place: Callable[[Path], Path], says: str
) -> None:
    (tmp_path / "text").write_text("no database " * 1_000)
    told = command("migrate", database_url=f"sqlite:///{place(tmp_path)}")
    assert told.status == 1
    assert says in told.err
    assert len(told.err.splitlines()) == 1


def test_a_postgresql_without_the_database_or_the_role_is_told_with_the_remedy(
    command: Run, postgres: Postgres
) -> None:
    for old, new, says in (("/postgres", "/nowhere", "`createdb`"), ("postgres@", "nobody@", "`createuser`")):
        told = command("migrate", database_url=new.join(postgres.url().rsplit(old, 1)))
        assert (told.status, says in told.err) == (1, True), told.err


def test_an_option_beats_the_environment(command: Run, tmp_path: Path) -> None:
    command("migrate", "--database", f"sqlite:///{tmp_path}/option.db", database_url="sqlite:///nowhere/x.db")
    assert (tmp_path / "option.db").read_bytes().startswith(b"SQLite format 3")


def test_every_option_for_a_setting_names_one_that_exists() -> None:
    named = {option.setting for command in COMMANDS for option in command.options if option.setting}
    assert named <= SETTINGS.keys()


def test_help_lists_every_command_and_loads_no_library() -> None:
    program = (
        "import sys, api.cli\ntry: api.cli.main(['--help'])\nfinally: print(*sys.modules, file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert all(command.name in result.stdout for command in COMMANDS)
    assert not SLOW & set(result.stderr.split())


def test_a_command_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    from api.cli import main

    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 2
    assert "COMMAND" in capsys.readouterr().err
