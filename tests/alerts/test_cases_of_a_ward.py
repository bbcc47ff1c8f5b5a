"""Cases of the clinical specification with other numbers than its own: rule, severity, phase and minute of every alert.

Readings stand at their minute of an evening; nothing else is known of a patient unless a case says so.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from service.evaluate import evaluate
from service.ruleset import load
from tests.record.documents import (
    LOINC,
    SNOMED,
    Doc,
    at,
    component,
    concept,
    dose,
    goal,
    observation,
    panel,
    pulse,
    symptom,
)

EVENING = at(1, "20:00")
DIZZY, DROWSY = "404640003", "271782001"
TRIAL = 'preset = "lofexidine-trial"'


class Case(NamedTuple):
    """`alerts` are `rule severity phase minute`; `only` limits them to some rules."""

    name: str
    sent: Sequence[Doc]
    alerts: Sequence[str]
    only: frozenset[str] = frozenset()
    limits: str = ""


def minute(number: float) -> datetime:
    return EVENING + timedelta(minutes=number)


def bp(number: float, systolic: Any, diastolic: Any, position: str | None = None, id: str = "") -> Doc:
    return panel(id or f"bp{number}", systolic, diastolic, minute(number), position)


def one(number: float, code: str, value: Any, id: str = "") -> Doc:
    part = component(code, value)
    return observation(
        id or f"{code}{number}", part["code"], minute(number), valueQuantity=part["valueQuantity"]
    )


def rate(number: float, value: Any) -> Doc:
    return pulse(f"hr{number}", value, minute(number))


def felt(number: float, code: str, grade: str | None = None) -> Doc:
    return symptom(f"felt{number}", code, minute(number), grade)


def cows(number: float, total: int) -> Doc:
    return observation(f"cows{number}", concept(SNOMED, "763699005"), minute(number), valueInteger=total)


GIVEN = dose("d", "0.1", minute(0))
DROP = frozenset({"bp-drop-from-baseline"})
SCORES = frozenset({"withdrawal-severity", "withdrawal-rising"})
CASES = (
    # --- both pressures as Observations of their own, at one time: ties go by id
    Case(
        "systolic, then diastolic",
        [one(0, "8480-6", 87, "a"), one(0, "8462-4", 57, "b")],
        ["hypotension high new 0", "hypotension moderate continuing 0"],
    ),
    Case(
        "diastolic, then systolic",
        [one(0, "8462-4", 57, "a"), one(0, "8480-6", 87, "b")],
        ["hypotension moderate new 0", "hypotension high escalated 0"],
    ),
    Case(
        "pre-coordinated on both sides of standing up",
        [one(0, "8461-6", 131), one(0, "8455-8", 82), one(2, "8460-8", 111), one(2, "8454-1", 73)],
        ["orthostatic-hypotension moderate new 2"],
    ),
    # --- what closes an episode: every quantity that breached, present and back
    Case(
        "the systolic that was well need not be there",
        [bp(0, 101, 56), one(9, "8462-4", 65), bp(20, 101, 56)],
        ["hypotension moderate new 0", "hypotension moderate new 20"],
    ),
    Case(
        "the diastolic that breached has to be there",
        [bp(0, 101, 56), one(9, "8480-6", 120), bp(20, 101, 56)],
        ["hypotension moderate new 0", "hypotension moderate continuing 20"],
    ),
    Case(
        "the second breach of an episode has to be back too",
        [bp(0, 87, 66), bp(5, 102, 57), bp(9, 97, 64), bp(20, 87, 66)],
        ["hypotension high new 0", "hypotension moderate continuing 5", "hypotension high continuing 20"],
    ),
    Case(
        "of a moderate episode that was high once",
        [bp(0, 94, 57), bp(9, 87, 66), bp(69, 94, 57), bp(249, 94, 57)],
        [
            "hypotension moderate new 0",
            "hypotension high escalated 9",
            "hypotension moderate continuing 69",
            "hypotension moderate reminder 249",
        ],
    ),
    # --- rungs: the severe one stands in for the lower, whose episode goes on
    Case(
        "the severe one closes at 85",
        [bp(0, 77, 60), bp(5, 85, 62), bp(9, 77, 60)],
        [
            "hypotension-severe critical new 0",
            "hypotension high continuing 5",
            "hypotension-severe critical new 9",
        ],
    ),
    Case(
        "and not below",
        [bp(0, 77, 60), bp(5, "84.9", 62), bp(15, 77, 60)],
        [
            "hypotension-severe critical new 0",
            "hypotension high continuing 5",
            "hypotension-severe critical reminder 15",
        ],
    ),
    Case(
        "a crisis by the diastolic that is back, and comes again",
        [bp(0, 131, 122), bp(9, 131, 104), bp(20, 131, 122)],
        [
            "hypertensive-crisis high new 0",
            "withdrawal-hypertension moderate continuing 9",
            "hypertensive-crisis critical new 20",
        ],
    ),
    Case(
        "three in six minutes: the third is 6 after the first",
        [bp(0, 183, 90), bp(3, 183, 90), bp(6, 183, 90)],
        [
            "hypertensive-crisis high new 0",
            "hypertensive-crisis high continuing 3",
            "hypertensive-crisis critical escalated 6",
        ],
    ),
    # --- pairs: the alert belongs to the later fact
    Case(
        "slow, then weak",
        [rate(0, 47), bp(9, 86, 66)],
        ["bradycardia high new 0", "bradycardia-severe critical new 9", "hypotension high new 9"],
    ),
    Case(
        "weak, then slow",
        [bp(0, 86, 66), rate(9, 47)],
        ["hypotension high new 0", "bradycardia-severe critical new 9"],
    ),
    Case(
        "dizzy between two low readings",
        [bp(0, 96, 70), felt(9, DIZZY), bp(20, 93, 70)],
        [
            "dizziness moderate new 9",
            "symptomatic-hypotension high new 9",
            "symptomatic-hypotension high continuing 20",
        ],
    ),
    Case(
        "the pulse completes a surge that the pressure alone was not",
        [bp(0, 158, 93), rate(4, 102)],
        ["autonomic-surge moderate new 4"],
    ),
    # --- symptoms
    Case(
        "drowsier and drowsier",
        [felt(0, DROWSY, "mild"), felt(5, DROWSY), felt(9, DROWSY, "severe"), felt(69, DROWSY, "mild")],
        [
            "sedation info new 0",
            "sedation low escalated 5",
            "sedation high escalated 9",
            "sedation info reminder 69",
        ],
    ),
    # --- scores
    Case(
        "the rise counts from the earlier of two lowest scores",
        [cows(0, 6), dose("x", "0.1", minute(30)), cows(40, 6), cows(60, 11)],
        ["withdrawal-rising moderate new 60"],
        SCORES,
    ),
    Case(
        "a band down pages nobody, a band up does",
        [cows(0, 14), cows(60, 26), cows(90, 14), cows(100, 38)],
        [
            "withdrawal-severity moderate new 0",
            "withdrawal-severity high escalated 60",
            "withdrawal-severity moderate continuing 90",
            "withdrawal-severity critical escalated 100",
        ],
    ),
    # --- falls from a baseline
    Case(
        "a baseline of the hour after the dose",
        [GIVEN, bp(60, 151, 99, "sitting"), bp(90, 119, 85, "sitting")],
        ["bp-drop-from-baseline moderate new 90"],
        DROP,
    ),
    Case(
        "a minute later there is none",
        [GIVEN, bp(61, 151, 99, "sitting"), bp(90, 119, 85, "sitting")],
        [],
        DROP,
    ),
    Case(
        "lying against its own baseline, though sitting fell",
        [bp(-30, 151, 99, "sitting"), bp(-29, 131, 82, "lying"), GIVEN, bp(60, 112, 72, "lying")],
        [],
        DROP,
    ),
    Case("standing against lying", [bp(-30, 151, 99, "lying"), GIVEN, bp(60, 112, 72, "standing")], [], DROP),
    Case(
        "an unknown position against standing",
        [bp(-30, 151, 99, "standing"), GIVEN, bp(60, 112, 72)],
        ["bp-drop-from-baseline moderate new 60"],
        DROP,
    ),
    # --- limits of a patient and of a preset close where they open
    Case(
        "a Goal of 100 closes at 105",
        [goal(low=100), bp(0, 98, 66), bp(5, 104, 66), bp(9, 98, 66), bp(15, 105, 66), bp(20, 98, 66)],
        ["hypotension high new 0", "hypotension high continuing 9", "hypotension high new 20"],
    ),
    Case(
        "a Goal leaves the severe rung",
        [goal(low=72), bp(0, 78, 60)],
        ["hypotension-severe critical new 0"],
    ),
    Case(
        "the trial's 50 closes at 55",
        [bp(0, 112, 48), bp(5, 112, 55), bp(9, 112, 48)],
        ["hypotension high new 0", "hypotension high new 9"],
        limits=TRIAL,
    ),
)


def told(alert: Doc) -> str:
    rule, severity = alert["code"], alert["valueCodeableConcept"]
    effective = datetime.fromisoformat(alert["effectiveDateTime"])
    words = (one["coding"][0]["code"] for one in (rule, severity))
    return (
        f"{' '.join(words)} {alert['meta']['tag'][0]['code']} {(effective - EVENING).total_seconds() / 60:g}"
    )


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_case_raises_these_alerts_in_these_phases(case: Case) -> None:
    alerts = [told(alert) for alert in evaluate(case.sent, at(9), load(case.limits))]

    assert sorted(one for one in alerts if not case.only or one.split()[0] in case.only) == sorted(
        case.alerts
    )


def test_patients_of_one_bundle_have_episodes_of_their_own() -> None:
    other = [
        {**doc, "id": f"o{doc['id']}", "subject": {"reference": "Patient/p2"}}
        for doc in (bp(5, 86, 66), rate(9, 47))
    ]

    alerts = evaluate([bp(0, 87, 66), *other], at(9), load())

    assert [(one["subject"]["reference"], told(one)) for one in alerts] == [
        ("Patient/p1", "hypotension high new 0"),
        ("Patient/p2", "hypotension high new 5"),
        ("Patient/p2", "bradycardia-severe critical new 9"),
    ]


@pytest.mark.parametrize(
    "shown", ["2026-03-02T22:00:00+02:00", "2026-03-02T15:00:00-05:00", "2026-03-03T09:00:00+13:00"]
)
def test_a_time_zone_moves_no_episode(shown: str) -> None:
    zoned = panel("zoned", 87, 66, shown)

    alerts = evaluate([zoned, {**bp(59, 87, 66), "code": concept(LOINC, "55284-4")}], at(9), load())

    assert [one["meta"]["tag"][0]["code"] for one in alerts] == ["new", "continuing"]
