"""A dose that was not given.

What: a scheduled dose that nothing fills, once the last dose given lies more than 1.5 intervals back: one alert a
slot. A dose recorded as not done, with its reason, fills its slot; before the first dose the order's start stands for
it. Silent while the hospital sends no administrations (decision 22).
Why: clonidine that stops by accident brings withdrawal back and lets the pressure rise.
Evidence: 1.5 intervals are our choice [E].
Limits: a site may move the number of intervals.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from service.record.schedule import Slot, filling, given_before, slots
from service.rules.rule import Finding, Limit, Limits, Moment, Rule, View, limit, silent
from service.rules.sources import cite
from service.rules.wording import because, clock_time

_EARLIER = 2
"""Intervals that a slot can lie before the instant at which its dose is missed."""


def clock(view: View, limits: Limits, since: datetime) -> Iterator[Moment]:
    regimen = view.record.regimen
    if not regimen.doses:
        return
    ends = regimen.until
    for slot in slots(regimen, since, _EARLIER):
        if filling(slot, regimen):
            continue
        last = next(given_before(regimen, slot.at + slot.half, slot.order.drug), None)
        last_at = last.at if last else slot.order.at
        at = max(slot.at + slot.half, last_at + float(limits["intervals"].value) * slot.interval)
        if since <= at < ends[slot.order.source]:
            yield Moment(
                at + timedelta.resolution, slot.order.source, _finding(slot, last_at, at, limits["intervals"])
            )


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
