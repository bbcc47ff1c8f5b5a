"""Digoxin, verapamil or diltiazem beside clonidine.

What: an order while one of them is in force: moderate; high where the newest heart rate of the 24 hours before both
are, or one since, is below 56, and ever after.
Why: all of them slow the conduction through the atrioventricular node.
Evidence: S20 [F]; 56 in S9 [F].
Limits: none that a site may move, and no patient's own. A heart rate of which only the day is known does not count. A
clinician may dismiss a pair with a reason, for the order's life.
"""

from service.record.facts import Medicine, Order, Reading
from service.record.record import Record
from service.rules.pairs import (
    SLOW,
    SLOW_HEART,
    Pair,
    finding,
    first_reading,
    low_beside,
    measured,
    of_kind,
    pairs,
    reaches,
    taking,
)
from service.rules.rule import Finding, Limits, Rule
from service.rules.sources import cite
from service.rules.wording import because


def judge(order: Order, record: Record, limits: Limits) -> tuple[Finding, ...]:
    return tuple(_finding(order, pair, record) for pair in pairs(order, taking(record, "av-nodal"), record))


def _finding(order: Order, pair: Pair, record: Record) -> Finding:
    assert isinstance(pair.cause, Medicine)
    sign = first_reading(record, pair, SLOW_HEART)
    both = f"{order.drug.capitalize()} with {pair.cause.name}, which slows the atrioventricular node"
    if sign is None:
        text = f"{both}: take heart rate before each dose. Source: {cite('S20')}."
        return finding(pair, "moderate", text)
    text = f"{both}: {sign.words}. Call the prescriber before the next dose, take an ECG. {because((SLOW,))}"
    return finding(pair, "high", text, sign.source, evidence=sign.evidence)


RULE = Rule(
    id="interaction-av-nodal",
    title="Medicine that slows the atrioventricular node",
    trigger="an order while digoxin, verapamil or diltiazem is in force",
    severity="moderate; high from a heart rate below 56 on",
    judges=(Order,),
    judge=judge,
    limits=(SLOW,),
    reaches=(*reaches(Medicine, of_kind("av-nodal")), measured(Reading, low_beside("av-nodal", SLOW_HEART))),
    dismissible=True,
    seed="Q7",
)
