"""A first dose without a test dose.

What: the first oral dose of a course above 0.1 mg of clonidine.
Why: how far the pressure falls is known only after a dose; a small one, with a check an hour later, tells.
Evidence: a test dose of 0.1 mg with the pressure checked an hour after it in S3 [F].
Limits: in mg. Off unless a site turns it on. A first dose of an unknown amount may have been a test dose: the rule
cannot tell, and is silent about it and about what follows. Lofexidine is labelled without a test dose.
"""

from datetime import timedelta

from service.record.facts import Dose, Order
from service.record.record import Record
from service.rules.rule import ALWAYS, Finding, Limits, Reach, Rule, Told, limit
from service.rules.sources import cite
from service.rules.threshold import dose_evidence
from service.rules.wording import because, show

_SINGLE = Told("single-dose", "Milligrams of one dose.")


def judge(dose: Dose, record: Record, limits: Limits) -> Finding | None:
    bound = limits.get(dose.drug)
    if bound is None or not _swallowed(dose) or dose.mg is None or dose.mg <= bound.value:
        return None
    if not _is_first(dose, record):
        return None
    return Finding(
        severity="low",
        side="high",
        text=f"The first dose of {dose.drug} was {show(dose.mg)} mg, without a test dose. Check blood pressure and "
        f"heart rate an hour after it, and ask for dizziness. {because((bound,))}",
        evidence=(dose_evidence(_SINGLE.code, dose.mg, bound),),
        sources=(dose.order,) if dose.order else (),
    )


def _swallowed(dose: Dose) -> bool:
    return dose.given and dose.oral


def _is_first(dose: Dose, record: Record) -> bool:
    """Whether no oral dose of the drug was given before it in its course."""
    begun = [course.start for course in record.regimen.courses if course.start <= dose.at]
    return bool(begun) and not any(
        begun[-1] <= other.at and other.key < dose.key and other.drug == dose.drug
        for other in record.regimen.doses
        if _swallowed(other)
    )


RULE = Rule(
    id="first-dose-high",
    title="First dose without a test dose",
    trigger="the first oral dose of a course above the limit",
    severity="low",
    judges=(Dose,),
    judge=judge,
    limits=(limit("clonidine", "0.1", "mg", cite("S3"), "F", ("0.05", "0.3")),),
    reaches=(Reach(Dose, Dose, timedelta(), ALWAYS), Reach(Order, Dose, timedelta(), ALWAYS)),
    on=False,
    seed="Q11",
    amounts=(_SINGLE,),
)
