"""A backup taken under load, before the service is killed, brings everything back that was acknowledged before it."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from models.store.ledger import Ledger
from tests.build import ago, panel
from tests.commands.conftest import Run
from tests.fhir_client import POLL, everything, follow, link
from tests.promises.test_kept_or_nothing import Writer
from tests.serving import COMMAND, PREFIX, serving
from tests.store.rows import put
from tests.template import settled

WRITERS = 6


@pytest.fixture
def restored_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> str:
    """A new database of the same engine."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'restored.db'}"
    fresh: str = request.getfixturevalue("postgres").fresh()
    return fresh


def test_restored_after_sigkill_under_load(
    command: Run, database_url: str, restored_url: str, tmp_path: Path
) -> None:
    file, chance = tmp_path / "watch.backup", random.Random(2027)
    with serving(database_url, tmp_path / "log") as service:
        writers = [Writer(service.url, number) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        wait(writers, chance.randint(50, 200))
        with httpx.Client(timeout=60) as client:
            monitor = link([*follow(client, f"{service.url}{POLL}")][-1], "monitor")
        before = {id for writer in writers for id in writer.kept[:]}
        assert command("backup", file, database_url=database_url).status == 0
        at_end = len([id for writer in writers for id in writer.kept])
        wait(writers, at_end + chance.randint(1, 100))
        service.stop(signal.SIGKILL)
        for writer in writers:
            writer.join(60)
    sent = {id for writer in writers for id in writer.kept}

    assert command("restore", file, database_url=restored_url).status == 0
    judged_anew = command("reevaluate", database_url=restored_url).out
    assert "alerts would change for 0 patients" in judged_anew
    with serving(restored_url, tmp_path / "log-2") as service, httpx.Client(timeout=60) as client:
        everywhere = f"{service.url}/fhir/Observation?_count=500&category="
        readings = {one["id"] for one in everything(client, f"{everywhere}vital-signs")}
        judged = [one["derivedFrom"][0]["reference"] for one in everything(client, f"{everywhere}alert")]
        assert before <= readings
        assert len(sent - readings) > 0, "something was acknowledged after the backup, or this proves little"
        assert sorted(judged) == sorted(f"Observation/{id}" for id in readings)
        assert monitor
        assert client.get(f"{service.url}{httpx.URL(monitor).raw_path.decode()}").status_code == 410
        for id in sorted(sent - readings):  # what was lost is sent again, under the ids that it had
            again = panel(84, 58, ago(5), f"again-{id}", id=id)
            assert client.put(f"{service.url}/fhir/Observation/{id}", json=again).status_code == 201
        judged = [one["derivedFrom"][0]["reference"] for one in everything(client, f"{everywhere}alert")]
        assert {f"Observation/{id}" for id in sent} <= set(judged)


def test_a_backup_that_is_killed_leaves_no_half_under_its_name(
    command: Run, sqlite_url: str, tmp_path: Path
) -> None:
    made = settled(sqlite_url)
    put(Ledger(made), [panel(84, 58, patient=f"p{number}", id=f"r{number}") for number in range(4_000)])
    made.dispose()
    file, environment = tmp_path / "watch.backup", os.environ | {f"{PREFIX}DATABASE_URL": sqlite_url}
    running = subprocess.Popen([COMMAND, "backup", file], env=environment, stdout=subprocess.DEVNULL)
    while not (begun := [*tmp_path.glob(".watch.backup.*.partial")]) and running.poll() is None:
        time.sleep(0.001)
    running.kill()
    running.wait()
    assert begun
    if file.exists():  # it was done before the signal came
        assert command("restore", file, database_url=f"{sqlite_url}.whole").status == 0
    else:
        assert command("restore", begun[0], database_url=f"{sqlite_url}.half").status == 1


def wait(writers: list[Writer], enough: int) -> None:
    while sum(len(writer.kept) for writer in writers) < enough:
        assert all(writer.is_alive() for writer in writers)
        time.sleep(0.005)
