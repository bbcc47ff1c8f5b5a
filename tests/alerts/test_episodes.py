"""Episodes and phases, as the ward sees them: who is paged, and when."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.alerts.chart import Change, Chart, revise
from service.record.facts import Reading
from service.record.lift import lift
from service.ruleset import Ruleset, load
from tests.record.documents import Doc, at, no_medication, panel, pulse

RULES = load()
START = at(2, "08:00")


def minutes(count: float) -> datetime:
    return START + timedelta(minutes=count)


def phases(
    *readings: tuple[float, Any, Any] | Doc | Reading, rules: Ruleset = RULES
) -> list[tuple[str, str]]:
    """(rule, phase) of the alerts that readings (minute, systolic, diastolic) raise, in order of time."""
    changes = []
    for number, sent in enumerate(readings):
        doc = panel(f"r{number:03}", sent[1], sent[2], minutes(sent[0])) if isinstance(sent, tuple) else sent
        fact = doc if isinstance(doc, Reading) else lift(doc, START, no_medication).fact
        assert isinstance(fact, Reading)
        recorded = fact.recorded if isinstance(sent, Reading) else fact.at
        changes.append(Change(fact.source, replace(fact, recorded=recorded)))
    alerts = revise(Chart("Patient/p1"), changes, minutes(0), rules).changed
    return [(alert.rule, alert.phase) for alert in alerts]


def late(minute: float, systolic: Any, diastolic: Any) -> Reading:
    fact = lift(
        panel("late", systolic, diastolic, minutes(minute)), minutes(minute + 24 * 60 + 1), no_medication
    ).fact
    assert isinstance(fact, Reading)
    return fact


def hypotension(*names: str) -> list[tuple[str, str]]:
    return [("hypotension", name) for name in names]


def test_a_first_breach_is_new_and_the_next_continues() -> None:
    assert phases((0, 88, 70), (10, 87, 70)) == hypotension("new", "continuing")


def test_a_breach_that_lasts_an_hour_is_paged_again() -> None:
    assert phases((0, 88, 70), (59, 88, 70), (60, 88, 70), (119, 88, 70)) == hypotension(
        "new", "continuing", "reminder", "continuing"
    )


def test_a_higher_severity_than_any_before_pages_at_once_and_only_once() -> None:
    assert phases((0, 100, 55), (5, 88, 55), (10, 100, 55), (15, 88, 55)) == hypotension(
        "new", "escalated", "continuing", "continuing"
    )


@pytest.mark.parametrize(("systolic", "then"), [(94, "continuing"), (95, "new")])
def test_an_episode_closes_five_above_the_limit(systolic: int, then: str) -> None:
    assert phases((0, 88, 70), (10, systolic, 70), (20, 88, 70)) == hypotension("new", then)


def test_every_quantity_that_breached_must_be_back() -> None:
    assert phases((0, 88, 55), (10, 100, 62), (20, 88, 70)) == hypotension("new", "continuing")
    assert phases((0, 88, 55), (10, 100, None), (20, 88, 70)) == hypotension("new", "continuing")
    assert phases((0, 88, 55), (10, 100, 65), (20, 88, 70)) == hypotension("new", "new")


@pytest.mark.parametrize(("hours", "then"), [(23.9, "reminder"), (24, "new")])
def test_an_episode_closes_a_day_after_its_last_breach(hours: float, then: str) -> None:
    assert phases((0, 88, 70), (hours * 60, 88, 70)) == hypotension("new", then)


def test_high_pressure_closes_ten_and_five_below_the_limits() -> None:
    def then(systolic: int, diastolic: int) -> str:
        return phases((0, 185, 125), (2, systolic, diastolic), (4, 185, 125))[-1][1]

    assert [then(170, 115), then(171, 115), then(170, 116)] == ["new", "continuing", "continuing"]


def test_a_severe_reading_counts_in_the_episode_of_its_lower_rung() -> None:
    assert phases((0, 75, 60), (10, 88, 70)) == [("hypotension-severe", "new"), ("hypotension", "continuing")]


def test_a_severe_reading_keeps_the_lower_episode_open_beyond_a_day() -> None:
    told = phases((0, 88, 70), (23 * 60, 75, 60), (46 * 60, 88, 70))

    assert told == [("hypotension", "new"), ("hypotension-severe", "new"), ("hypotension", "reminder")]


def test_a_late_reading_never_pages() -> None:
    assert phases(late(0, 88, 70)) == hypotension("late")


def test_a_late_breach_is_left_out_of_the_episode_of_the_others() -> None:
    assert phases(late(0, 88, 70), (10, 88, 70), (20, 88, 70)) == hypotension("late", "new", "continuing")


def test_a_late_normal_reading_closes_nothing() -> None:
    assert phases((0, 88, 70), late(10, 120, 80), (20, 88, 70)) == hypotension("new", "continuing")


def test_a_reading_of_a_date_alone_closes_nothing() -> None:
    day = panel("day", 120, 80, "2026-03-03")

    assert phases((-480 - 60, 88, 70), day, (-480 + 60, 88, 70)) == hypotension("new", "reminder")


def test_an_implausible_reading_closes_nothing() -> None:
    told = phases((0, 88, 70), (10, 120, 130), (20, 88, 70))

    assert [phase for rule, phase in told if rule == "hypotension"] == ["new", "continuing"]


def test_rates_and_pressures_have_episodes_of_their_own() -> None:
    assert phases(pulse("a", 48, minutes(0)), (20, 88, 70), pulse("z", 47, minutes(50))) == [
        ("bradycardia", "new"),
        ("hypotension", "new"),
        ("bradycardia", "continuing"),
    ]


def test_each_implausible_reading_is_an_event_of_its_own() -> None:
    assert [phase for _, phase in phases((0, 80, 90), (5, 80, 90))] == ["new", "new"]
