"""Acceptance tables: for each rule what fires it, what does not, its boundary, and what it cannot tell.

A row names what is sent, as a clinician would say it, and what the rule answers: a severity, or nothing.
"""

from datetime import timedelta

import pytest

from service.evaluate import evaluate
from service.rules import RULES
from service.ruleset import load
from tests.record.documents import ATC, RXNORM, at, concept, instruction, order, panel, quantity
from tests.rules.clock_rows import CLOCK
from tests.rules.ending_rows import ENDING
from tests.rules.hold_rows import HOLD
from tests.rules.monitoring_rows import MONITORING
from tests.rules.optional_rows import OPTIONAL
from tests.rules.pair_rows import PAIRS
from tests.rules.rows import (
    CHEST_PAIN,
    DIZZINESS,
    HEADACHE,
    SYNCOPE,
    Row,
    bare,
    bp,
    felt,
    given,
    on_therapy,
    rate,
    standing,
    unit,
)
from tests.rules.withdrawal_rows import WITHDRAWAL

TABLE: tuple[Row, ...] = (
    # --- implausible-vital
    Row("implausible-vital", "firing", [bp(80, 90)], ["moderate"]),
    Row("implausible-vital", "firing", [bp(90, 90)], ["moderate"]),
    Row("implausible-vital", "firing", [rate(251)], ["moderate"]),
    Row("implausible-vital", "firing", [rate(19)], ["high"]),
    Row("implausible-vital", "firing", [bp(39, 30)], ["high"]),
    Row("implausible-vital", "firing", [bp(90, 19)], ["moderate"]),
    Row("implausible-vital", "silent", [bp(120, 80, rate=70)], []),
    Row("implausible-vital", "boundary", [bp(40, 20), rate(20)], []),
    Row("implausible-vital", "boundary", [bp(300, 200), rate(250)], []),
    Row("implausible-vital", "boundary", [bp("300.01", 200)], ["moderate"]),
    Row("implausible-vital", "unknown", [bp(None, None)], []),
    # --- unparseable-vital
    Row("unparseable-vital", "firing", [unit("cm[H2O]")], ["low"]),
    Row("unparseable-vital", "firing", [unit("psi")], ["low"]),
    Row("unparseable-vital", "firing", [bare("8867-4")], ["low"]),
    Row("unparseable-vital", "firing", [bare("85354-9")], ["low"]),
    Row("unparseable-vital", "firing", [bare("8480-6", valueString="120")], ["low"]),
    Row(
        "unparseable-vital",
        "firing",
        [bare("8480-6", valueQuantity={**quantity(60, "mm[Hg]"), "comparator": "<"})],
        ["low"],
    ),
    Row("unparseable-vital", "silent", [bp(120, 80)], []),
    Row("unparseable-vital", "boundary", [bp(88, None)], []),
    Row("unparseable-vital", "boundary", [bare("85354-9", hasMember=[{"reference": "Observation/y"}])], []),
    Row("unparseable-vital", "unknown", [bare("29463-7")], []),
    # --- hypotension-severe
    Row("hypotension-severe", "firing", [bp(79, 60)], ["critical"]),
    Row("hypotension-severe", "firing", [bp(100, 39)], ["critical"]),
    Row("hypotension-severe", "silent", [bp(120, 80)], []),
    Row("hypotension-severe", "boundary", [bp(80, 40)], []),
    Row("hypotension-severe", "boundary", [bp("79.99", 60)], ["critical"]),
    Row("hypotension-severe", "unknown", [bp(None, 60)], []),
    # --- hypotension
    Row("hypotension", "firing", [bp(85, 70)], ["high"]),
    Row("hypotension", "firing", [bp(110, 49)], ["high"]),
    Row("hypotension", "firing", [bp(110, 55)], ["moderate"]),
    Row("hypotension", "firing", [bp(110, "49.9", position=None)], ["high"]),
    Row("hypotension", "silent", [bp(120, 80)], []),
    Row("hypotension", "silent", [bp(75, 60)], []),
    Row("hypotension", "silent", [bp(85, 95)], []),
    Row("hypotension", "boundary", [bp(90, 60)], []),
    Row("hypotension", "boundary", [bp("89.9", 60)], ["high"]),
    Row("hypotension", "boundary", [bp(110, 50)], ["moderate"]),
    Row("hypotension", "boundary", [bp("11.99", "8.0", unit="kPa")], ["high"]),
    Row("hypotension", "boundary", [bp("12.0", "8.0", unit="kPa")], []),
    Row("hypotension", "unknown", [bp(None, 70)], []),
    Row("hypotension", "unknown", [unit("cm[H2O]")], []),
    # --- bp-drop-from-baseline
    Row("bp-drop-from-baseline", "firing", [*on_therapy(), bp(111, 80)], ["moderate"]),
    Row("bp-drop-from-baseline", "firing", [*on_therapy(), bp(97, 80)], ["high"]),
    Row("bp-drop-from-baseline", "firing", [*on_therapy(), bp(140, 71)], ["moderate"]),
    Row("bp-drop-from-baseline", "firing", [*on_therapy(), bp(111, 80, position=None)], ["moderate"]),
    Row("bp-drop-from-baseline", "firing", [*on_therapy(), bp(111, 80, position="lying")], ["moderate"]),
    Row("bp-drop-from-baseline", "silent", [*on_therapy(), bp(125, 80)], []),
    Row("bp-drop-from-baseline", "silent", [*on_therapy(), bp(111, 80, position="standing")], []),
    Row(
        "bp-drop-from-baseline",
        "silent",
        [*on_therapy(), panel("b", 100, 70, at(1) - timedelta(hours=3), "standing")],
        [],
    ),
    Row("bp-drop-from-baseline", "silent", [*on_therapy()[1:], panel("b", 100, 70, at(5, "00:01"))], []),
    Row("bp-drop-from-baseline", "boundary", [*on_therapy()[1:], panel("b", 111, 80, at(5))], ["moderate"]),
    Row("bp-drop-from-baseline", "boundary", [*on_therapy(), bp(112, 72)], []),
    Row("bp-drop-from-baseline", "boundary", [*on_therapy(), bp("111.99", 72)], ["moderate"]),
    Row("bp-drop-from-baseline", "boundary", [*on_therapy(), bp(98, 80)], ["moderate"]),
    Row("bp-drop-from-baseline", "unknown", [bp(97, 80)], []),
    Row("bp-drop-from-baseline", "unknown", [*on_therapy()[:2], bp(97, 80)], []),
    # --- orthostatic-hypotension
    Row("orthostatic-hypotension", "firing", standing(105, 75), ["moderate"]),
    Row("orthostatic-hypotension", "firing", standing(125, 68), ["moderate"]),
    Row("orthostatic-hypotension", "firing", standing(105, 75, first="sitting"), ["moderate"]),
    Row("orthostatic-hypotension", "firing", standing(85, 75, (95, 80)), ["high"]),
    Row("orthostatic-hypotension", "firing", [*standing(105, 75), felt(DIZZINESS, 1)], ["high"]),
    Row("orthostatic-hypotension", "firing", [*standing(105, 75), felt(SYNCOPE, -30)], ["high"]),
    Row("orthostatic-hypotension", "silent", standing(125, 75), []),
    Row("orthostatic-hypotension", "silent", standing(135, 86, (164, 95)), []),
    Row("orthostatic-hypotension", "silent", [bp(130, 80, 2, None), bp(100, 60, 0, "standing")], []),
    Row("orthostatic-hypotension", "boundary", standing(110, 80), ["moderate"]),
    Row("orthostatic-hypotension", "boundary", standing("110.1", "70.1"), []),
    Row("orthostatic-hypotension", "boundary", standing(130, 86, (160, 95)), ["moderate"]),
    Row("orthostatic-hypotension", "boundary", standing(105, 75, gap=9.9), ["moderate"]),
    Row("orthostatic-hypotension", "boundary", standing(105, 75, gap=10), []),
    Row("orthostatic-hypotension", "unknown", [bp(85, 60, 0, "standing")], []),
    # --- bradycardia-severe
    Row("bradycardia-severe", "firing", [rate(39)], ["critical"]),
    Row("bradycardia-severe", "firing", [rate(48), felt(DIZZINESS, 30, "mild")], ["critical"]),
    Row("bradycardia-severe", "firing", [rate(48), felt(SYNCOPE, 59)], ["critical"]),
    Row("bradycardia-severe", "firing", [bp(88, 70, rate=48)], ["critical"]),
    Row("bradycardia-severe", "firing", [rate(48), bp(88, 70, 14)], ["critical"]),
    Row("bradycardia-severe", "firing", [rate(48, 14), bp(88, 70)], ["critical"]),
    Row("bradycardia-severe", "silent", [rate(48), bp(92, 70)], []),
    Row("bradycardia-severe", "silent", [rate(48), felt(SYNCOPE, 30, valueBoolean=False)], []),
    Row("bradycardia-severe", "silent", [rate(48), bp(88, 95, 5)], []),
    Row("bradycardia-severe", "boundary", [rate(40)], []),
    Row("bradycardia-severe", "boundary", [rate(50), bp(88, 70)], []),
    Row("bradycardia-severe", "boundary", [rate(48), bp(88, 70, 15)], []),
    Row("bradycardia-severe", "boundary", [rate(48), felt(DIZZINESS, 60)], []),
    Row("bradycardia-severe", "unknown", [bp(88, 70)], []),
    # --- bradycardia
    Row("bradycardia", "firing", [rate(49)], ["high"]),
    Row("bradycardia", "firing", [bp(120, 80, rate=45)], ["high"]),
    Row("bradycardia", "silent", [rate(70)], []),
    Row("bradycardia", "silent", [rate(39)], []),
    Row("bradycardia", "boundary", [rate(50)], []),
    Row("bradycardia", "boundary", [rate("49.99")], ["high"]),
    Row("bradycardia", "unknown", [bp(120, 80)], []),
    # --- hypertensive-crisis
    Row("hypertensive-crisis", "firing", [bp(185, 100)], ["high"]),
    Row(
        "hypertensive-crisis",
        "firing",
        [bp(185, 100, 20), bp(140, 90, 10), bp(150, 121)],
        ["high", "critical"],
    ),
    Row("hypertensive-crisis", "firing", [bp(185, 100), felt(CHEST_PAIN, -50)], ["critical"]),
    Row("hypertensive-crisis", "firing", [bp(185, 100), felt(HEADACHE, 50, "severe")], ["critical"]),
    Row("hypertensive-crisis", "silent", [bp(185, 100), felt(HEADACHE, 50)], ["high"]),
    Row("hypertensive-crisis", "silent", [bp(150, 95)], []),
    Row("hypertensive-crisis", "boundary", [bp(180, 90)], ["high"]),
    Row("hypertensive-crisis", "boundary", [bp("179.9", "119.9")], []),
    Row("hypertensive-crisis", "boundary", [bp(185, 100, 4.9), bp(185, 100)], ["high", "high"]),
    Row("hypertensive-crisis", "boundary", [bp(185, 100, 5), bp(185, 100)], ["high", "critical"]),
    Row("hypertensive-crisis", "boundary", [bp(185, 100, 24 * 60), bp(185, 100)], ["high", "high"]),
    Row("hypertensive-crisis", "unknown", [bp(None, 100)], []),
    # --- single-dose-exceeded
    Row("single-dose-exceeded", "firing", [given("0.4")], ["high"]),
    Row("single-dose-exceeded", "firing", [given("0.7")], ["critical"]),
    Row("single-dose-exceeded", "firing", [given("0.9", drug=concept(ATC, "N07BC04"))], ["high"]),
    Row("single-dose-exceeded", "firing", [order("o", instruction("0.4", 12))], ["high"]),
    Row("single-dose-exceeded", "silent", [given("0.1")], []),
    Row("single-dose-exceeded", "silent", [given("0.4", status="not-done")], []),
    Row("single-dose-exceeded", "silent", [given("0.4", drug=concept(RXNORM, "884221"))], []),
    Row("single-dose-exceeded", "silent", [given("100", drug=concept(RXNORM, "8787"))], []),
    Row("single-dose-exceeded", "boundary", [given("0.3")], []),
    Row("single-dose-exceeded", "boundary", [given("0.6")], ["high"]),
    Row("single-dose-exceeded", "unknown", [{**given("1"), "dosage": {"dose": quantity(3, "mL")}}], []),
    # --- daily-dose-exceeded
    Row("daily-dose-exceeded", "firing", [given("0.3", hours) for hours in (0, 4, 8, 12, 16)], ["high"]),
    Row(
        "daily-dose-exceeded",
        "firing",
        [given("0.6", hours) for hours in (0, 4, 8, 12, 16)],
        ["high", "high", "critical"],
    ),
    Row("daily-dose-exceeded", "firing", [order("o", instruction("0.3", 4))], ["high"]),
    Row("daily-dose-exceeded", "firing", [order("o", instruction("0.3", 2))], ["critical"]),
    Row(
        "daily-dose-exceeded",
        "firing",
        [
            order(
                "o",
                instruction(
                    "0.3",
                    4,
                    asNeededBoolean=True,
                    maxDosePerPeriod={"numerator": quantity("1.5", "mg"), "denominator": quantity(24, "h")},
                ),
            )
        ],
        ["high"],
    ),
    Row(
        "daily-dose-exceeded",
        "silent",
        [
            order(
                "o",
                instruction(
                    "0.3",
                    2,
                    asNeededBoolean=True,
                    maxDosePerPeriod={"numerator": quantity("0.6", "mg"), "denominator": quantity(24, "h")},
                ),
            )
        ],
        [],
    ),
    Row("daily-dose-exceeded", "silent", [given("0.3", hours) for hours in (0, 8, 16)], []),
    Row(
        "daily-dose-exceeded",
        "silent",
        [given("0.3", hours, status="not-done") for hours in (0, 4, 8, 12, 16)],
        [],
    ),
    Row(
        "daily-dose-exceeded",
        "silent",
        [order("a", instruction("0.3", 6, end=at(2))), order("b", instruction("0.3", 6, start=at(2)))],
        [],
    ),
    Row("daily-dose-exceeded", "boundary", [given("0.3", hours) for hours in (0, 6, 12, 18)], []),
    Row("daily-dose-exceeded", "boundary", [given("0.3", hours) for hours in (0, 6, 12, 18, 24)], []),
    Row("daily-dose-exceeded", "boundary", [order("o", instruction("0.3", 6))], []),
    Row("daily-dose-exceeded", "boundary", [order("o", instruction("0.3", 3))], ["high"]),
    Row("daily-dose-exceeded", "boundary", [order("o", instruction("0.1", 2))], []),
    Row(
        "daily-dose-exceeded",
        "unknown",
        [{**given("1", hours), "dosage": {"dose": quantity(3, "mL")}} for hours in (0, 4)],
        [],
    ),
    *WITHDRAWAL,
    *OPTIONAL,
    *CLOCK,
    *ENDING,
    *HOLD,
    *MONITORING,
    *PAIRS,
)


@pytest.mark.parametrize(
    "row", TABLE, ids=[f"{row.rule}-{row.kind}-{number}" for number, row in enumerate(TABLE)]
)
def test_a_row_of_the_acceptance_tables(row: Row) -> None:
    alerts = evaluate(row.sent, row.now, load(f"{row.limits}\n[rules]\nall = true"))

    told = [alert for alert in alerts if alert["code"]["coding"][0]["code"] == row.rule]
    assert [alert["valueCodeableConcept"]["coding"][0]["code"] for alert in told] == row.said


@pytest.mark.parametrize("rule", [rule.id for rule in RULES if rule.judges or rule.clock])
def test_every_rule_has_a_firing_a_silent_a_boundary_and_an_unknown_row(rule: str) -> None:
    assert {row.kind for row in TABLE if row.rule == rule} == {"firing", "silent", "boundary", "unknown"}
