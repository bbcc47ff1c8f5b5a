"""Readings, corrections, acknowledgements and ticks in any order: what holds of alerts and Tasks holds after each."""

import asyncio
import tempfile
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import Invalid
from service.tasks.task import OPEN, WAITING
from tests.build import panel
from tests.postgres import Postgres
from tests.tasks.desk import NURSE, START, Process, phase

SAID: tuple[dict[str, Any], ...] = (
    {},
    {"action": "2"},
    {"reason": {"text": "Cuff too large."}},
    {"until": timedelta(minutes=20)},
)
PRESSURES = ((120, 80), (84, 65), (84, 55), (74, 38), (73, 38))
steps = st.one_of(
    st.tuples(st.just("read"), st.integers(0, 3), st.sampled_from(PRESSURES)),
    st.tuples(st.just("delete"), st.integers(0, 3)),
    st.tuples(st.just("acknowledge"), st.integers(0, 5), st.sampled_from(SAID)),
    st.tuples(st.just("tick"), st.sampled_from((1, 5, 16, 50))),
)


class Walk:
    """One process, and the steps that happen to it."""

    def __init__(self, one: Process, runner: asyncio.Runner) -> None:
        self.one, self.runner = one, runner

    def step(self, name: str, *told: Any) -> None:
        getattr(self, name)(*told)
        self.one.at += timedelta(seconds=1)

    def read(self, number: int, pressure: tuple[int, int]) -> None:
        at = (START + timedelta(minutes=number)).isoformat()
        self.one.put(panel(*pressure, at, id=f"r{number}"))

    def delete(self, number: int) -> None:
        self.one.delete("Observation", f"r{number}")

    def acknowledge(self, place: int, said: dict[str, Any]) -> None:
        alerts = sorted(self.one.alerts())
        if not alerts:
            return
        told = {**said, "until": self.one.at + said["until"]} if "until" in said else said
        try:
            self.one.acknowledge(alerts[place % len(alerts)], who=NURSE, **told)
        except Invalid:
            return

    def tick(self, minutes: int) -> None:
        closed = {id for id, task in self.one.tasks().items() if task["status"] not in WAITING}
        snoozed = {id for id, task in self.one.tasks().items() if "restriction" in task}
        before = self.one.alerts()
        self.runner.run(self.one.tick(self.one.at + timedelta(minutes=minutes)))
        after = self.one.alerts()
        assert [id for id in closed - snoozed if after[id] != before[id]] == []

    def holds(self) -> None:
        alerts, tasks = self.one.alerts(), self.one.tasks()
        numbers = Counter(row.id for row in self.one.rows("current AND type = 'Task'"))
        assert set(numbers.values()) <= {1}
        assert tasks.keys() <= alerts.keys()
        for id, alert in alerts.items():
            paged = alert["status"] == "final" and phase(alert) in ("new", "escalated", "reminder")
            status = tasks[id]["status"] if id in tasks else ""
            assert not (alert["status"] == "entered-in-error" and status in OPEN)
            assert not paged or status not in ("", "cancelled")
            assert paged or status not in WAITING
        told = [target["reference"] for one in self.one.provenances() for target in one["target"]]
        assert len(told) == len(set(told))


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def place(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("postgres") if request.param == "postgresql" else None


@settings(max_examples=40)
@given(st.lists(steps, min_size=4, max_size=25))
def test_what_holds_of_alerts_and_tasks_holds_after_every_step(
    place: Postgres | None, told: list[Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        url = place.fresh() if place else f"sqlite:///{folder}/x.db"
        one = Process(url)
        try:
            runner.run(one.reader.open())
            walk = Walk(one, runner)
            for name, *rest in told:
                walk.step(name, *rest)
                walk.holds()
        finally:
            runner.run(one.close())
            if place:
                place.release(url)
