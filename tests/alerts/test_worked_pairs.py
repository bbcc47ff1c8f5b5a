"""The worked cases of the clinical specification about orders and what stands beside them: 48, 52, 89, 91 and 92.

Doses, readings and scores in time for every slot are left out: here only the rules named count.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import pytest

from service.evaluate import evaluate
from service.ruleset import load
from tests.record.documents import (
    RXNORM,
    Doc,
    at,
    concept,
    condition,
    dose,
    instruction,
    order,
    panel,
    when,
)

RULES = {
    "contraindication-conduction", "contraindication-low-bp-or-hr-at-start", "interaction-beta-blocker",
    "hypertensive-crisis", "rebound-hypertension", "autonomic-surge", "abrupt-discontinuation",
}  # fmt: skip
MR1 = order("mr1", instruction("0.1", 6, start=at(2)), authored=at(2))
TAPERED = [
    order(
        "mr1", instruction("0.1", 8, start=at(1), end=at(3)), instruction("0.1", 12, start=at(3), end=at(4)),
        instruction("0.1", 24, start=at(4), end=at(5)), authored=at(1),
    ),
    *(dose(f"d{number}", "0.1", at(1, "00:00") if number == 0 else at(number + 1, "06:00")) for number in range(4)),
    panel("base", 130, 80, at(0, "23:00")),
]  # fmt: skip
ABRUPT = [order("mr1", instruction("0.1", 6, start=at(1), end=at(6)), authored=at(1))]


def metoprolol(until: datetime | None = None) -> Doc:
    taken = instruction("50", 12, start=at(1), end=until)
    return order("beta", taken, authored=at(1), drug={"text": "metoprolol 50 mg"})


def since(code: str) -> Doc:
    return {**condition(code, onsetDateTime=when(at(1))), "id": f"c{code}"}


class Case(NamedTuple):
    """What is sent, and the (rule, severity) pairs expected of RULES."""

    number: str
    sent: Sequence[Doc]
    expected: set[tuple[str, str]]


BLOCKED, BLOCKED_HIGH = ("interaction-beta-blocker", "moderate"), ("interaction-beta-blocker", "high")
CONDUCTION = "contraindication-conduction"
START = "contraindication-low-bp-or-hr-at-start"
CASES = (
    Case("48", [*TAPERED, panel("x", 152, 88, at(5, "06:00"))], {("rebound-hypertension", "high")}),
    Case("48 with a beta-blocker", [*TAPERED, metoprolol(), panel("x", 152, 88, at(5, "06:00"))],
         {("rebound-hypertension", "critical"), BLOCKED_HIGH}),
    Case("48 after a beta-blocker", [*TAPERED, metoprolol(at(3)), panel("x", 152, 88, at(5, "06:00"))],
         {("rebound-hypertension", "high"), BLOCKED}),
    Case("49", [*TAPERED, metoprolol(), panel("x", 152, 88, at(4, "17:00"))], {BLOCKED_HIGH}),
    Case("52", [*TAPERED, metoprolol(), panel("x", 186, 112, at(6, "06:00"))],
         {("hypertensive-crisis", "high"), ("rebound-hypertension", "critical"), ("autonomic-surge", "moderate"),
          BLOCKED_HIGH}),
    Case("abrupt", ABRUPT, {("abrupt-discontinuation", "moderate")}),
    Case("abrupt with a beta-blocker", [*ABRUPT, metoprolol()],
         {("abrupt-discontinuation", "critical"), BLOCKED_HIGH}),
    Case("abrupt after a beta-blocker", [*ABRUPT, metoprolol(at(6))],
         {("abrupt-discontinuation", "moderate"), BLOCKED}),
    Case("89", [MR1, since("36083008")], {(CONDUCTION, "critical")}),
    Case("89 with a pacemaker", [MR1, since("36083008"), since("441509002")], set()),
    Case("91", [MR1, panel("x", 95, 62, at(1, "20:00"), rate=54)], {(START, "moderate")}),
    Case("92", [MR1, {**metoprolol(), "medicationCodeableConcept": concept(RXNORM, "8787")}], {BLOCKED}),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.number for case in CASES])
def test_a_worked_case_raises_what_the_specification_says(case: Case) -> None:
    alerts = evaluate(case.sent, at(9), load())

    said = {
        (alert["code"]["coding"][0]["code"], alert["valueCodeableConcept"]["coding"][0]["code"])
        for alert in alerts
    }
    assert {one for one in said if one[0] in RULES} == case.expected


def told(rule: str, *sent: Doc) -> Doc:
    (alert,) = (one for one in evaluate(sent, at(9), load()) if one["code"]["coding"][0]["code"] == rule)
    return alert


def test_an_alert_about_a_pair_names_the_order_its_cause_and_the_evidence() -> None:
    digoxin = order("other", drug={"text": "digoxin"}, authored=at(3))

    alert = told("interaction-av-nodal", MR1, digoxin, panel("x", 120, 80, at(4), rate=52))

    focus = [{"reference": f"MedicationRequest/{id}"} for id in ("mr1", "other")]
    assert (alert["focus"], alert["basedOn"]) == (focus, focus[:1])
    assert alert["derivedFrom"] == [{"reference": "Observation/x"}]
    assert alert["component"][0]["referenceRange"][0]["low"]["value"] == 56
    assert alert["effectiveDateTime"] == when(at(3))


def test_the_prescriber_is_warned_when_an_order_is_written_for_later() -> None:
    later = order("mr1", instruction("0.1", 6, start=at(5)), authored=at(2))

    alert = told("contraindication-conduction", later, since("36083008"))

    assert alert["effectiveDateTime"] == when(at(2))
    assert alert["focus"][1] == {"reference": "Condition/c36083008"}


def test_a_first_low_reading_stays_the_evidence() -> None:
    digoxin = order("other", drug={"text": "digoxin"}, authored=at(1))
    slow = [panel(f"x{day}", 120, 80, at(day), rate=52) for day in (6, 4, 5)]

    alert = told("interaction-av-nodal", MR1, digoxin, *slow)

    assert alert["derivedFrom"] == [{"reference": "Observation/x4"}]
