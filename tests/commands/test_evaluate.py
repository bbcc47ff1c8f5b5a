"""`evaluate`: what would be raised, without a database."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.demo.replay import ward
from models.fhir.codec import dump, parse
from models.fhir.validation import validate
from tests.build import ago, panel
from tests.commands.conftest import Run
from tests.commands.test_demo import SHOWN
from tests.fhir_client import phase, rule

TODAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The demo ward as a file."""
    file = tmp_path / "ward.ndjson.gz"
    file.write_bytes(gzip.compress(b"".join(dump(one.doc) + b"\n" for one in ward(TODAY))))
    return file


def test_the_table_tells_patient_time_rule_severity_phase_and_message(command: Run, course: Path) -> None:
    result = command("evaluate", course, "--at", "2026-11-22T12:00:00Z")
    assert result.status == 0
    head, *rows = result.out.splitlines()
    assert head.split() == ["PATIENT", "TIME", "RULE", "SEVERITY", "PHASE", "MESSAGE"]
    assert any(
        row.startswith(
            "demo-3   2026-11-19T10:00:00Z  hypotension-severe       critical  new         BP 76/38 sitting"
        )
        for row in rows
    )
    assert set(result.out.split()) >= SHOWN
    assert rows[-1].startswith(f"{len(ward(TODAY))} resources, ")


def test_json_gives_the_alert_observations(command: Run, course: Path) -> None:
    result = command("evaluate", course, "--json", "--at", "2026-11-22T12:00:00Z")
    alerts = [parse(line.encode()) for line in result.out.splitlines()]
    assert {rule(alert) for alert in alerts} == SHOWN
    assert {"new", "escalated", "reminder", "continuing"} == {phase(alert) for alert in alerts}
    assert all(not [one for one in validate(alert) if one.severity == "error"] for alert in alerts)
    assert result.err.startswith(f"{len(ward(TODAY))} resources, ")


def test_what_is_later_than_the_instant_is_left_out(command: Run, course: Path) -> None:
    early = command("evaluate", course, "--json", "--at", "2026-11-18T12:00:00Z").out
    said = [rule(json.loads(line)) for line in early.splitlines()]
    assert said == [
        "taper-too-steep",
        "bp-monitoring-overdue",
        "pre-dose-bp-missing",
        "bp-monitoring-overdue",
        "withdrawal-rising",
        "withdrawal-severity",
        "pre-dose-bp-missing",
        "unparseable-vital",
        "bp-monitoring-overdue",
        "pre-dose-bp-missing",
        "implausible-vital",
    ]


def test_a_site_tries_its_limits_on_past_data(command: Run, tmp_path: Path) -> None:
    (tmp_path / "reading.json").write_text(json.dumps(panel(88, 64, ago(5)), indent=1))
    (tmp_path / "limits.toml").write_text("[limits.hypotension]\nsystolic = 85\n")
    assert "1 resources, 1 alerts (1 high)." in command("evaluate", tmp_path).out
    out = command("evaluate", tmp_path, "--limits", tmp_path / "limits.toml").out
    assert "1 alerts with the limits in force and 0 with" in out
    assert (
        "1 resources, 0 alerts."
        in command("evaluate", tmp_path, limits_file=str(tmp_path / "limits.toml")).out
    )


def test_what_is_refused_is_told_and_the_rest_is_judged(command: Run, tmp_path: Path) -> None:
    (tmp_path / "ward.ndjson").write_text(
        "\n".join(map(json.dumps, [panel(84, 50), panel(84, 50, status="bogus"), {"resourceType": "Claim"}]))
    )
    result = command("evaluate", tmp_path)
    assert result.status == 1
    assert "ward.ndjson:2: error: Observation.status: " in result.err
    assert "1 resources, 1 alerts (1 high)." in result.out
    assert "Left out, not judged: 1 Claim." in result.out
    assert "Refused: 1." in result.out


def test_nothing_is_stored(
    command: Run, course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    command("evaluate", course)
    assert sorted(tmp_path.rglob("*")) == before
