"""Methadone or buprenorphine beside clonidine.

What: an order while one of them is in force: for information; moderate where the newest systolic of the 24 hours before
both are, or one since, is below 100, or such a heart rate below 56, and from a sedation on; ever after. Lofexidine with
methadone: high.
Why: it is often meant, and both sedate and lower the pressure; lofexidine and methadone both prolong QT.
Evidence: S13 [F]. The 100 and the 56 are those to start with in S4 and S9 [F].
Limits: none that a site may move, and no patient's own. Off unless a site turns it on. A reading of which only the
day is known does not count. A clinician may dismiss a pair with a reason, for the order's life.
"""

from service.record.facts import Medicine, Order, Reading, Symptom
from service.record.record import Record
from service.rules.pairs import (
    SLOW,
    SLOW_HEART,
    Below,
    Pair,
    finding,
    first_reading,
    first_sedation,
    low_beside,
    measured,
    of_kind,
    pairs,
    reaches,
    sedated_beside,
    taking,
)
from service.rules.rule import Finding, Limits, Rule, limit
from service.rules.sources import cite

_LOW = limit("systolic", "100", "mm[Hg]", cite("S4"), "F", ("100", "100"))
_TOO_LOW: Below = {"systolic": _LOW, **SLOW_HEART}


def judge(order: Order, record: Record, limits: Limits) -> tuple[Finding, ...]:
    return tuple(
        _finding(order, pair, record) for pair in pairs(order, taking(record, "opioid-agonist"), record)
    )


def _finding(order: Order, pair: Pair, record: Record) -> Finding:
    assert isinstance(pair.cause, Medicine)
    both = f"{order.drug.capitalize()} with {pair.cause.name}"
    source = f"Source: {cite('S13')}."
    if order.drug == "lofexidine" and "methadone" in pair.cause.kinds:
        return finding(pair, "high", f"{both}: both prolong QT. Take an ECG, call the prescriber. {source}")
    signs = [sign for sign in (first_reading(record, pair, _TOO_LOW), first_sedation(record, pair)) if sign]
    if not signs:
        return finding(pair, "info", f"{both}: watch blood pressure, heart rate and wakefulness. {source}")
    return finding(
        pair,
        "moderate",
        f"{both}: {', '.join(sign.words for sign in signs)}. Ask the prescriber about the doses of both. {source}",
        *(sign.source for sign in signs),
        evidence=[one for sign in signs for one in sign.evidence],
    )


RULE = Rule(
    id="co-use-opioid-agonist",
    title="Opioid agonist beside clonidine",
    trigger="an order while methadone or buprenorphine is in force",
    severity="info; moderate with a low pressure, a low heart rate or sedation; high for lofexidine with methadone",
    judges=(Order,),
    judge=judge,
    limits=(_LOW, SLOW),
    reaches=(
        *reaches(Medicine, of_kind("opioid-agonist")),
        measured(Reading, low_beside("opioid-agonist", _TOO_LOW)),
        measured(Symptom, sedated_beside("opioid-agonist")),
    ),
    on=False,
    dismissible=True,
    seed="Q7",
)
