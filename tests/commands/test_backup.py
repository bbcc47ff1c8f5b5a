"""`backup` and `restore`, as an operator runs them."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from models.store.engine import engine
from tests.build import ago, dose, order, panel
from tests.commands.conftest import Run
from tests.fhir_client import POLL, everything, follow, link, rule
from tests.in_process import application
from tests.postgres import Postgres

ASKED = (
    POLL,
    "/fhir/Observation?_sort=-date&_count=500",
    "/fhir/Observation?code-value-quantity=8867-4$lt55",
    "/fhir/Observation?component-code-value-quantity=8480-6$lt90&patient=Patient/p1",
    "/fhir/MedicationRequest?status=active",
    "/fhir/Patient/p1/$everything",
    "/fhir/Observation/corrected/_history",
    "/fhir/Observation/deleted/_history",
    "/fhir/_history?_count=500",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def other_url(request: pytest.FixtureRequest, postgres: Postgres, tmp_path: Path) -> str:
    """A second empty database, on each engine in turn."""
    return postgres.fresh() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'other.db'}"


def course(client: httpx.Client) -> None:
    """Alerts, a correction, a deletion, and an order whose next dose is hours away."""
    for doc in (
        {"resourceType": "Patient", "id": "p1", "birthDate": "1980-02-29"},
        order(0.1, 8, ago(60), id="order"),
        dose(0.1, ago(60), id="dose"),
        panel(84, 58, ago(50), rate=48, id="low"),
        panel(82, 58, ago(40), id="corrected"),
        panel(120, 80, ago(40), id="corrected"),
        panel(70, 40, ago(30), patient="p2", id="deleted"),
        panel(118, 76, ago(5), id="last"),
    ):
        assert client.put(f"/fhir/{doc['resourceType']}/{doc['id']}", json=doc).status_code in (200, 201)
    assert client.delete("/fhir/Observation/deleted").status_code in (200, 204)


def answers(client: httpx.Client) -> Sequence[Any]:
    """What is answered, without the links: those name a host, and cursors of one life."""
    here = str(client.base_url).rstrip("/")
    return [
        [
            json.dumps(entry).replace(here, "")
            for page in follow(client, url)
            for entry in page.get("entry", [])
        ]
        for url in ASKED
    ]


def dues(url: str) -> Sequence[tuple[Any, ...]]:
    """When the clock rules are next to be asked about each patient, and how far the feed is."""
    made = engine(url)
    with made.connect() as connection:
        heads = connection.execute(text("SELECT patient, seq, due FROM head ORDER BY patient")).all()
        feed = connection.execute(text("SELECT seq, seq FROM feed")).all()
    made.dispose()
    return [tuple(row) for row in (*heads, *feed)]


def test_a_restored_database_answers_as_the_one_before(
    command: Run, database_url: str, other_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "watch.backup"
    with application(database_url) as client:
        course(client)
        before = answers(client)
        alerts = everything(client, POLL)
        monitor = link([*follow(client, POLL)][-1], "monitor")
        told = command("backup", file, database_url=database_url)
    due = dues(database_url)
    assert {"hypotension", "bradycardia-severe", "pre-dose-bp-missing"} <= {rule(alert) for alert in alerts}
    assert any(row[2] for row in due)
    assert (told.status, str(file) in told.out, "patient data" in told.out) == (0, True, True)

    told = command("restore", file, database_url=other_url)
    assert (told.status, told.err) == (0, "")
    assert "have it sent again" in told.out
    assert dues(other_url) == due
    with application(other_url) as client:
        assert answers(client) == before
        assert monitor
        answer = client.get(httpx.URL(monitor).raw_path.decode())
        assert answer.status_code == 410
        assert "restored" in answer.json()["issue"][0]["details"]["text"]
        last = alerts[-1]["meta"]["lastUpdated"]
        made = client.post("/fhir/Observation", json=panel(84, 58, ago(1), "p9"))
        assert made.status_code == 201
        new = everything(client, f"{POLL}&_lastUpdated=gt{last}")
        reasons = {reason["reference"] for alert in new for reason in alert["derivedFrom"]}
        assert reasons == {f"Observation/{made.json()['id']}"}


REFUSED: Sequence[tuple[str, Callable[[Path], tuple[object, ...]], str]] = (
    ("a file that is there", lambda folder: ("backup", folder / "saved"), "is there already; name a file"),
    ("no such folder", lambda folder: ("backup", folder / "no" / "x"), "cannot be written: No such file"),
    ("no such file", lambda folder: ("restore", folder / "none"), "cannot be read: No such file"),
    ("no backup", lambda folder: ("restore", folder / "text"), "is no whole backup: copy it anew"),
    ("a full database", lambda folder: ("restore", folder / "saved"), "give --replace"),
)


@pytest.mark.parametrize(("arguments", "says"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_done_is_told_in_a_sentence(
    command: Run, sqlite_url: str, tmp_path: Path, arguments: Callable[[Path], tuple[object, ...]], says: str
) -> None:
    reading = tmp_path / "reading.json"
    reading.write_text(json.dumps(panel(84, 58, id="low")))
    (tmp_path / "text").write_text("no ZIP")
    assert command("load", reading, database_url=sqlite_url).status == 0
    assert command("backup", tmp_path / "saved", database_url=sqlite_url).status == 0
    refused = command(*arguments(tmp_path), database_url=sqlite_url)
    assert refused.status == 1
    assert says in refused.err
    assert len(refused.err.splitlines()) == 1


def test_a_database_that_was_never_migrated_is_not_backed_up(
    command: Run, sqlite_url: str, tmp_path: Path
) -> None:
    made = engine(sqlite_url)
    made.connect().close()
    made.dispose()
    refused = command("backup", tmp_path / "saved", database_url=sqlite_url)
    assert (refused.status, "run `clonidine-watch migrate`" in refused.err) == (1, True)
