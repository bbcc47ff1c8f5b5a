"""A disease of the heart's conduction, and no pacemaker.

What: an order while the patient has sick sinus syndrome or sinus node dysfunction, or an atrioventricular block of the
second or third degree: critical. First degree: moderate. A block of which the degree is not told is taken as one of the
higher degrees. Silent while a pacemaker is in situ.
Why: clonidine slows the sinus node and the conduction; the heart can stop.
Evidence: severe bradyarrhythmia from sick sinus syndrome or atrioventricular block of the second or third degree is a
contraindication in S8 [F]. Critical, and that an untold degree counts as high, are ours [E].
Limits: none, and no patient's own. Conditions are read by SNOMED CT code alone. A pacemaker without an onset counts
as in situ from the beginning. A clinician may dismiss a pair with a reason, for the order's life.
"""

from collections.abc import Mapping
from datetime import datetime

from service.record.facts import Condition, Order
from service.record.record import Record
from service.rules.pairs import Pair, called, coded, diagnosed, finding, pairs, reaches
from service.rules.rule import Finding, Limits, Rule
from service.rules.sources import cite

_CRITICAL: Mapping[str, str] = {
    "36083008": "sick sinus syndrome",
    "60423000": "sinus node dysfunction",
    "27885002": "third degree atrioventricular block",
    "28189009": "second degree atrioventricular block (Mobitz II)",
    "195042002": "second degree atrioventricular block",
}
_UNTOLD: Mapping[str, str] = {"233917008": "atrioventricular block of a degree that is not told"}
_FIRST: Mapping[str, str] = {"270492004": "first degree atrioventricular block"}
_DISEASES = {**_CRITICAL, **_UNTOLD, **_FIRST}
_PACEMAKER: Mapping[str, str] = {"441509002": "cardiac pacemaker in situ"}


def judge(order: Order, record: Record, limits: Limits) -> tuple[Finding, ...]:
    found = []
    for pair in pairs(order, diagnosed(record, _DISEASES), record):
        at = _unpaced(pair, record)
        if at < pair.end:
            found.append(_finding(order, pair if at <= pair.start else pair._replace(at=at)))
    return tuple(found)


def _unpaced(pair: Pair, record: Record) -> datetime:
    """The first instant from the start of the pair on at which no pacemaker is in situ."""
    until, at = record.until(), pair.start
    pacemakers = sorted(
        (one.at if one.dated else min(one.at, at), until[one.source]) for one in diagnosed(record, _PACEMAKER)
    )
    for since, over in pacemakers:
        if since <= at < over:
            at = over
    return at


def _finding(order: Order, pair: Pair) -> Finding:
    assert isinstance(pair.cause, Condition)
    name = called(pair.cause, _DISEASES)
    mild = name in _FIRST.values()
    acts = "take an ECG and watch heart rate" if mild else "do not give it; ask about a pacemaker"
    return finding(
        pair,
        "moderate" if mild else "critical",
        f"{order.drug.capitalize()} is ordered for a patient with {name}, and no pacemaker is recorded: {acts}, and "
        f"call the prescriber. Source: {cite('S8')}.",
    )


RULE = Rule(
    id="contraindication-conduction",
    title="Disease of conduction without a pacemaker",
    trigger="an order while a disease of the sinus node or an atrioventricular block is active, without a pacemaker",
    severity="critical; moderate for a block of the first degree",
    judges=(Order,),
    judge=judge,
    reaches=reaches(Condition, coded({**_DISEASES, **_PACEMAKER})),
    dismissible=True,
    seed="Q6",
)
