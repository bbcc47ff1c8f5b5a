"""The limits of one patient: which rules a Goal moves, when, and which it leaves alone."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.evaluate import evaluate
from service.ruleset import load
from tests.record.documents import Doc, at, dose, goal, instruction, order, panel, pulse

NOW = at(2, "20:00")
DAILY = "dose-in-24-hours"
LOW, RATE = goal(low=80), goal("8867-4", low=45, unit="/min")
DUE_AT_NOON = order("mr1", instruction("0.1", 24, start=at(2, "12:00")))
BEFORE = panel("before", 120, 80, at(2, "09:00"), rate=70)


class Row(NamedTuple):
    """`said` are the alerts of the rules looked at: rule and severity."""

    name: str
    sent: Sequence[Doc]
    said: set[tuple[str, str]]
    limits: str | None = None


def bp(systolic: Any, diastolic: Any, moment: Any = NOW, **more: Any) -> Doc:
    return panel("x", systolic, diastolic, moment, **more)


def due(target: str, low: int = 80) -> Doc:
    made = goal(low=low)
    return {**made, "target": [{**made["target"][0], "dueDate": target}]}


def held(*goals: Doc, rate: int = 70, systolic: int = 120) -> list[Doc]:
    return [BEFORE, DUE_AT_NOON, panel("x", systolic, 75, at(2, "11:30"), rate=rate), *goals]


def another(id: str, **more: Any) -> Doc:
    return {**goal(**more), "id": id}


HIGH, MODERATE = ("hypotension", "high"), ("hypotension", "moderate")
SEVERE = ("hypotension-severe", "critical")
SLOW, SLOWER = ("bradycardia", "high"), ("bradycardia-severe", "critical")
HOLD, DESPITE = ("hold-dose-advised", "high"), ("dose-given-despite-hold", "high")
WITHDRAWAL, SURGE = ("withdrawal-hypertension", "moderate"), ("autonomic-surge", "moderate")
CRISIS = ("hypertensive-crisis", "high")
FAST = ("tachycardia", "moderate")
DOSE, DOSE_CRITICAL = ("daily-dose-exceeded", "high"), ("daily-dose-exceeded", "critical")
LOOKED_AT = {
    rule for rule, _ in (HIGH, SEVERE, SLOW, SLOWER, HOLD, DESPITE, WITHDRAWAL, SURGE, CRISIS, FAST, DOSE)
}
THRICE = [dose(f"d{hour}", "0.3", at(2, f"{hour:02}:00")) for hour in (2, 8, 14)]

ROWS = (
    Row("the specification's case", [goal(low=85), bp(88, 64)], set()),
    Row("a systolic at the patient's limit", [LOW, bp(80, 64)], set()),
    Row("one below the patient's limit", [goal(low=85), bp("84.9", 64)], {HIGH}),
    Row("a limit above the site's", [goal(low=100), bp(99, 64)], {HIGH}),
    Row("a limit in kilopascal", [goal(low=12, unit="kPa"), bp("90.007", 64)], {HIGH}),
    Row("a unit that is none of pressure", [goal(low=80, unit="cm"), bp(88, 64)], {HIGH}),
    Row("the severe rule stays where it was", [goal(low=70), bp(79, 64)], {SEVERE}),
    Row("a diastolic below the patient's limit", [goal("8462-4", low=65), bp(110, 64)], {MODERATE}),
    Row("the high arm is the lower of both", [goal("8462-4", low=45), bp(110, 47)], set()),
    Row("the high arm follows down", [goal("8462-4", low=45), bp(110, 44)], {HIGH}),
    Row("a heart rate at the patient's limit", [RATE, pulse("x", 45, NOW)], set()),
    Row("a heart rate below it", [RATE, pulse("x", 44, NOW)], {SLOW}),
    Row("a severe heart rate stays", [goal("8867-4", low=35, unit="/min"), pulse("x", 39, NOW)], {SLOWER}),
    Row("a dose held by the patient's limit", held(goal(low=105), systolic=100), {HOLD, HIGH}),
    Row("a dose no longer held", held(goal(low=80), systolic=85), set()),
    Row("a dose held by the site's limit", held(systolic=85), {HOLD, HIGH}),
    Row("a dose held by the patient's heart rate", held(goal("8867-4", low=60, unit="/min"), rate=58), {HOLD, SLOW}),
    Row("the patient's over the preset's", held(RATE, rate=58), set(), 'preset = "etsu-inpatient"'),
    Row("the preset's without a Goal", held(rate=58), {HOLD}, 'preset = "etsu-inpatient"'),
    Row("given despite the patient's limit", [*held(goal(low=105), systolic=100), dose("d", "0.1", at(2, "12:00"))],
        {HOLD, DESPITE, HIGH}),
    Row("given, and not held by it", [*held(LOW, systolic=85), dose("d", "0.1", at(2, "12:00"))], set()),
    Row("high pressure at the patient's limit", [goal(high=170), bp(170, 88)], {WITHDRAWAL}),
    Row("high pressure below it", [goal(high=170), bp(169, 88)], set()),
    Row("a surge above both", [goal(high=170), goal("8462-4", high=110), bp(171, 111)], {WITHDRAWAL, SURGE}),
    Row("a crisis stays", [goal(high=180), bp(180, 88)], {CRISIS}),
    Row("a high heart rate", [goal("8867-4", high=110, unit="/min"), pulse("x", 115, NOW)], {FAST},
        "[rules]\ntachycardia = true"),
    Row("a day's dose above the patient's", [goal(DAILY, high="0.8", unit="mg"), *THRICE], {DOSE}),
    Row("a day's dose at it", [goal(DAILY, high="0.9", unit="mg"), *THRICE], set()),
    Row("an order that allows more a day", [goal(DAILY, high="0.8", unit="mg"),
        order("o", instruction("0.3", 8, start=at(2, "12:00")))], {DOSE}),
    Row("the critical dose of a day stays", [goal(DAILY, high="2.4", unit="mg"),
        order("o", instruction("0.3", 2.5, start=at(2, "12:00")))], {DOSE_CRITICAL}),
    Row("on the last day", [due("2026-03-03"), bp(85, 64, at(2, "23:59"))], set()),
    Row("after the last day", [due("2026-03-02"), bp(85, 64, at(2, "00:00"))], {HIGH}),
    Row("before the first day", [goal(low=80, startDate="2026-03-04"), bp(85, 64)], {HIGH}),
    Row("a reading of a day", [due("2026-03-03"), bp(85, 64, "2026-03-03")], set()),
    Row("without a start", [goal(low=80, startDate=None), bp(85, 64)], set()),
    Row("on hold since an unknown day", [goal(low=80, lifecycleStatus="on-hold"), bp(85, 64)], {HIGH}),
    Row("entered in error", [goal(low=80, lifecycleStatus="entered-in-error"), bp(85, 64)], {HIGH}),
    Row("of several the strictest", [goal(low=80), another("g2", low=87), bp(85, 64)], {HIGH}),
    Row("of several the strictest high one", [goal(high=175), another("g2", high=165), bp(167, 80)], {WITHDRAWAL}),
)  # fmt: skip


def said(alerts: Sequence[Doc]) -> set[tuple[str, str]]:
    found = {
        (doc["code"]["coding"][0]["code"], doc["valueCodeableConcept"]["coding"][0]["code"]) for doc in alerts
    }
    return {one for one in found if one[0] in LOOKED_AT}


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_goal_moves_what_it_may(row: Row) -> None:
    assert said(evaluate(row.sent, at(3), load(row.limits))) == row.said


def test_an_alert_names_the_goal_whose_limit_it_used_and_who_set_it() -> None:
    [alert] = evaluate([goal(low=85), bp(84, 64)], NOW, load())

    [limit] = alert["component"][0]["referenceRange"]
    assert (limit["low"]["value"], limit["text"]) == (85, "Goal/g1, set by Practitioner/dr1")
    assert alert["note"][0]["text"].endswith("Limit 85 mm[Hg]: Goal/g1, set by Practitioner/dr1.")


def test_an_alert_names_the_goal_even_where_its_limit_is_the_site_s() -> None:
    [alert] = evaluate([goal(low=90), bp(84, 64)], NOW, load())

    assert alert["component"][0]["referenceRange"][0]["text"].startswith("Goal/g1")


def test_a_goal_that_begins_within_the_hour_before_a_dose_holds_it_from_then_on() -> None:
    sent = [
        panel("x", 100, 75, at(1, "23:45"), rate=70),
        order("mr1", instruction("0.1", 24, start=at(2, "00:30"))),
        goal(low=105, startDate="2026-03-03"),
    ]
    found = [one for one in evaluate(sent, NOW, load()) if one["code"]["coding"][0]["code"] == HOLD[0]]

    assert [one["effectiveDateTime"] for one in found] == ["2026-03-03T00:00:00Z"]


def test_an_episode_closes_five_above_the_patients_limit() -> None:
    sent = [goal(low=80)] + [
        panel(f"x{minute}", systolic, 64, at(2, "12:00") + timedelta(minutes=minute))
        for minute, systolic in ((0, 79.5), (5, 85), (10, 79.5))
    ]
    rules = load("[rules]\nhypotension-severe = false")
    phases = [one["meta"]["tag"][0]["code"] for one in evaluate(sent, NOW, rules) if said([one])]

    assert phases == ["new", "new"]


@settings(max_examples=60)
@given(st.decimals(70, 110, places=1), st.decimals(80, 120, places=1))
def test_low_pressure_is_told_below_the_patients_limit_and_never_at_it(
    low: Decimal, systolic: Decimal
) -> None:
    assert said(evaluate([goal(low=low), bp(systolic, 64)], NOW, load())) == (
        {HIGH} if systolic < low else set()
    )
