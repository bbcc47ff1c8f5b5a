"""`reevaluate`: the alerts of a database become what they would be, had the rules in force always been in force."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from api.commands import reevaluate
from api.demo.replay import ward
from models.fhir.codec import dump
from models.store.positions import Positions, Reached
from service.ruleset import load
from tests.build import ago, panel
from tests.commands.conftest import Run
from tests.fhir_client import POLL, everything, follow, link, summary
from tests.in_process import application
from tests.serving import COMMAND, serving
from tests.template import settled

OTHER = "[limits.hypotension]\nsystolic = 86\n[limits.bradycardia]\nheart-rate = 55\n"
STRICT = "[limits.hypotension]\nsystolic = 100\n"
MANY = 600
ALERTS = "/fhir/Observation?category=alert&_count=500"


@pytest.fixture
def limits(tmp_path: Path) -> Path:
    file = tmp_path / "other.toml"
    file.write_text(OTHER)
    return file


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The demo ward as a file, with its times of a known day."""
    file = tmp_path / "ward.ndjson"
    file.write_bytes(b"".join(dump(one.doc) + b"\n" for one in ward(datetime.now(UTC))))
    return file


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    made = settled(database_url)
    yield made
    made.dispose()


def mild(count: int, file: Path) -> Path:
    """A patient a line, with one reading that only strict limits take for low."""
    readings = [panel(95, 70, ago(30), f"p{number:04}", id=f"r{number:04}") for number in range(count)]
    file.write_text("".join(f"{json.dumps(reading)}\n" for reading in readings))
    return file


def versions(database: Engine) -> list[tuple[Any, ...]]:
    """Every version there is, and the heads."""
    with database.connect() as connection:
        rows = connection.execute(text("SELECT seq, id, content, lifted FROM version ORDER BY seq")).all()
        return [*map(tuple, rows), *connection.execute(text("SELECT * FROM head ORDER BY patient")).all()]


def alerts_of(database: Engine) -> int:
    with database.connect() as connection:
        return int(
            connection.execute(text("SELECT count(*) FROM version WHERE alert AND current")).scalar_one()
        )


def standing(url: str) -> list[tuple[str, tuple[str, str, str]]]:
    """Id, rule, severity and phase of every alert that holds."""
    with application(url) as client:
        found = [one for one in everything(client, ALERTS) if one["status"] == "final"]
    return sorted((one["id"], summary([one])[0]) for one in found)


def test_without_apply_the_changes_are_shown_and_nothing_is_written(
    command: Run, database: Engine, database_url: str, course: Path, limits: Path
) -> None:
    command("load", course, database_url=database_url)
    before = versions(database)
    result = command("reevaluate", "--limits", limits, database_url=database_url)
    assert result.status == 0
    counts = {tuple(line.split()[:2]): line.split()[2:] for line in result.out.splitlines() if line}
    assert counts["bradycardia", "high"][:3] == ["10", "13", "3"]
    assert "would change for 2 patients." in result.out
    assert result.out.endswith("Nothing was written; --apply writes it.\n")
    assert versions(database) == before


def test_the_alerts_become_those_of_a_database_that_always_had_these_limits(
    command: Run, database_url: str, course: Path, limits: Path, tmp_path: Path
) -> None:
    fresh = f"sqlite:///{tmp_path / 'fresh.db'}"
    for url, file in ((database_url, ""), (fresh, str(limits))):
        command("load", course, database_url=url, limits_file=file)
    assert standing(database_url) != standing(fresh)

    assert command("reevaluate", "--apply", "--limits", limits, database_url=database_url).status == 0
    assert standing(database_url) == standing(fresh)
    again = command("reevaluate", "--apply", "--limits", limits, database_url=database_url)
    assert "alerts changed for 0 patients." in again.out


def test_back_under_the_old_limits_the_old_alerts_hold_again(
    command: Run, database_url: str, course: Path, limits: Path
) -> None:
    command("load", course, database_url=database_url)
    before = standing(database_url)
    command("reevaluate", "--apply", "--limits", limits, database_url=database_url)
    command("reevaluate", "--apply", database_url=database_url)
    assert standing(database_url) == before


def test_a_poller_sees_every_change_and_nothing_else(command: Run, database_url: str, tmp_path: Path) -> None:
    (tmp_path / "lower.toml").write_text("[limits.hypotension]\nsystolic = 86\n")
    with application(database_url) as client:
        for systolic, patient in ((84, "low"), (88, "mild"), (120, "well")):
            client.post("/fhir/Observation", json=panel(systolic, 70, ago(9), patient))
        last = list(follow(client, POLL))[-1]
        cursor = link(last, "monitor")
        assert cursor
        done = command(
            "reevaluate", "--apply", "--limits", tmp_path / "lower.toml", database_url=database_url
        )
        assert "alerts changed for 2 patients." in done.out
        seen = {one["subject"]["reference"]: one for one in everything(client, cursor)}
    assert {patient: one["status"] for patient, one in seen.items()} == {
        "Patient/low": "final",
        "Patient/mild": "entered-in-error",
    }
    assert seen["Patient/mild"]["note"][-1]["text"].startswith("Retracted: it no longer follows")
    assert "86" in json.dumps(seen["Patient/low"]["component"])


def test_old_readings_that_would_page_are_counted(command: Run, database_url: str, tmp_path: Path) -> None:
    (tmp_path / "strict.toml").write_text(STRICT)
    with application(database_url) as client:
        client.post("/fhir/Observation", json=panel(95, 70, ago(9)))
    out = command("reevaluate", "--limits", tmp_path / "strict.toml", database_url=database_url).out
    assert "Raised and pageable: 1, of these 0 about what is older than a day." in out


