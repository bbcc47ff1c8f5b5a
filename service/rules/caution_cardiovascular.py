"""A disease of heart or vessels that asks for caution.

What: an order while the patient has severe coronary insufficiency (unstable angina), or a myocardial infarction of the
last 30 days: high; cerebrovascular disease, heart failure or Raynaud's: moderate.
Why: these organs stand a fall of pressure badly, and clonidine narrows small vessels.
Evidence: caution in S8 [F]; not in the first month after an infarction in S9 [F]; to be avoided with lofexidine in S13
[F]. Which is high and which moderate is ours [E].
Limits: none, and no patient's own. Off unless a site turns it on. Conditions are read by SNOMED CT code alone; of
these codes those of angina, stroke, heart failure and Raynaud's were seen in public code only [R]. An infarction
without an onset counts from when it was recorded. A clinician may dismiss a pair with a reason, for the order's life.
"""

from collections.abc import Mapping
from datetime import timedelta

from service.record.facts import Condition, Order
from service.record.moments import END
from service.record.record import Record
from service.rules.pairs import Pair, called, coded, diagnosed, finding, pairs, reaches
from service.rules.rule import Finding, Limits, Rule
from service.rules.sources import cite

_MONTH = timedelta(days=30)
_INFARCTION: Mapping[str, str] = {
    "22298006": "a myocardial infarction of the last 30 days",
    "57054005": "a myocardial infarction of the last 30 days",
    "401303003": "a myocardial infarction of the last 30 days",
    "401314000": "a myocardial infarction of the last 30 days",
    "428752002": "a recent myocardial infarction",
}
_CORONARY: Mapping[str, str] = {"4557003": "unstable angina"}
_OTHERS: Mapping[str, str] = {
    "62914000": "cerebrovascular disease",
    "230690007": "a stroke",
    "84114007": "heart failure",
    "42343007": "congestive heart failure",
    "195295006": "Raynaud's disease",
    "266261006": "Raynaud's phenomenon",
}
_HIGH = {**_INFARCTION, **_CORONARY}
_DISEASES = {**_HIGH, **_OTHERS}


def judge(order: Order, record: Record, limits: Limits) -> tuple[Finding, ...]:
    infarctions = diagnosed(record, _INFARCTION)
    month = {one.source: min(one.at, END - _MONTH) + _MONTH for one in infarctions}
    others = [one for one in diagnosed(record, _DISEASES) if one.source not in month]
    found = (*pairs(order, infarctions, record, month), *pairs(order, others, record))
    return tuple(_finding(order, pair) for pair in found)


def _finding(order: Order, pair: Pair) -> Finding:
    assert isinstance(pair.cause, Condition)
    name = called(pair.cause, _DISEASES)
    return finding(
        pair,
        "high" if name in _HIGH.values() else "moderate",
        f"{order.drug.capitalize()} is ordered for a patient with {name}. Ask the prescriber whether the benefit is "
        f"worth it; start low, take blood pressure more often. Source: {cite('S8', 'S9', 'S13')}.",
    )


RULE = Rule(
    id="caution-cardiovascular",
    title="Disease of heart or vessels",
    trigger="an order within 30 days of an infarction, or with disease of heart or vessels",
    severity="high for an infarction or unstable angina, else moderate",
    judges=(Order,),
    judge=judge,
    reaches=reaches(Condition, coded(_DISEASES)),
    on=False,
    dismissible=True,
    seed="Q6",
)
