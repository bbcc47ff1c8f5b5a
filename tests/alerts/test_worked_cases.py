"""The worked cases of the clinical specification, as far as the rules that exist have a say in them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from service.evaluate import evaluate
from service.ruleset import load
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

NOW = at(2, "20:00")
MR1 = order("mr1", instruction("0.1", 6, start=at(1)))
DOSES = [dose(f"d{number}", "0.1", at(1) + timedelta(hours=6 * number)) for number in range(8)]
BASELINE = [panel("base", 140, 90, at(1, "00:00") - timedelta(hours=2), rate=84)]
ON_THERAPY = [MR1, *DOSES, *BASELINE]
NO_BASELINE = [MR1, *DOSES]
ENDED = [order("mr1", instruction("0.1", 6, start=at(1), end=at(3))), *DOSES,
         panel("base", 130, 80, at(1) - timedelta(hours=2))]  # fmt: skip
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
PRESET = 'preset = "{}"'.format


def one(systolic: Any, diastolic: Any, **more: Any) -> list[Doc]:
    return [panel("x", systolic, diastolic, NOW, **more)]


def after_the_last_dose(hours: int, systolic: int, diastolic: int) -> list[Doc]:
    return [panel("x", systolic, diastolic, at(2, "18:00") + timedelta(hours=hours))]


def cows(total: int, when: datetime = NOW) -> Doc:
    return observation(f"cows-{when:%H%M}", concept(SNOMED, "763699005"), when, valueInteger=total)


def given_day(mg: Sequence[str], **more: Any) -> list[Doc]:
    """Doses spread over 24 hours that end with the last one."""
    return [
        dose(f"x{number}", amount, at(2, "00:00") + timedelta(hours=number), **more)
        for number, amount in enumerate(mg)
    ]


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
    Case("16", [pulse("x", 59, NOW)], set(), limits=PRESET("etsu-inpatient")),
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
    Case("48", after_the_last_dose(24, 152, 88), {("rebound-hypertension", "high")}, ENDED, at=at(9)),
    Case("49", after_the_last_dose(11, 152, 88), set(), ENDED, at=at(9)),
    Case(
        "52",
        after_the_last_dose(48, 186, 112),
        {CRISIS, ("rebound-hypertension", "critical"), SURGE},
        ENDED,
        at=at(9),
    ),
    *(Case(f"68-{total}", [cows(total)], {("withdrawal-severity", severity)}) for total, severity in BANDS),
    *(Case(f"68-{total}", [cows(total)], set()) for total in (4, 5, 12)),
    Case("69", [cows(49)], {("implausible-vital", "moderate")}),
    Case("71", [cows(9, at(2, "19:00")), cows(13)], {("withdrawal-severity", "moderate")}),
    Case("57", given_day(["0.3"] * 4), set(), ()),
    Case("57+", given_day(["0.3"] * 4 + ["0.1"]), {("daily-dose-exceeded", "high")}, ()),
    Case("59a", [order("mr1", instruction("0.3", 3))], {("daily-dose-exceeded", "high")}, ()),
    Case(
        "59b",
        [order("mr1", instruction("0.3", 3)), order("mr2", instruction("0.1", 6, asNeededBoolean=True))],
        {("daily-dose-exceeded", "critical")},
        (),
    ),
    Case("61a", given_day(["0.3"]), set(), ()),
    Case("61b", given_day(["0.4"]), {("single-dose-exceeded", "high")}, ()),
    Case("63", [panel("x", 88, 62, at(2, "11:20"), rate=70)], {LOW_HIGH, DROP_HIGH}),
    Case("74a", one(301, 90), {("implausible-vital", "moderate")}),
    Case("74b", one(39, 25), {("implausible-vital", "high")}),
    Case("75", one(300, 120), {CRISIS, SURGE}),
    Case("77", one(96, 90), {DROP_HIGH}),
    Case("78", [pulse("x", 0, NOW)], {("implausible-vital", "high")}),
    Case("79", one("12.0", "8.0", unit="kPa"), {DROP_HIGH}),
    Case("81", one(88, None), {LOW_HIGH, DROP_HIGH}),
    Case("95", [goal(low=85), *one(88, 64)], set(), ()),
    Case("97", [panel("x", 109, 44, "2026-03-02", None)], {LOW_HIGH, DROP}),
    Case("100a", given_day(["0.72"], drug=LOFEXIDINE), set(), ()),
    Case("100b", given_day(["0.9"], drug=LOFEXIDINE), {("single-dose-exceeded", "high")}, ()),
    Case("100c", given_day(["0.72"] * 4, drug=LOFEXIDINE), set(), ()),
    Case("100d", given_day(["0.72"] * 4 + ["0.18"], drug=LOFEXIDINE), {("daily-dose-exceeded", "high")}, ()),
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
