"""Rows of the acceptance tables for withdrawal and adverse effects: high pressures, scores, symptoms."""

from typing import Any

from tests.record.documents import (
    LOINC,
    SNOMED,
    Doc,
    at,
    concept,
    instruction,
    observation,
    order,
    panel,
    quantity,
)
from tests.rules.rows import DIZZINESS, NOW, SYNCOPE, Row, before, bp, felt, given, rate, standing

DROWSY, DRY_MOUTH = "271782001", "87715008"
ALERT, CONFUSED, VOICE, PAIN, UNRESPONSIVE = "248234008", "130987000", "300202002", "450847001", "422768004"
COWS = concept(SNOMED, "763699005")
ABSENT: dict[str, Any] = {"dataAbsentReason": {"text": "not assessed"}}


def cows(total: Any, minutes: float = 0, **more: Any) -> Doc:
    value = {} if total is None else {"valueInteger": total}
    return observation(f"cows{minutes}", COWS, before(minutes), **value, **more)


def stopped(hours: float, base: tuple[int, int] = (130, 80)) -> list[Doc]:
    """A single dose so many hours ago, and the pressure an hour before it."""
    return [given("0.1", hours), panel("base", *base, before(60 * hours + 60))]


def level(snomed: str) -> Doc:
    """A level of consciousness (ACVPU)."""
    return observation("loc", concept(LOINC, "80288-4"), NOW, valueCodeableConcept=concept(SNOMED, snomed))


def unscored(kind: str) -> list[Row]:
    """What no score is told of a COWS that was not taken, or that cannot be."""
    return [Row(kind, "unknown", [cows(None, **ABSENT)], []), Row(kind, "unknown", [cows(49)], [])]


