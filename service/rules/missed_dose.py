"""A dose that was not given.

What: a scheduled dose that nothing fills, once the last dose given lies more than 1.5 intervals back: one alert a
slot, half an interval after it, or as much earlier as the last dose was. A dose recorded as not done fills its slot;
before the first dose the order's start stands for it. Silent while the hospital sends no administrations (decision 22).
Why: clonidine that stops by accident brings withdrawal back and lets the pressure rise.
Evidence: 1.5 intervals are our choice [E].
Limits: a site may move the number of intervals.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from service.record.facts import Dose
from service.record.regimen import COURSE_GAP, Regimen
from service.record.schedule import Slot, around, filling, given_before, slots
from service.rules.rule import Finding, Limit, Limits, Moment, Rule, View, in_time, limit, silent
from service.rules.sources import cite
from service.rules.wording import because, clock_time

_EARLIER = 3
"""Intervals that a slot can lie before the instant at which its dose is missed."""


def clock(view: View, limits: Limits, since: datetime) -> Iterator[Moment]:
    regimen = view.record.regimen
    return in_time(_missed(regimen, limits["intervals"], since)) if regimen.doses else iter(())


def _missed(regimen: Regimen, most: Limit, since: datetime) -> Iterator[tuple[datetime, Moment | None]]:
    """Each slot's instant, and what is said of it: no earlier than that."""
    ends = regimen.until
    for slot in slots(regimen, since, _EARLIER):
        dose = filling(slot, regimen)
        if dose and dose.at <= slot.at:
            continue
        last = _last(slot, regimen)
        begun = last.at if last else slot.order.at
        at = max(slot.at + slot.half - _early(last, slot, regimen), begun + float(most.value) * slot.interval)
        given = next(given_before(regimen, at, slot.order.drug), None)
        open_ = (dose is None or dose.at > at) and (given is None or given.at <= slot.at)
        if open_ and since <= at < ends[slot.order.source]:
            yield (
                slot.at,
                Moment(
                    at + timedelta.resolution, slot.order.source, partial(_finding, slot, begun, at, most)
                ),
            )
        else:
            yield slot.at, None


def _last(slot: Slot, regimen: Regimen) -> Dose | None:
    """The last dose given until the slot; none of an earlier course."""
    last = next(given_before(regimen, slot.at, slot.order.drug), None)
    return last if last and slot.order.at - last.at <= COURSE_GAP else None


def _early(last: Dose | None, slot: Slot, regimen: Regimen) -> timedelta:
    """How long before its own slot the last dose was given: the later slots of its order come as much earlier."""
    own = (filled for filled in around(last, regimen) if filled.order is slot.order) if last else ()
    early = max((filled.at - last.at for filled in own if last), default=timedelta())
    return min(max(early, timedelta()), slot.half)


def _finding(slot: Slot, last: datetime, at: datetime, most: Limit) -> Finding:
    hours = slot.interval / timedelta(hours=1)
    return Finding(
        severity="moderate",
        side="other",
        text=f"The dose of {slot.order.drug} due at {clock_time(slot.at)} was neither given nor recorded as held; the "
        f"last one was at {clock_time(last)}, one is due every {hours:g} h. Ask why, take pressure and heart rate, and "
        f"give it or record the reason. {because((most,))}",
        at=at,
        cause=at.isoformat(),
    )


RULE = Rule(
    id="missed-dose",
    title="Dose not given",
    trigger="a scheduled dose is not recorded, and the last one lies more than 1.5 intervals back",
    severity="moderate",
    judges=(),
    judge=silent,
    clock=clock,
    limits=(limit("intervals", "1.5", "1", cite("E"), "E", ("1.25", "3")),),
    seed="Q5",
)
