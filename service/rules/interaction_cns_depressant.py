"""A medicine that sedates beside clonidine.

What: an order while a benzodiazepine, barbiturate, gabapentinoid, alcohol or sedating antihistamine is in force:
moderate; high from the first sedation while both are, and ever after. Sedation is what the rule `sedation` speaks of,
for 24 hours.
Why: they sedate together, and can stop the breathing.
Evidence: S20 [F]; the gabapentinoids are ours [E].
Limits: none, and no patient's own. A sedation counts in whatever grade. A clinician may dismiss a pair with a reason,
for the order's life.
"""

from service.record.facts import Medicine, Order, Symptom
from service.record.record import Record
from service.rules.pairs import (
    Pair,
    finding,
    first_sedation,
    measured,
    of_kind,
    pairs,
    reaches,
    sedated_beside,
    taking,
)
from service.rules.rule import Finding, Limits, Rule
from service.rules.sources import cite


def judge(order: Order, record: Record, limits: Limits) -> tuple[Finding, ...]:
    return tuple(
        _finding(order, pair, record) for pair in pairs(order, taking(record, "cns-depressant"), record)
    )


def _finding(order: Order, pair: Pair, record: Record) -> Finding:
    assert isinstance(pair.cause, Medicine)
    sign = first_sedation(record, pair)
    both = f"{order.drug.capitalize()} with {pair.cause.name}, which sedates too"
    source = f"Source: {cite('S20', 'E')}."
    if sign is None:
        return finding(pair, "moderate", f"{both}: watch wakefulness and breathing. {source}")
    acts = "Call the prescriber before the next dose of either, watch breathing and saturation."
    return finding(pair, "high", f"{both}: {sign.words}. {acts} {source}", sign.source)


RULE = Rule(
    id="interaction-cns-depressant",
    title="Sedating medicine beside clonidine",
    trigger="an order while a medicine that sedates is in force",
    severity="moderate; high from a sedation on",
    judges=(Order,),
    judge=judge,
    reaches=(
        *reaches(Medicine, of_kind("cns-depressant")),
        measured(Symptom, sedated_beside("cns-depressant")),
    ),
    dismissible=True,
    seed="Q7",
)