def test_an_interrupted_run_goes_on_where_it_was(
    command: Run, database: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "strict.toml").write_text(STRICT)
    command("load", mild(12, tmp_path / "mild.ndjson"), database_url=database_url)
    judged: list[str] = []
    whole = reevaluate.Run.patient

    def until(self: reevaluate.Run, patient: str) -> None:
        if len(judged) == 7:
            raise KeyboardInterrupt
        judged.append(patient)
        whole(self, patient)

    monkeypatch.setattr(reevaluate, "NOTED", 5)
    monkeypatch.setattr(reevaluate.Run, "patient", until)
    arguments = ("reevaluate", "--apply", "--limits", tmp_path / "strict.toml")
    assert command(*arguments, database_url=database_url).status == 130
    assert alerts_of(database) == 7

    monkeypatch.setattr(reevaluate.Run, "patient", whole)
    result = command(*arguments, database_url=database_url)
    assert "Going on after 5 patients, where an interrupted run ended." in result.err
    assert "7 patients with 7 readings" in result.out
    assert alerts_of(database) == 12
    assert Positions(database).read([reevaluate.source_of(load(STRICT))]) == {}


def test_a_run_under_other_limits_begins_at_the_first_patient(
    command: Run, database: Engine, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "strict.toml").write_text(STRICT)
    command("load", mild(6, tmp_path / "mild.ndjson"), database_url=database_url)
    Positions(database).keep({reevaluate.source_of(load()): Reached(4)})
    assert (
        "alerts changed for 6 patients"
        in command(
            "reevaluate", "--apply", "--limits", tmp_path / "strict.toml", database_url=database_url
        ).out
    )
    anew = command("reevaluate", "--apply", "--from-start", database_url=database_url)
    assert "alerts changed for 6 patients" in anew.out


def test_a_killed_run_leaves_no_patient_half_and_goes_on(
    command: Run, database: Engine, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "strict.toml").write_text(STRICT)
    command("load", mild(MANY, tmp_path / "mild.ndjson"), database_url=database_url)
    environment = os.environ | {
        "CLONIDINE_WATCH_DATABASE_URL": database_url,
        "CLONIDINE_WATCH_LIMITS_FILE": str(tmp_path / "strict.toml"),
    }
    source = reevaluate.source_of(load(STRICT))
    process = subprocess.Popen([COMMAND, "reevaluate", "--apply"], env=environment, stderr=subprocess.DEVNULL)
    while not Positions(database).read([source]):
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert reevaluate.NOTED <= alerts_of(database) < MANY

    result = command("reevaluate", "--apply", "--limits", tmp_path / "strict.toml", database_url=database_url)
    assert result.status == 0
    assert alerts_of(database) == MANY


def test_a_service_under_the_same_limits_takes_readings_meanwhile(
    command: Run, database: Engine, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "strict.toml").write_text(STRICT)
    command("load", mild(200, tmp_path / "mild.ndjson"), database_url=database_url)
    environment = os.environ | {"CLONIDINE_WATCH_DATABASE_URL": database_url}
    arguments = ["reevaluate", "--apply", "--limits", tmp_path / "strict.toml"]
    options = ("--limits", str(tmp_path / "strict.toml"))
    with (
        serving(database_url, tmp_path / "log", *options) as service,
        httpx.Client(base_url=service.url, timeout=60) as client,
    ):
        process = subprocess.Popen([COMMAND, *arguments], env=environment, stderr=subprocess.DEVNULL)
        sent = 0
        while process.poll() is None or sent < 20:
            reading = panel(95, 70, ago(20), f"p{199 - sent % 200:04}")
            answer = client.post("/fhir/Observation", json=reading)
            assert answer.status_code == 201, answer.text
            sent += 1
        assert process.returncode == 0
    assert alerts_of(database) == 200 + sent
    assert (
        "alerts would change for 0 patients"
        in command(*arguments[:1], *arguments[2:], database_url=database_url).out
    )


def test_an_id_that_a_client_took_is_told_and_the_other_patients_go_on(
    command: Run, database: Engine, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "strict.toml").write_text(STRICT)
    file = mild(2, tmp_path / "mild.ndjson")
    told = command("evaluate", file, "--json", limits_file=str(tmp_path / "strict.toml")).out
    squatter = panel(120, 80, ago(20), "p9", id=json.loads(told.splitlines()[0])["id"])
    with file.open("a") as more:
        more.write(json.dumps(squatter))
    command("load", file, database_url=database_url)
    result = command("reevaluate", "--apply", "--limits", tmp_path / "strict.toml", database_url=database_url)
    assert result.status == 1
    assert "is taken by a resource that a client sent" in result.err
    assert "Patients whose alerts could not be written: 1." in result.out
    assert alerts_of(database) == 1


def test_a_database_of_another_release_is_not_touched(command: Run, tmp_path: Path) -> None:
    (tmp_path / "old.db").touch()
    result = command("reevaluate", database_url=f"sqlite:///{tmp_path}/old.db")
    assert (result.status, result.out) == (1, "")
    assert "run `clonidine-watch migrate`" in result.err
    missing = command("reevaluate", database_url=f"sqlite:///{tmp_path}/none.db")
    assert missing.status == 1
    assert "cannot be used" in missing.err
    assert not (tmp_path / "none.db").exists()
