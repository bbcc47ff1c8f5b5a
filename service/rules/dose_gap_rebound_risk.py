"""A gap between doses that is long enough for a rebound.

What: 18 hours or more since the last dose, while an order in force schedules doses more often than that (or as soon as
one does), after at least 0.2 mg in the 24 hours before the gap; once a gap. Silent while the hospital sends no
administrations (decision 22), and while a patch is on.
Why: the body answers the missing drug with noradrenaline, and the pressure follows.
Evidence: catecholamines rise at 18 to 24 hours in S11 [F]; 0.2 mg a day is our choice [E].
Limits: a site may move the hours and the dose.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from operator import attrgetter

from service.record.facts import Dose
from service.record.moments import END
from service.record.regimen import COURSE_GAP, Regimen
from service.record.schedule import intervals
from service.record.totals import given, patched
from service.rules.rule import Finding, Limits, Moment, Rule, View, limit, silent, span
from service.rules.sources import cite
from service.rules.wording import because, clock_time, show


def clock(view: View, limits: Limits, since: datetime) -> Iterator[Moment]:
    regimen, gap = view.record.regimen, span(limits["gap"])
    doses = regimen.doses[bisect_left(regimen.doses, since - COURSE_GAP, key=attrgetter("at")) :]
    for dose, following in pairwise([*(dose for dose in doses if dose.given and not dose.day), None]):
        assert dose is not None
        end = min(following.at if following else END, dose.at + COURSE_GAP)
        at = next((at for at in _instants(dose.at + gap, end, regimen) if _often(regimen, at, gap)), None)
        order = view.record.order(at) if at else None
        if at and order and at >= since and _at_risk(dose, at, regimen, limits):
            yield Moment(at, order, partial(_finding, dose, at, limits))


def _instants(first: datetime, end: datetime, regimen: Regimen) -> Iterator[datetime]:
    """When the gap is long enough, and when orders begin or change in it afterwards."""
    if first < end:
        begun = {step.start for order in regimen.orders for step in order.steps if first < step.start < end}
        yield from (first, *sorted(begun))


def _often(regimen: Regimen, at: datetime, gap: timedelta) -> bool:
    return any(interval < gap for interval in intervals(regimen, at))


def _at_risk(dose: Dose, at: datetime, regimen: Regimen, limits: Limits) -> bool:
    enough = given(regimen, dose.drug, dose.at)[0] >= limits["dose"].value
    return enough and not patched(regimen, dose.drug, at)


def _finding(dose: Dose, at: datetime, limits: Limits) -> Finding:
    return Finding(
        severity="high",
        side="other",
        text=f"No {dose.drug} for {show(limits['gap'].value)} h, since {clock_time(dose.at)}, while an order schedules "
        "it: the pressure may rebound. Take blood pressure and heart rate now and every 4 h, and call the prescriber "
        f"about the next dose. {because((limits['gap'], limits['dose']))}",
        sources=(dose.source,),
        at=at,
        cause=at.isoformat(),
    )


RULE = Rule(
    id="dose-gap-rebound-risk",
    title="Gap between doses, risk of rebound",
    trigger="18 hours or more without a dose while an order schedules them more often",
    severity="high",
    judges=(),
    judge=silent,
    clock=clock,
    limits=(
        limit("gap", "18", "h", cite("S11"), "F", ("12", "24")),
        limit("dose", "0.2", "mg", cite("E"), "E", ("0.1", "1.2")),
    ),
    seed="Q5",
)
