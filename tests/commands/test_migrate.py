"""`migrate`, by hand and by many processes at once."""

import os
import subprocess

from tests.commands.conftest import Run
from tests.conftest import HEAD
from tests.serving import COMMAND


def test_it_tells_the_revision_reached(command: Run, database_url: str) -> None:
    for _ in range(2):
        result = command("migrate", database_url=database_url)
        assert (result.status, result.out) == (0, f"The database is at revision {HEAD}.\n")


def test_processes_that_start_at_once_all_find_it_migrated(database_url: str) -> None:
    environment = os.environ | {"CLONIDINE_WATCH_DATABASE_URL": database_url}
    started = [
        subprocess.Popen(
            [COMMAND, "migrate"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for _ in range(4)
    ]
    said = [process.communicate(timeout=60)[0].decode() for process in started]
    assert said == [f"The database is at revision {HEAD}.\n"] * 4
