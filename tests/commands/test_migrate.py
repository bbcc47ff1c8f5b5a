"""`migrate`, by hand and by many processes at once."""

import os
import subprocess
from pathlib import Path

from models.store.engine import engine
from models.store.migrate import Line, migrate
from tests.commands.conftest import Run
from tests.serving import COMMAND
from tests.store.test_migrations import CONTRACT, newer


def test_it_tells_the_revision_reached(command: Run, database_url: str) -> None:
    for _ in range(2):
        result = command("migrate", database_url=database_url)
        assert (result.status, result.out) == (0, f"The database is at revision {Line().head}.\n")


def test_processes_that_start_at_once_all_find_it_migrated(database_url: str) -> None:
    environment = os.environ | {"CLONIDINE_WATCH_DATABASE_URL": database_url}
    started = [
        subprocess.Popen(
            [COMMAND, "migrate"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for _ in range(4)
    ]
    said = [process.communicate(timeout=60)[0].decode() for process in started]
    assert said == [f"The database is at revision {Line().head}.\n"] * 4


def test_a_database_that_only_newer_releases_can_use_is_refused_in_a_sentence(
    command: Run, database_url: str, tmp_path: Path
) -> None:
    made = engine(database_url)
    migrate(made, newer(tmp_path / "newer", ("9001", "9001", CONTRACT.replace("ward", "lifted"))))
    made.dispose()
    told = command("migrate", database_url=database_url)
    assert told.status == 1
    assert "install the newer release again" in told.err
    assert len(told.err.splitlines()) == 1
