"""`load` killed, interrupted, and beside a running service."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text

from api.cli import CommandError
from api.clock import now
from api.commands import loading
from api.commands.portions import listed
from models.store.engine import engine
from models.store.ledger import Ledger
from models.store.positions import Positions, Reached
from service.commit import Intake
from service.intake import Write
from service.intake import entry as entry_of
from service.ruleset import load as rules
from tests.build import ago, panel
from tests.commands.conftest import Run
from tests.fhir_client import resources, rule
from tests.in_process import application
from tests.postgres import free_port
from tests.serving import COMMAND, serving
from tests.template import settled

MANY = 4_000
"""Enough for several batches, and for processes that prepare."""


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    made = settled(database_url)
    yield made
    made.dispose()


def readings(count: int) -> bytes:
    """A reading of one of twenty patients a line, every five minutes; one in twenty-one is low."""
    made = []
    for number in range(count):
        pressure = (84, 52) if number % 21 == 20 else (122, 78)
        at = ago(1_200 - number // 20 * 5)
        padding = {"id": f"r{number}", "note": [{"text": "x" * 300}]}
        made.append(json.dumps(panel(*pressure, at, f"p{number % 20}", **padding)))
    return ("\n".join(made) + "\n").encode()


def state(database: Engine) -> tuple[int, int, list[tuple[int, int]]]:
    """Readings, versions of them, and positions."""
    with database.connect() as connection:
        counts = connection.execute(
            text("SELECT count(DISTINCT id), count(*) FROM version WHERE type = 'Observation' AND NOT alert")
        ).one()
        positions = connection.execute(text("SELECT lines, refused FROM position")).all()
    return counts[0], counts[1], [tuple(position) for position in positions]


def test_a_killed_load_goes_on_where_it_was(
    command: Run, database: Engine, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "readings.ndjson"
    file.write_bytes(readings(MANY))
    environment = os.environ | {"CLONIDINE_WATCH_DATABASE_URL": database_url}
    process = subprocess.Popen([COMMAND, "load", file], env=environment, stderr=subprocess.DEVNULL)
    while not state(database)[2]:
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    kept, versions, positions = state(database)
    assert kept == versions < MANY
    assert positions[0][0] <= kept

    result = command("load", file, database_url=database_url)
    assert f"Going on after {file}:{positions[0][0]}, where an interrupted run ended." in result.err
    assert f"{MANY - positions[0][0]:,} resources of 1 files" in result.out
    assert state(database) == (MANY, MANY, [])
    with application(database_url) as client:
        query = "/fhir/Observation?category=alert&_summary=count"
        assert client.get(query).json()["total"] == MANY // 21


def test_the_processes_of_a_killed_load_end_with_it(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "readings.ndjson"
    file.write_bytes(readings(MANY))
    environment = os.environ | {"CLONIDINE_WATCH_DATABASE_URL": sqlite_url}
    process = subprocess.Popen(
        [COMMAND, "load", file], env=environment, start_new_session=True, stderr=subprocess.DEVNULL
    )
    while len(session(process.pid)) < 3:
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while session(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert session(process.pid) == []


def session(leader: int) -> list[int]:
    """The processes of a session that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def test_lines_before_the_position_are_passed_over_and_their_refusals_count(
    command: Run, database: Engine, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "readings.ndjson"
    file.write_bytes(readings(10))
    positions = Positions(database)
    source = listed([file], positions)[0].source
    positions.keep({source: Reached(lines=6, refused=2)})
    result = command("load", file, database_url=database_url)
    assert result.status == 1
    assert "Refused: 2." in result.out
    assert state(database) == (4, 4, [])


def test_a_load_can_be_told_to_begin_anew(
    command: Run, database: Engine, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "readings.ndjson"
    file.write_bytes(readings(10))
    positions = Positions(database)
    positions.keep({listed([file], positions)[0].source: Reached(lines=6, refused=2)})
    assert command("load", "--from-start", file, database_url=database_url).status == 0
    assert state(database) == (10, 10, [])


def test_a_file_that_has_changed_is_loaded_from_its_beginning(
    command: Run, database: Engine, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "readings.ndjson"
    file.write_bytes(readings(10))
    positions = Positions(database)
    positions.keep({listed([file], positions)[0].source: Reached(lines=6)})
    file.write_bytes(readings(11))
    command("load", file, database_url=database_url)
    assert state(database)[:2] == (11, 11)


def test_a_service_and_a_load_see_each_other_s_readings(
    command: Run, database_url: str, tmp_path: Path
) -> None:
    lying, standing = "40199007", "10904000"
    file = tmp_path / "reading.ndjson"
    with application(database_url) as client:
        client.post("/fhir/Observation", json=panel(122, 78, ago(30)))
        file.write_text(json.dumps(panel(130, 82, ago(8), position=lying, id="lying")))
        command("load", file, database_url=database_url)
        raised = client.post(
            "/fhir/Observation/$submit", json=panel(104, 74, ago(6), position=standing)
        ).json()
        assert [rule(alert) for alert in resources(raised)[1:]] == ["orthostatic-hypotension"]
        client.put("/fhir/Observation/second", json=panel(132, 82, ago(4), position=lying, id="second"))
        file.write_text(json.dumps(panel(106, 74, ago(3), position=standing, id="later")))
        assert "Alerts raised: 1." in command("load", file, database_url=database_url).out


def test_a_service_takes_readings_while_a_large_load_runs(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "readings.ndjson"
    file.write_bytes(readings(2_000))
    environment = os.environ | {"CLONIDINE_WATCH_DATABASE_URL": database_url}
    with (
        serving(database_url, tmp_path / "log") as service,
        httpx.Client(base_url=service.url, timeout=60) as client,
    ):
        process = subprocess.Popen([COMMAND, "load", file], env=environment, stderr=subprocess.DEVNULL)
        sent = 0
        while process.poll() is None or sent < 20:
            low = panel(84, 52, ago(0), patient=f"p{sent % 20}")
            answer = client.post("/fhir/Observation", json=low)
            assert answer.status_code == 201
            assert "rel/alert" in answer.headers["Link"]
            sent += 1
        assert process.returncode == 0
        found = client.get("/fhir/Observation?category=vital-signs&_summary=count").json()
        assert found["total"] == 2_000 + sent


def test_a_database_that_stays_away_ends_the_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "PAUSES", (0, 0))
    away = Ledger(engine(f"postgresql://ward@127.0.0.1:{free_port()}/watch"))
    reading = panel(120, 80, id="r1")
    with pytest.raises(CommandError, match="run the same command again"):
        loading.patiently(Intake(away, rules(), now), [Write((entry_of("PUT", reading, "r1", ()),))])
