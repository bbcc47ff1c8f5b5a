"""What an alert says to the ward: the limit that was broken, by its own source, and what to do."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from service.evaluate import evaluate
from service.record.lift import lift
from service.record.record import Record
from service.ruleset import load
from tests.record.documents import (
    ATC,
    Doc,
    at,
    concept,
    dose,
    no_medication,
    observation,
    panel,
    pulse,
    symptom,
)
from tests.rules.rows import CHEST_PAIN, DIZZINESS, NOW, SYNCOPE, before, bp, felt, given, rate, standing
from tests.rules.withdrawal_rows import cows, stopped

LOFEXIDINE = concept(ATC, "N07BC04")
SPRINT, OURS = "as quoted second-hand (S15)", "engineering choice of this project (E)"
SENTENCES: tuple[tuple[str, Sequence[Doc], str, tuple[str, ...]], ...] = (
    (
        "orthostatic-hypotension",
        standing(105, 74, gap=5),
        "(delayed: 5 min after it): on standing systolic 25 lower.",
        ("Limit 20 mm[Hg]: ", SPRINT),
    ),
    (
        "orthostatic-hypotension",
        standing(134, 92, lying=(165, 95)),
        "BP 134/92 standing after BP 165/95 lying: on standing systolic 31 lower.",
        ("Limit 30 mm[Hg]: ", SPRINT),
    ),
    (
        "orthostatic-hypotension",
        standing(89, 66, lying=(92, 70)),
        "on standing systolic 89 < 90.",
        ("Limit 90 mm[Hg]: ", "(S2)"),
    ),
    (
        "symptomatic-hypotension",
        [*standing(125, 66), felt(DIZZINESS, 0, "severe")],
        "with dizziness: diastolic 14 lower.",
        ("Ask the prescriber whether", "Limit 10 mm[Hg]: ", SPRINT),
    ),
    (
        "symptomatic-hypotension",
        [felt(SYNCOPE, 9), bp(95, 70)],
        "BP 95/70 sitting, with syncope: systolic 95 < 100.",
        ("Call the prescriber now", "Limit 100 mm[Hg]: "),
    ),
    (
        "rebound-hypertension",
        [*stopped(24), bp(152, 85)],
        "24 h after the last dose: systolic 152 >= 150",
        (
            "Call the prescriber about giving it again",
            f"Limit 150 mm[Hg]: 20 above 130 before treatment, {OURS}",
        ),
    ),
    (
        "rebound-hypertension",
        [*stopped(24, (110, 60)), bp(140, 85)],
        "systolic 140 >= 140",
        ("Limit 140 mm[Hg]: Lucemyra label (S13)",),
    ),
    (
        "rebound-hypertension",
        [*stopped(24), bp(182, 85)],
        "systolic 182 >= 150",
        ("Call the prescriber now about giving it again",),
    ),
    (
        "hypertensive-crisis",
        [bp(185, 90, 9), bp(186, 90), felt(CHEST_PAIN, 0)],
        "BP 186/90 sitting again, as BP 185/90 sitting before, with chest pain: systolic 186 >= 180",
        ("Call the prescriber now.",),
    ),
    ("withdrawal-severity", [cows(13)], "COWS 13: moderate withdrawal.", ("Ask the prescriber whether",)),
    ("withdrawal-severity", [cows(25)], "COWS 25: moderately severe withdrawal.", ("Call the prescriber;",)),
    ("withdrawal-severity", [cows(37)], "COWS 37: severe withdrawal.", ("Call the prescriber now;",)),
    (
        "withdrawal-rising",
        [cows(6, 90), given("0.1", 1), cows(11)],
        "COWS 11 after 6, in spite of a dose at 19:00 UTC.",
        (f"Limit 5 points: {OURS}",),
    ),
    (
        "withdrawal-rising",
        [cows(12, 90), given("0.1", 1), cows(13)],
        "COWS 13 after 12, in spite of a dose at 19:00 UTC.",
        ("It is in a higher band.", "(S19)"),
    ),
    ("implausible-vital", [bp(80, 95)], "diastolic is not below systolic. Measure again now.", ()),
)


def alerts(sent: Sequence[Doc]) -> list[Doc]:
    return evaluate(sent, at(30), load())


def name(alert: Doc) -> str:
    return str(alert["code"]["coding"][0]["code"])


@pytest.mark.parametrize(("rule", "sent", "words", "more"), SENTENCES)
def test_an_alert_names_what_was_broken_and_what_to_do(
    rule: str, sent: Sequence[Doc], words: str, more: tuple[str, ...]
) -> None:
    *_, text = (alert["note"][0]["text"] for alert in alerts(sent) if name(alert) == rule)

    assert [part for part in (words, *more) if part not in text] == []


def test_a_band_that_was_entered_is_the_limit_that_is_shown() -> None:
    [alert] = (
        one for one in alerts([cows(12, 90), given("0.1", 1), cows(13)]) if name(one) == "withdrawal-rising"
    )

    assert alert["component"][0]["referenceRange"][0]["high"]["value"] == 13


def test_a_time_in_the_future_is_told_in_minutes() -> None:
    reading = lift(panel("x", 120, 80, NOW + timedelta(minutes=6, seconds=1)), NOW, no_medication).fact

    rule, limits = load().by_id["implausible-vital"]
    finding = rule.judge(reading, Record(), limits)

    assert finding.text == "BP 120/80 sitting: its time lies 6 min after it was recorded. Correct the time."


def test_no_alert_about_lofexidine_speaks_of_clonidine() -> None:
    """Lofexidine is a row of the same table: what is said of its patients must hold for them."""
    known = [
        panel("base", 140, 90, at(1)),
        *(dose(f"d{day}", "0.9", at(day, "06:00"), drug=LOFEXIDINE) for day in (1, 2)),
        *standing(74, 38),
        rate(45, 30),
        pulse("slow", 38, before(20)),
        bp(190, 125, 700),
        bp(170, 105, 800),
        *(
            symptom(code, code, before(15), "severe")
            for code in (DIZZINESS, SYNCOPE, "271782001", "87715008")
        ),
        observation("loc", concept("http://loinc.org", "80288-4"), before(10), valueString="U"),
        panel("rebound", 170, 110, at(4)),
    ]

    said = {name(alert): alert["note"][0]["text"] for alert in alerts(known)}

    assert said.keys() >= {
        "hypotension-severe",
        "bradycardia-severe",
        "rebound-hypertension",
        "syncope",
        "sedation",
    }
    assert [
        rule for rule, text in said.items() if "clonidine" in text.replace("clonidine tablet label", "")
    ] == []
