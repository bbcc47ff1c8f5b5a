"""A pressure or a heart rate that is too low to start with.

What: the latest systolic, diastolic and heart rate of the 24 hours before the first order of a course, or before its
first dose where no order came before it: systolic below 90, diastolic below 60 or heart rate below 50, critical;
systolic below 100 or heart rate below 56, moderate.
Why: clonidine lowers both further.
Evidence: 90, 60 and 50 are where S1 and S9 stop or forbid [F]; to start only from 100 and 56 on in S4 [F].
Limits: none that a site may move, and no patient's own. What falls between the order and its first dose is for
`hold-dose-advised`. Without a reading of the last 24 hours it cannot tell, and is silent.
"""

from collections.abc import Iterator
from datetime import datetime

from service.record.codes import Quantity
from service.record.facts import Dose, Order, Reading
from service.record.record import LAST, Record
from service.rules.pairs import DAY, ends_an_order, known
from service.rules.rule import ALWAYS, Finding, Limits, Reach, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import Breach, below
from service.rules.wording import because

_QUANTITIES: tuple[Quantity, ...] = ("systolic", "diastolic", "heart_rate")
_CRITICAL = {"systolic": "systolic", "diastolic": "diastolic", "heart_rate": "heart-rate"}
_MODERATE = {"systolic": "systolic-moderate", "heart_rate": "heart-rate-moderate"}


def judge(fact: Order | Dose, record: Record, limits: Limits) -> Finding | None:
    if not _begins(fact, record):
        return None
    latest = [*_latest(record, fact.at)]
    critical = [*_breaches(latest, _CRITICAL, limits)]
    breaches = critical or [*_breaches(latest, _MODERATE, limits)]
    if not breaches:
        return None
    written = known(fact) if isinstance(fact, Order) else fact.at
    begun = "ordered" if isinstance(fact, Order) else "given"
    acts = "do not give it before the prescriber has been called" if critical else "ask the prescriber first"
    return Finding(
        severity="critical" if critical else "moderate",
        side="low",
        text=f"{fact.drug.capitalize()} is {begun} for the first time, and "
        f"{', '.join(breach.words() for _, breach in breaches)} in the 24 h before: {acts}; measure again. "
        f"{because(breach.limit for _, breach in breaches)}",
        evidence=tuple(breach.evidence() for _, breach in breaches),
        sources=tuple(dict.fromkeys(reading.source for reading, _ in breaches)),
        at=max(written, *(reading.at for reading, _ in breaches)),
    )


def _begins(fact: Order | Dose, record: Record) -> bool:
    """Whether nothing of its course came before it: no order that was ever in force, no dose."""
    begun = [course.start for course in record.regimen.courses if course.start <= fact.at]
    if not begun or not _counts(fact, record):
        return False
    others: tuple[Order | Dose, ...] = (*record.regimen.orders, *record.regimen.doses)
    return not any(
        begun[-1] <= other.at and _place(other) < _place(fact) and _counts(other, record) for other in others
    )


def _place(fact: Order | Dose) -> tuple[datetime, bool, str]:
    """In order of time; of an order and a dose at one instant the order is the first."""
    return fact.at, isinstance(fact, Dose), fact.source


def _counts(fact: Order | Dose, record: Record) -> bool:
    if isinstance(fact, Dose):
        return fact.given and not fact.day
    return fact.at < record.regimen.until[fact.source]


def _latest(record: Record, at: datetime) -> Iterator[tuple[Quantity, Reading]]:
    """The newest sound reading of each quantity in (at - 24 h, at]."""
    readings = [*record.earlier((at, LAST), DAY)]
    for quantity in _QUANTITIES:
        newest = next((one for one in readings if getattr(one, quantity) is not None), None)
        if newest:
            yield quantity, newest


def _breaches(
    latest: list[tuple[Quantity, Reading]], keys: dict[str, str], limits: Limits
) -> Iterator[tuple[Reading, Breach]]:
    for quantity, reading in latest:
        found = below(reading, quantity, limits[keys[quantity]]) if quantity in keys else None
        if found:
            yield reading, found


RULE = Rule(
    id="contraindication-low-bp-or-hr-at-start",
    title="Pressure or heart rate too low to start",
    trigger="the first order or dose of a course while the latest pressure or heart rate of 24 hours is low",
    severity="critical below 90, 60 and 50; moderate below 100 and 56",
    judges=(Order, Dose),
    judge=judge,
    limits=(
        limit("systolic", "90", "mm[Hg]", cite("S1"), "F", ("90", "90")),
        limit("systolic-moderate", "100", "mm[Hg]", cite("S4"), "F", ("100", "100")),
        limit("diastolic", "60", "mm[Hg]", cite("E", "S2"), "E", ("60", "60")),
        limit("heart-rate", "50", "/min", cite("S9", "S1"), "F", ("50", "50")),
        limit("heart-rate-moderate", "56", "/min", cite("S4", "S9"), "F", ("56", "56")),
    ),
    reaches=(
        Reach(Reading, Order, ahead=DAY),
        Reach(Reading, Dose, ahead=DAY),
        *(Reach(of, to, ahead=ALWAYS) for of in (Order, Dose) for to in (Order, Dose)),
        *(Reach(Dose, to, ALWAYS, ALWAYS, only=ends_an_order) for to in (Order, Dose)),
    ),
    dismissible=True,
    seed="Q6",
)