WITHDRAWAL: tuple[Row, ...] = (
    # --- withdrawal-hypertension
    Row("withdrawal-hypertension", "firing", [bp(165, 80)], ["moderate"]),
    Row("withdrawal-hypertension", "firing", [bp(130, 104)], ["moderate"]),
    Row("withdrawal-hypertension", "firing", [cows(7, 60), bp(165, 80)], ["moderate"]),
    Row("withdrawal-hypertension", "firing", [cows(2, 300), cows(9, 200), bp(165, 80)], ["moderate"]),
    Row("withdrawal-hypertension", "silent", [bp(150, 90)], []),
    Row("withdrawal-hypertension", "silent", [cows(4, 60), bp(165, 80)], []),
    Row("withdrawal-hypertension", "silent", [bp(185, 104)], []),  # a crisis stands in for it
    Row("withdrawal-hypertension", "boundary", [bp(160, 80)], ["moderate"]),
    Row("withdrawal-hypertension", "boundary", [bp("159.9", "99.9")], []),
    Row("withdrawal-hypertension", "boundary", [cows(5, 60), bp(165, 80)], ["moderate"]),
    Row("withdrawal-hypertension", "boundary", [cows(4, 719), bp(165, 80)], []),
    Row("withdrawal-hypertension", "boundary", [cows(4, 720), bp(165, 80)], ["moderate"]),
    Row("withdrawal-hypertension", "unknown", [bp(None, 80)], []),
    Row("withdrawal-hypertension", "unknown", [cows(49, 60), bp(165, 80)], ["moderate"]),
    # --- autonomic-surge
    Row("autonomic-surge", "firing", [bp(165, 95)], ["moderate"]),
    Row("autonomic-surge", "firing", [bp(165, 80, rate=110)], ["moderate"]),
    Row("autonomic-surge", "firing", [rate(110, 3), bp(165, 80)], ["moderate"]),
    Row("autonomic-surge", "silent", [bp(165, 80, rate=90)], []),
    Row("autonomic-surge", "silent", [bp(165, 80), bp(166, 80, 2)], []),
    Row("autonomic-surge", "boundary", [bp(160, 90, rate=100)], []),
    Row("autonomic-surge", "boundary", [bp("160.1", "90.1")], ["moderate"]),
    Row("autonomic-surge", "boundary", [rate(110, 5), bp(165, 80)], []),
    Row("autonomic-surge", "boundary", [rate(110, 4.9), bp(165, 80)], ["moderate"]),
    Row("autonomic-surge", "unknown", [bp(165, None)], []),
    # --- rebound-hypertension
    Row("rebound-hypertension", "firing", [*stopped(24), bp(152, 88)], ["high"]),
    Row("rebound-hypertension", "firing", [*stopped(24), bp(130, 98)], ["high"]),
    Row("rebound-hypertension", "firing", [*stopped(24), bp(185, 88)], ["critical"]),
    Row(
        "rebound-hypertension",
        "firing",
        [order("o", instruction("0.1", 6, start=before(3000), end=before(1440))), bp(165, 88)],
        ["high"],
    ),
    Row("rebound-hypertension", "silent", [*stopped(24), bp(138, 88)], []),
    Row("rebound-hypertension", "silent", [*stopped(24, (150, 95)), bp(155, 98)], []),
    Row(
        "rebound-hypertension",
        "silent",
        [*stopped(14), order("o", instruction("0.1", 12, start=before(3000))), bp(152, 88)],
        [],
    ),
    Row("rebound-hypertension", "boundary", [*stopped(12), bp(152, 88)], []),
    Row("rebound-hypertension", "boundary", [*stopped(12.01), bp(150, 80)], ["high"]),
    Row("rebound-hypertension", "boundary", [*stopped(24), bp(149, 94)], []),
    Row("rebound-hypertension", "boundary", [*stopped(96), bp(150, 80)], ["high"]),
    Row("rebound-hypertension", "boundary", [*stopped(96.01), bp(150, 80)], []),
    Row("rebound-hypertension", "unknown", [stopped(24)[0], bp(155, 95)], []),
    Row("rebound-hypertension", "unknown", [stopped(24)[0], bp(160, 95)], ["high"]),
    Row("rebound-hypertension", "unknown", [bp(170, 105)], []),
    # --- tachycardia
    Row("tachycardia", "firing", [rate(130)], ["moderate"]),
    Row("tachycardia", "silent", [rate(100)], []),
    Row("tachycardia", "boundary", [rate(120)], []),
    Row("tachycardia", "boundary", [rate("120.1")], ["moderate"]),
    Row("tachycardia", "unknown", [bp(120, 80)], []),
    # --- dose-interval-short
    Row("dose-interval-short", "firing", [given("0.1", 1), given("0.1", 0)], ["moderate"]),
    Row("dose-interval-short", "silent", [given("0.1", 4), given("0.1", 0)], []),
    Row("dose-interval-short", "silent", [given("0.1", 1, status="not-done"), given("0.1", 0)], []),
    Row("dose-interval-short", "boundary", [given("0.1", 2), given("0.1", 0)], []),
    Row("dose-interval-short", "boundary", [given("0.1", 1.99), given("0.1", 0)], ["moderate"]),
    Row("dose-interval-short", "unknown", [given("0.1", 0)], []),
    # --- withdrawal-severity
    Row("withdrawal-severity", "firing", [cows(18)], ["moderate"]),
    Row("withdrawal-severity", "firing", [cows(30)], ["high"]),
    Row("withdrawal-severity", "firing", [cows(40)], ["critical"]),
    Row(
        "withdrawal-severity",
        "firing",
        [
            observation(
                "c",
                concept("https://clonidine-watch.org/fhir/CodeSystem/withdrawal-scale", "cows-total"),
                NOW,
                valueQuantity=quantity(18, "{score}"),
            )
        ],
        ["moderate"],
    ),
    Row("withdrawal-severity", "silent", [cows(8)], []),
    Row("withdrawal-severity", "boundary", [cows(12), cows(13, 5)], ["moderate"]),
    Row("withdrawal-severity", "boundary", [cows(24), cows(25, 5)], ["high", "moderate"]),
    Row("withdrawal-severity", "boundary", [cows(36), cows(37, 5)], ["critical", "high"]),
    *unscored("withdrawal-severity"),
    # --- withdrawal-rising
    Row("withdrawal-rising", "firing", [cows(6, 180), given("0.1", 2), cows(12)], ["moderate"]),
    Row("withdrawal-rising", "firing", [cows(11, 180), given("0.1", 2), cows(13)], ["moderate"]),
    Row("withdrawal-rising", "silent", [cows(9, 180), cows(13)], []),
    Row("withdrawal-rising", "silent", [cows(6, 180), given("0.1", 4), cows(12)], []),
    Row("withdrawal-rising", "silent", [cows(6, 180), given("0.1", 2, status="not-done"), cows(12)], []),
    Row("withdrawal-rising", "boundary", [cows(6, 180), given("0.1", 2), cows(11)], ["moderate"]),
    Row("withdrawal-rising", "boundary", [cows(6, 180), given("0.1", 2), cows(10)], []),
    Row("withdrawal-rising", "boundary", [cows(6, 1440), given("0.1", 2), cows(12)], []),
    Row("withdrawal-rising", "boundary", [cows(6, 120), given("0.1", 2), cows(12)], []),
    Row(
        "withdrawal-rising",
        "unknown",
        [cows(6, 180), order("o", instruction("0.1", 6, start=at(1))), cows(12)],
        [],
    ),
    *unscored("withdrawal-rising"),
    # --- symptomatic-hypotension
    Row("symptomatic-hypotension", "firing", [felt(DIZZINESS, 30, "severe"), bp(98, 70)], ["high"]),
    Row("symptomatic-hypotension", "firing", [bp(98, 70, 30), felt(SYNCOPE, 0)], ["critical"]),
    Row("symptomatic-hypotension", "firing", [*standing(108, 75), felt(DIZZINESS, 0, "moderate")], ["high"]),
    Row("symptomatic-hypotension", "firing", [felt(DIZZINESS, 30), *standing(108, 75)], ["high"]),
    Row("symptomatic-hypotension", "silent", [felt(DIZZINESS, 30, "mild"), bp(98, 70)], []),
    Row("symptomatic-hypotension", "silent", [felt(DIZZINESS, 30, "severe"), bp(110, 70)], []),
    Row("symptomatic-hypotension", "boundary", [felt(DIZZINESS, 30, "severe"), bp(100, 70)], []),
    Row("symptomatic-hypotension", "boundary", [felt(DIZZINESS, 59, "severe"), bp("99.9", 70)], ["high"]),
    Row("symptomatic-hypotension", "boundary", [felt(DIZZINESS, 60, "severe"), bp(98, 70)], []),
    Row("symptomatic-hypotension", "boundary", [felt(DIZZINESS, 0, "severe"), bp(98, 70)], ["high"]),
    Row("symptomatic-hypotension", "unknown", [felt(DIZZINESS, 30, **ABSENT), bp(98, 70)], []),
    # --- sedation
    Row("sedation", "firing", [felt(DROWSY, 0, "severe")], ["high"]),
    Row("sedation", "firing", [felt(DROWSY, 0, "moderate")], ["low"]),
    Row("sedation", "boundary", [felt(DROWSY, 0, "mild")], ["info"]),
    Row("sedation", "silent", [felt(DROWSY, 0, valueBoolean=False)], []),
    Row("sedation", "unknown", [felt(DROWSY, 0)], ["low"]),
    Row("sedation", "firing", [level(PAIN)], ["critical"]),
    Row("sedation", "firing", [level(UNRESPONSIVE)], ["critical"]),
    Row("sedation", "silent", [level(ALERT)], []),
    Row("sedation", "boundary", [level(CONFUSED)], []),
    Row("sedation", "boundary", [level(VOICE)], ["critical"]),
    Row("sedation", "unknown", [level("1")], []),
    # --- dizziness
    Row("dizziness", "firing", [felt(DIZZINESS, 0, "severe")], ["moderate"]),
    Row("dizziness", "boundary", [felt(DIZZINESS, 0, "moderate")], ["moderate"]),
    Row("dizziness", "boundary", [felt(DIZZINESS, 0, "mild")], []),
    Row("dizziness", "silent", [felt(DIZZINESS, 0, valueBoolean=False)], []),
    Row("dizziness", "unknown", [felt(DIZZINESS, 0)], ["moderate"]),
    Row("dizziness", "unknown", [felt(DIZZINESS, 0, **ABSENT)], []),
    # --- syncope
    Row("syncope", "firing", [felt(SYNCOPE, 0)], ["critical"]),
    Row("syncope", "boundary", [felt(SYNCOPE, 0, "mild")], ["critical"]),
    Row("syncope", "silent", [felt(SYNCOPE, 0, valueBoolean=False)], []),
    Row("syncope", "unknown", [felt(SYNCOPE, 0, **ABSENT)], []),
    # --- dry-mouth
    Row("dry-mouth", "firing", [felt(DRY_MOUTH, 0, "severe")], ["low"]),
    Row("dry-mouth", "boundary", [felt(DRY_MOUTH, 0, "moderate")], ["info"]),
    Row("dry-mouth", "silent", [felt(DRY_MOUTH, 0, valueBoolean=False)], []),
    Row("dry-mouth", "unknown", [felt(DRY_MOUTH, 0, **ABSENT)], []),
)
