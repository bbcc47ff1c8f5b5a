"""The schedule: the slots at which orders say that a dose is due, and the doses that fill them (decision 23)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from heapq import merge
from operator import attrgetter
from typing import NamedTuple

from service.record.facts import Dose, Order, Step
from service.record.moments import END
from service.record.regimen import Regimen
from service.record.totals import steps

_DAY = timedelta(days=1)


class Slot(NamedTuple):
    """A dose due `at` an instant; the next one is due an `interval` later."""

    at: datetime
    interval: timedelta
    order: Order

    @property
    def half(self) -> timedelta:
        """How far from it a dose may be and still fill it."""
        return self.interval / 2


def slots(regimen: Regimen, since: datetime, before: int = 0) -> Iterator[Slot]:
    """The slots of all orders from `since` on while each is in force, in order of time, without end if there is none.

    `before` is how many intervals earlier to begin. Orders as needed have none, nor has a step that does not tell how
    often.
    """
    ends = regimen.until
    lines = (
        _of_step(
            order,
            step,
            max(since - before * step.interval, step.start),
            min(step.end or END, ends[order.source]),
        )
        for order in regimen.orders
        for step in order.steps
        if step.interval and not step.as_needed
    )
    return merge(*lines, key=attrgetter("at"))


def filling(slot: Slot, regimen: Regimen) -> Dose | None:
    """The dose, given or not done, that fills the slot: the first within half an interval.

    One that is as near to the slot before fills that one, unless another dose does.
    """
    near = _around(slot, slot.at, regimen)
    if near and near[0].at == slot.at - slot.half and slot.at - slot.interval >= slot.order.at:
        before = [dose for dose in _around(slot, slot.at - slot.interval, regimen) if dose.at < near[0].at]
        near = near if before else near[1:]
    return near[0] if near else None


def around(dose: Dose, regimen: Regimen) -> Iterator[Slot]:
    """The slots that a dose fills: of one order, or of several where it does not say of which."""
    longest = max(
        (step.interval for order in regimen.orders for step in order.steps if step.interval), default=None
    )
    if longest is None:
        return
    for slot in slots(regimen, dose.at - longest / 2):
        if slot.at > dose.at + longest / 2:
            return
        if filling(slot, regimen) is dose:
            yield slot


def intervals(regimen: Regimen, at: datetime) -> Iterator[timedelta]:
    """The intervals between the doses that the orders in force schedule at an instant."""
    ends = regimen.until
    for order in regimen.orders:
        yield from (step.interval for step in steps(order, at, ends) if step.interval and not step.as_needed)


def given_before(regimen: Regimen, at: datetime, drug: str) -> Iterator[Dose]:
    """The doses of a drug that were given up to an instant, it included, newest first."""
    end = bisect_right(regimen.doses, at, key=attrgetter("at"))
    return (
        dose for dose in reversed(regimen.doses[:end]) if dose.given and not dose.day and dose.drug == drug
    )


def _around(slot: Slot, at: datetime, regimen: Regimen) -> Sequence[Dose]:
    doses = regimen.doses
    start = bisect_left(doses, at - slot.half, key=attrgetter("at"))
    end = bisect_right(doses, at + slot.half, key=attrgetter("at"))
    return [dose for dose in doses[start:end] if _counts(dose, slot.order, regimen)]


def _counts(dose: Dose, order: Order, regimen: Regimen) -> bool:
    """Whether the dose may be one of this order: it names it, or none that is known."""
    if dose.day or dose.drug != order.drug:
        return False
    return dose.order == order.source or all(dose.order != one.source for one in regimen.orders)


def _of_step(order: Order, step: Step, since: datetime, end: datetime) -> Iterator[Slot]:
    assert step.interval is not None
    for at in _times(step, since) if step.times else _steps(step.start, step.interval, since):
        if at >= end:
            return
        yield Slot(at, step.interval, order)


def _steps(start: datetime, interval: timedelta, since: datetime) -> Iterator[datetime]:
    at = start + -((start - since) // interval) * interval
    while at < END:
        yield at
        at += interval


def _times(step: Step, since: datetime) -> Iterator[datetime]:
    midnight = datetime.combine(since.date(), time(), UTC)
    while midnight < END:
        for minutes in step.times:
            at = midnight + timedelta(minutes=minutes)
            if at >= since:
                yield at
        midnight += _DAY
