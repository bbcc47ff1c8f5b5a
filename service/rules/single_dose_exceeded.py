"""A single dose that is too large.

What: one oral dose, given or ordered, above 0.3 mg of clonidine (critical above 0.6 mg) or 0.72 mg of
lofexidine.
Why: the fall in pressure and heart rate goes with the dose.
Evidence: 0.1 to 0.3 mg a dose in S7 [F2], 0.1 to 0.2 mg in S3 and S6 [F]; lofexidine 0.72 mg in S13 [F]; 0.6
mg is ours [E].
Limits: in mg, by drug. Patches and injections are not judged here.
"""

from decimal import Decimal

from service.record.facts import Dose, Order
from service.record.record import Record
from service.rules.rule import Finding, Limits, Rule, Told, limit
from service.rules.sources import cite
from service.rules.threshold import dose_evidence, exceeded
from service.rules.wording import because, show

_SINGLE = Told("single-dose", "Milligrams of one dose.")


def judge(fact: Dose | Order, record: Record, limits: Limits) -> Finding | None:
    amount = _amount(fact)
    above = exceeded(fact.drug, amount, limits) if amount is not None else None
    if above is None or amount is None:
        return None
    severity, bound = above
    given = isinstance(fact, Dose)
    acts = (
        "Take blood pressure and heart rate now and every 30 minutes, and call the prescriber."
        if given
        else "Do not give it before the prescriber has confirmed it."
    )
    return Finding(
        severity=severity,
        side="high",
        text=f"A single dose of {show(amount)} mg {fact.drug} was {'given' if given else 'ordered'}. {acts} "
        f"{because((bound,))}",
        evidence=(dose_evidence(_SINGLE.code, amount, bound),),
        sources=(fact.order,) if isinstance(fact, Dose) and fact.order else (),
    )


def _amount(fact: Dose | Order) -> Decimal | None:
    """Milligrams given at once by mouth, or the largest that the order allows at once."""
    if isinstance(fact, Dose):
        return fact.mg if fact.given and fact.oral else None
    return max((step.mg for step in fact.steps if step.oral and step.mg is not None), default=None)


RULE = Rule(
    id="single-dose-exceeded",
    title="Single dose too large",
    trigger="one oral dose, given or ordered, above the limit of the drug",
    severity="high; critical above the critical limit",
    judges=(Dose, Order),
    judge=judge,
    limits=(
        limit("clonidine", "0.3", "mg", cite("S7"), "F2", ("0.1", "0.6")),
        limit("clonidine-critical", "0.6", "mg", cite("E"), "E", ("0.3", "1.2")),
        limit("lofexidine", "0.72", "mg", cite("S13"), "F", ("0.18", "0.9")),
    ),
    seed="Q3",
    amounts=(_SINGLE,),
)
