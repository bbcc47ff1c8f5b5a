"""The worked cases of the clinical specification, as far as the rules that exist have a say in them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from service.evaluate import evaluate
from service.ruleset import load
from tests.alerts.treatments import (
    DAILY,
    FIRST,
    LOW_AT_ELEVEN,
    MEASURED,
    MONTH,
    NO_BASELINE,
    NOW,
    ON_THERAPY,
    TAPERED,
    WATCHED,
    due_at_noon,
    ended,
    planned,
    unordered,
)
from tests.record.documents import (
    ATC,
    LOINC,
    POSITIONS,
    SNOMED,
    Doc,
    at,
    component,
    concept,
    dose,
    goal,
    instruction,
    observation,
    order,
    panel,
    pulse,
    symptom,
)
from tests.rules.optional_rows import scored

LOFEXIDINE = concept(ATC, "N07BC04")
STANDING_COMPONENT = {
    "code": concept(LOINC, "8361-8"),
    "valueCodeableConcept": concept(SNOMED, POSITIONS["standing"]),
}


class Case(NamedTuple):
    """What is sent besides `given`, and the (rule, severity) pairs expected about it."""

    number: str
    sent: Sequence[Doc]
    expected: set[tuple[str, str]]
    given: Sequence[Doc] = ON_THERAPY
    limits: str | None = None
    at: datetime = NOW


DROP_HIGH, DROP = ("bp-drop-from-baseline", "high"), ("bp-drop-from-baseline", "moderate")
LOW_HIGH, LOW = ("hypotension", "high"), ("hypotension", "moderate")
ORTHOSTATIC = ("orthostatic-hypotension", "moderate")
CRISIS = ("hypertensive-crisis", "high")
WITHDRAWAL, SURGE = ("withdrawal-hypertension", "moderate"), ("autonomic-surge", "moderate")
BANDS = ((13, "moderate"), (24, "moderate"), (25, "high"), (36, "high"), (37, "critical"))
HOLD, DESPITE = ("hold-dose-advised", "high"), ("dose-given-despite-hold", "high")
UNMEASURED, MISSED = ("pre-dose-bp-missing", "moderate"), ("missed-dose", "moderate")
STEEP = ("taper-too-steep", "high")
ABRUPT = ("abrupt-discontinuation", "high")
OVERDUE = "bp-monitoring-overdue"
LONG = "treatment-duration-exceeded"
PRESET = 'preset = "{}"'.format


def one(systolic: Any, diastolic: Any, **more: Any) -> list[Doc]:
    return [panel("x", systolic, diastolic, NOW, **more)]


def after_the_last_dose(hours: int, systolic: int, diastolic: int) -> list[Doc]:
    return [panel("x", systolic, diastolic, at(3) + timedelta(hours=hours))]


def cows(total: int, when: datetime = NOW, **more: Any) -> Doc:
    return observation(f"cows-{when:%H%M}", concept(SNOMED, "763699005"), when, valueInteger=total, **more)


MISMATCH = ("withdrawal-item-mismatch", "low")
ITEMS_OF_17 = scored(18, anxiety_irritability=5, tremor=1)
ITEM_RULE = "[rules]\nwithdrawal-item-mismatch = true"


CASES = (
    Case("1", one(90, 60), {DROP_HIGH}),
    Case("2", one(89, 60), {LOW_HIGH, DROP_HIGH}),
    Case("4", one(96, 49), {LOW_HIGH, DROP_HIGH}),
    Case("5", one(80, 60), {LOW_HIGH, DROP_HIGH}),
    Case("7", one(102, 39), {("hypotension-severe", "critical"), DROP}),
    Case("9", one(111, 72), {DROP}),
    Case("11", one(98, 69), set(), NO_BASELINE),
    Case("12", one(98, 55), {LOW}, ()),
    Case("13", [panel("first", 98, 55, NOW - timedelta(days=12)), *one(89, 66)], {LOW, LOW_HIGH}, ()),
    Case("14a", [pulse("x", 50, NOW)], set()),
    Case("14b", [pulse("x", 49, NOW)], {("bradycardia", "high")}),
    Case("14c", [pulse("x", 40, NOW)], {("bradycardia", "high")}),
    Case("14d", [pulse("x", 39, NOW)], {("bradycardia-severe", "critical")}),
    Case("16", [pulse("x", 59, at(2, "23:30"))], {HOLD}, WATCHED, PRESET("etsu-inpatient"), at(2, "23:30")),
    Case("16 by default", [pulse("x", 59, at(2, "23:30"))], set(), WATCHED, at=at(2, "23:30")),
    Case("17", one(118, 55), set(), NO_BASELINE, PRESET("lofexidine-trial")),
    Case(
        "18",
        [panel("l", 130, 80, at(2, "08:00"), "lying"), panel("s", 110, 72, at(2, "08:02"), "standing")],
        {ORTHOSTATIC},
    ),
    Case(
        "20",
        [panel("l", 130, 80, at(2, "08:00"), "lying"), panel("s", 115, 70, at(2, "08:03"), "standing")],
        {ORTHOSTATIC},
    ),
    Case(
        "22",
        [panel("l", 165, 95, at(2, "08:00"), "lying"), panel("s", 140, 86, at(2, "08:02"), "standing")],
        {WITHDRAWAL, SURGE},
    ),
    Case(
        "24",
        [panel("l", 130, 80, at(2, "08:00"), "lying"), panel("s", 105, 66, at(2, "08:25"), "standing")],
        set(),
    ),
    Case(
        "25", [panel("l", 130, 80, at(2, "08:00"), None), panel("s", 105, 66, at(2, "08:02"), None)], {DROP}
    ),
    Case(
        "27",
        [
            panel("l", 130, 80, at(2, "08:00"), "lying"),
            {
                **panel("s", 110, 72, at(2, "08:02"), None),
                "component": [component("8480-6", 110), component("8462-4", 72), STANDING_COMPONENT],
            },
        ],
        {ORTHOSTATIC},
    ),
    Case(
        "29",
        [
            {
                **panel("x", 120, 80, NOW),
                "code": concept(LOINC, "8460-8"),
                "component": [],
                "valueQuantity": component("8460-8", 120)["valueQuantity"],
            }
        ],
        {("unparseable-vital", "low")},
    ),
    Case("31", [symptom("z", "404640003", NOW, "severe"), *one(128, 82)], {("dizziness", "moderate")}),
    Case("32", one(179, 119), {WITHDRAWAL, SURGE}),
    Case("33", one(180, 100, rate=90), {CRISIS, SURGE}),
    Case(
        "35",
        [panel("a", "155.65", "121.53", NOW - timedelta(minutes=8)), panel("b", "180.27", "118.80", NOW)],
        {CRISIS, ("hypertensive-crisis", "critical"), SURGE},
    ),
    Case("37", one(160, 90, rate=100), {WITHDRAWAL}),
    Case("39", one(150, 95, rate=101), {SURGE}),
    Case("40", ended("0.3", 8, at(1, "06:00"), at(6, "06:00")), {ABRUPT}, (), at=at(6, "09:00")),
    Case("42", ended("0.1", 8, at(1), at(2)), set(), (), at=at(2, "06:00")),
    Case("43", [], set(), TAPERED, at=at(9)),
    Case("45", planned(("0.3", 8, 1, 4), ("0.15", 8, 4, 7)), set(), (), at=at(9)),
    Case("45+", planned(("0.3", 8, 1, 4), ("0.14", 8, 4, 7)), {STEEP}, (), at=at(9)),
    Case("47", planned(("0.1", 24, 1, 6)), set(), (), at=at(9)),
    Case("48", after_the_last_dose(24, 152, 88), {("rebound-hypertension", "high")}, TAPERED, at=at(9)),
    Case("49", after_the_last_dose(11, 152, 88), set(), TAPERED, at=at(9)),
    Case(
        "52",
        after_the_last_dose(48, 186, 112),
        {CRISIS, ("rebound-hypertension", "critical"), SURGE},
        TAPERED,
        at=at(9),
    ),
    *(Case(f"68-{total}", [cows(total)], {("withdrawal-severity", severity)}) for total, severity in BANDS),
    *(Case(f"68-{total}", [cows(total)], set()) for total in (4, 5, 12)),
    Case("69", [cows(49)], {("implausible-vital", "moderate")}),
    Case("71", [cows(9, at(2, "19:00")), cows(13)], {("withdrawal-severity", "moderate")}),
    Case("53", [], {MISSED}, WATCHED, at=at(3, "03:01")),
    Case("54", [], set(), WATCHED, at=at(3, "03:00")),
    Case("56", [], set(), TAPERED, at=at(3, "20:00")),
    Case("57", unordered(["0.3"] * 4), set(), ()),
    Case("57+", unordered(["0.3"] * 4 + ["0.1"]), {("daily-dose-exceeded", "high")}, ()),
    Case("59a", [order("mr1", instruction("0.3", 3))], {("daily-dose-exceeded", "high")}, MEASURED),
    Case(
        "59b",
        [order("mr1", instruction("0.3", 3)), order("mr2", instruction("0.1", 6, asNeededBoolean=True))],
        {("daily-dose-exceeded", "critical")},
        MEASURED,
    ),
    Case("61a", unordered(["0.3"]), set(), ()),
    Case("61b", unordered(["0.4"]), {("single-dose-exceeded", "high")}, ()),
    Case("63", [LOW_AT_ELEVEN], {LOW_HIGH, DROP_HIGH, HOLD}, due_at_noon(), at=at(2, "12:00")),
    Case(
        "63+",
        [LOW_AT_ELEVEN, dose("noon", "0.1", at(2, "12:05"))],
        {LOW_HIGH, DROP_HIGH, HOLD, DESPITE},
        due_at_noon(),
        at=at(2, "12:10"),
    ),
    Case(
        "64",
        [panel("x", 88, 62, at(2, "10:30"))],
        {LOW_HIGH, DROP_HIGH, HOLD, UNMEASURED},
        due_at_noon(),
        at=at(2, "12:00"),
    ),
    Case(
        "65",
        [panel("x", 140, 90, at(1, "10:00"))],
        {("post-dose-bp-missing", "high")},
        FIRST,
        at=at(1, "10:00"),
    ),
    Case("65 before", [], set(), FIRST, at=at(1, "09:30")),
    *(
        Case(f"67 {clock}", [], set(said), DAILY, at=at(2, clock))
        for clock, said in (
            ("13:30", []),
            ("13:31", [(OVERDUE, "moderate")]),
            ("17:31", [(OVERDUE, "moderate"), (OVERDUE, "high")]),
        )
    ),
    Case("72", [ITEMS_OF_17], {("withdrawal-severity", "moderate"), MISMATCH}, limits=ITEM_RULE),
    Case("74a", one(301, 90), {("implausible-vital", "moderate")}),
    Case("74b", one(39, 25), {("implausible-vital", "high")}),
    Case("75", one(300, 120), {CRISIS, SURGE}),
    Case("77", one(96, 90), {DROP_HIGH}),
    Case("78", [pulse("x", 0, NOW)], {("implausible-vital", "high")}),
    Case("79", one("12.0", "8.0", unit="kPa"), {DROP_HIGH}),
    Case("81", one(88, None), {LOW_HIGH, DROP_HIGH}),
    Case("94 day 14", [], set(), MONTH, at=at(15)),
    Case("94 day 15", [], {(LONG, "low")}, MONTH, at=at(15, "00:01")),
    Case("94 day 22", [], {(LONG, "low"), (LONG, "moderate")}, MONTH, at=at(22, "00:01")),
    Case("95", [goal(low=85), *one(88, 64)], set(), ()),
    Case("97", [panel("x", 109, 44, "2026-03-02", None)], {LOW_HIGH, DROP}),
    Case("100a", unordered(["0.72"], drug=LOFEXIDINE), set(), ()),
    Case("100b", unordered(["0.9"], drug=LOFEXIDINE), {("single-dose-exceeded", "high")}, ()),
    Case("100c", unordered(["0.72"] * 4, drug=LOFEXIDINE), set(), ()),
    Case("100d", unordered(["0.72"] * 4 + ["0.18"], drug=LOFEXIDINE), {("daily-dose-exceeded", "high")}, ()),
)


def said(alert: Doc) -> tuple[str, str]:
    return alert["code"]["coding"][0]["code"], alert["valueCodeableConcept"]["coding"][0]["code"]


@pytest.mark.parametrize("case", CASES, ids=[case.number for case in CASES])
def test_a_worked_case_raises_what_the_specification_says(case: Case) -> None:
    alerts = evaluate([*case.given, *case.sent], case.at, load(case.limits))

    assert {said(alert) for alert in alerts} == case.expected


def test_two_low_readings_twelve_days_apart_are_two_episodes() -> None:
    sent = [panel("first", 98, 55, NOW - timedelta(days=12)), *one(89, 66)]

    phases = [alert["meta"]["tag"][0]["code"] for alert in evaluate(sent, NOW, load())]

    assert phases == ["new", "new"]


def test_a_narrow_pulse_pressure_is_noted_on_the_alert_and_raises_none() -> None:
    [alert] = evaluate([*ON_THERAPY, *one(96, 90)], NOW, load())

    assert "pulse pressure 6" in alert["note"][0]["text"]
