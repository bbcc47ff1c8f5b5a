"""Clock rules: said at the instant at which they become true, once, by however many processes, across restarts."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from models.store.engine import database_url as address
from models.store.ledger import Ledger
from models.store.reader import Reader, reader
from service.commit import Intake
from service.intake import Write, entry
from service.ruleset import load
from service.ticker import PAGE, Ticker
from service.writer import Writer
from tests.build import order, panel
from tests.in_process import application
from tests.template import settled

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
OVERDUE = "bp-monitoring-overdue"


def written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


class Process:
    """What a server process has of the write path and the clock, with a time of its own telling."""

    def __init__(self, url: str) -> None:
        self.at = START
        self._engine = settled(url)
        self.forget()
        self.reader: Reader = reader(address(url))

    def forget(self) -> None:
        """Keep nothing in memory."""
        self.intake = Intake(Ledger(self._engine), load(), lambda: self.at)

    def put(self, *docs: dict[str, Any]) -> None:
        answers = self.intake.commit([Write((entry("PUT", doc, doc["id"], ()),)) for doc in docs])
        assert all(isinstance(answer, tuple) for answer in answers), answers

    async def tick(self, at: datetime) -> int:
        self.at = at
        writer = Writer(self.intake.commit)
        writer.start()
        asked = await Ticker(self.reader, writer, lambda: self.at, 1).tick()
        await writer.stop()
        return asked

    def versions(self) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM version")).scalar_one())

    def alerts(self, rule: str = OVERDUE) -> list[tuple[str, str, str, str]]:
        """(patient, when, severity, status) of the newest versions of the rule's alerts."""
        with self._engine.connect() as connection:
            rows = connection.execute(text("SELECT patient, content FROM version WHERE current AND alert"))
            found = [(patient, msgspec.json.decode(content)) for patient, content in rows]
        return sorted(
            (
                patient,
                doc["effectiveDateTime"],
                doc["valueCodeableConcept"]["coding"][0]["code"],
                doc["status"],
            )
            for patient, doc in found
            if doc["code"]["coding"][0]["code"] == rule
        )

    async def close(self) -> None:
        await self.reader.close()
        self._engine.dispose()


@contextmanager
def processes(url: str, number: int = 1) -> Iterator[tuple[asyncio.Runner, list[Process]]]:
    with asyncio.Runner() as runner:
        made = [Process(url) for _ in range(number)]
        for one in made:
            runner.run(one.reader.open())
        try:
            yield runner, made
        finally:
            for one in made:
                runner.run(one.close())


def treated(patient: str = "p1") -> list[dict[str, Any]]:
    """An order of half an hour ago, and a reading of now."""
    begun = written(START - HOUR / 2)
    return [
        order(0.1, 6, begun, patient, id=f"o-{patient}"),
        panel(130, 80, written(START), patient, id=f"r-{patient}"),
    ]


def test_an_alert_comes_at_its_instant_and_once(database_url: str) -> None:
    with processes(database_url) as (runner, [one]):
        one.put(*treated())
        runner.run(one.tick(START + 4 * HOUR))
        assert one.alerts() == []
        assert runner.run(one.tick(START + 4 * HOUR + timedelta(seconds=1))) == 1
        first = ("Patient/p1", "2026-03-02T12:00:00Z", "moderate", "final")
        assert one.alerts() == [first]
        before = one.versions()
        assert runner.run(one.tick(START + 5 * HOUR)) == 0
        assert one.versions() == before
        runner.run(one.tick(START + 8 * HOUR + timedelta(seconds=1)))
        assert one.alerts() == [first, ("Patient/p1", "2026-03-02T16:00:00Z", "high", "final")]


def test_several_processes_say_it_once(database_url: str) -> None:
    with processes(database_url, 3) as (runner, made):
        made[0].put(*treated(), *treated("p2"))

        async def at_once() -> list[int]:
            return await asyncio.gather(*(one.tick(START + 5 * HOUR) for one in made))

        assert sum(runner.run(at_once())) >= 2
        assert [patient for patient, *_ in made[0].alerts()] == ["Patient/p1", "Patient/p2"]
        assert made[0].versions() == 8  # an order, a reading, an alert and its Task each


def test_a_restart_forgets_nothing(database_url: str) -> None:
    with processes(database_url) as (_, [one]):
        one.put(*treated())
    with processes(database_url) as (runner, [one]):
        assert runner.run(one.tick(START + 30 * HOUR)) == 1
        assert len(one.alerts()) == 7


def test_a_late_reading_takes_back_what_it_shows_to_be_wrong(database_url: str) -> None:
    with processes(database_url) as (runner, [one]):
        one.put(*treated())
        runner.run(one.tick(START + 9 * HOUR))
        one.put(panel(128, 82, written(START + 3 * HOUR), id="late"))
        assert [(when[11:16], status) for _, when, _, status in one.alerts()] == [
            ("12:00", "entered-in-error"),
            ("15:00", "final"),
            ("16:00", "entered-in-error"),
        ]


def test_a_write_says_what_has_become_true_before_it(database_url: str) -> None:
    with processes(database_url) as (runner, [one]):
        one.put(*treated())
        one.at = START + 6 * HOUR
        one.put(panel(131, 81, written(one.at), id="after"))
        assert [when[11:16] for _, when, _, _ in one.alerts()] == ["12:00"]
        assert runner.run(one.tick(one.at)) == 0


def test_nobody_is_passed_over_where_many_are_due(database_url: str) -> None:
    names = [f"n{number}" for number in range(PAGE + 10)]
    with processes(database_url) as (runner, [one]):
        one.put(*(doc for name in names for doc in treated(name)))
        assert runner.run(one.tick(START + 5 * HOUR)) == len(names)
        assert {patient for patient, *_ in one.alerts()} == {f"Patient/{name}" for name in names}


def test_a_patient_measured_long_ago_is_read_back_to_then(database_url: str) -> None:
    """The chart that a tick reads is a window: what it counts from may lie far before it."""
    last = START + 41 * HOUR  # too late for the baseline, which a chart always has
    with processes(database_url) as (runner, [one]):
        one.put(*treated(), panel(130, 80, written(last), id="last"))
        runner.run(one.tick(START + 241 * HOUR))
    with processes(database_url) as (runner, [one]):
        runner.run(one.tick(START + 245 * HOUR))
        assert [when for _, when, *_ in one.alerts()][-2:] == [written(last + n * HOUR) for n in (196, 200)]
        one.put(panel(132, 84, written(START + 246 * HOUR), id="again"))
        assert {status for *_, status in one.alerts()} == {"final"}


@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"])
def test_the_service_looks_by_itself(engine_name: str, request: pytest.FixtureRequest) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    with application(request.getfixturevalue(f"{engine_name}_url")) as client:
        begun = written(now - 5 * HOUR)
        client.put("/fhir/MedicationRequest/o", json=order(0.1, 6, begun, id="o")).raise_for_status()
        reading = panel(130, 80, written(now - 4 * HOUR + timedelta(seconds=2)), id="r")
        client.put("/fhir/Observation/r", json=reading).raise_for_status()
        for _ in range(300):
            time.sleep(0.1)
            bundle = client.get(
                f"/fhir/Observation?category=alert&code={OVERDUE}&date=gt{written(now)}"
            ).json()
            if bundle.get("entry"):
                return
    raise AssertionError("nothing was said")
