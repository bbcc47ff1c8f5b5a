"""Alerts of a record judged anew are written only where the record is still as it was read."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text

from api.clock import now
from models.store.ledger import Ledger
from service.alerts.chart import Chart, Revision, rejudged
from service.commit import Intake
from service.intake import Write, entry
from service.loading import how_many, patients, whole
from service.ruleset import load
from tests.build import ago, panel
from tests.template import settled

STRICT = load("[limits.hypotension]\nsystolic = 100\n")
PATIENT = "Patient/p1"


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    made = settled(database_url)
    yield made
    made.dispose()


def put(intake: Intake, id: str, systolic: int, minutes: int, patient: str = "p1") -> None:
    doc = panel(systolic, 70, ago(minutes), patient, id=id)
    (answer,) = intake.commit([Write((entry("PUT", doc, id, ()),))])
    assert not isinstance(answer, Exception)


def alerts(database: Engine) -> list[tuple[str, int]]:
    with database.connect() as connection:
        rows = connection.execute(text("SELECT id, number FROM version WHERE alert AND current ORDER BY low"))
        return [tuple(row) for row in rows]


def test_a_write_after_the_reading_is_not_overwritten(database: Engine) -> None:
    ledger = Ledger(database)
    service, anew = Intake(ledger, STRICT, now), Intake(ledger, STRICT, now)
    put(Intake(ledger, load(), now), "r1", 95, 30)
    kept = whole(ledger, PATIENT)
    put(service, "r2", 95, 20)
    before = alerts(database)

    assert not anew.adopt(kept, rejudged(kept.chart, now(), STRICT))
    assert alerts(database) == before

    again = whole(ledger, PATIENT)
    assert anew.adopt(again, rejudged(again.chart, now(), STRICT))
    assert len(alerts(database)) == 2
    assert rejudged(whole(ledger, PATIENT).chart, now(), STRICT).changed == ()


def test_an_episode_that_moves_without_its_document_is_known_to_other_processes(database: Engine) -> None:
    ledger = Ledger(database)
    service = Intake(ledger, load(), now)
    put(service, "r1", 85, 30)
    kept = whole(ledger, PATIENT)
    (alert,) = kept.chart.alerts.values()
    assert alert.episode
    moved = replace(alert, episode=replace(alert.episode, returns=()))
    before = alerts(database)

    revision = Revision(Chart(PATIENT, kept.chart.record, {moved.id: moved}), (moved,))
    assert Intake(ledger, load(), now).adopt(kept, revision)

    after = whole(ledger, PATIENT)
    assert alerts(database) == before
    assert after.seq > kept.seq
    assert after.chart.alerts[moved.id] == moved


def test_nothing_to_change_takes_no_number(database: Engine) -> None:
    ledger = Ledger(database)
    put(Intake(ledger, load(), now), "r1", 85, 30)
    kept = whole(ledger, PATIENT)
    assert Intake(ledger, load(), now).adopt(kept, rejudged(kept.chart, now(), load()))
    assert whole(ledger, PATIENT).seq == kept.seq


def test_patients_come_one_by_one_and_each_once(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.loading.PAGE", 2)
    ledger = Ledger(database)
    assert (how_many(ledger), list(patients(ledger))) == (0, [])
    for number in range(5):
        put(Intake(ledger, load(), now), f"r{number}", 120, 30, f"p{number}")
    assert how_many(ledger) == 5
    assert sorted(patients(ledger)) == [f"Patient/p{number}" for number in range(5)]
