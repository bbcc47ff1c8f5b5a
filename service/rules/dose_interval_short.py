"""Doses too close to each other.

What: a dose given less than 2 hours after the one before of the same drug.
Why: the effect of the first is not yet known; it is at its height after 2 to 4 hours.
Evidence: the shortest interval of the order as needed in S2 is 2 hours [F].
Limits: a site may move it. Off unless a site turns it on.
"""

from bisect import bisect_left
from datetime import timedelta

from service.record.facts import Dose
from service.record.record import Record
from service.rules.rule import Finding, Limits, Reach, Rule, limit
from service.rules.sources import cite
from service.rules.wording import because

LONGEST = timedelta(hours=12)
"""The upper bound of the limit: how far a dose can reach."""


def judge(dose: Dose, record: Record, limits: Limits) -> Finding | None:
    before = _before(dose, record) if dose.given and not dose.day else None
    least = limits["interval"]
    if before is None or dose.at - before.at >= timedelta(hours=float(least.value)):
        return None
    minutes = (dose.at - before.at) // timedelta(minutes=1)
    return Finding(
        severity="moderate",
        side="other",
        text=f"A dose of {dose.drug} {minutes} minutes after the one before. Take pressure and heart rate now and "
        f"in an hour, and ask whether one of them was recorded twice. {because((least,))}",
        sources=(before.source, *((dose.order,) if dose.order else ())),
    )


def _before(dose: Dose, record: Record) -> Dose | None:
    """The dose of the same drug that was given last before this one."""
    doses = record.regimen.doses
    for number in range(bisect_left(doses, dose.key, key=lambda one: one.key) - 1, -1, -1):
        other = doses[number]
        if dose.at - other.at >= LONGEST:
            return None
        if other.given and not other.day and other.drug == dose.drug:
            return other
    return None


RULE = Rule(
    id="dose-interval-short",
    title="Doses too close to each other",
    trigger="a dose less than the limit after the one before",
    severity="moderate",
    judges=(Dose,),
    judge=judge,
    limits=(limit("interval", "2", "h", cite("S2"), "F", ("1", "12")),),
    reaches=(Reach(Dose, Dose, ahead=LONGEST),),
    on=False,
    seed="Q3",
)
