"""Which dose is meant by the next one: the slot that is open at an instant, else a dose as needed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from service.record.facts import Order, Step
from service.record.record import Record
from service.record.regimen import Regimen
from service.record.schedule import Slot, filling, slots
from service.record.totals import steps
from service.rules.hold import FRESH


class Due(NamedTuple):
    """A dose of an order, due `at` an instant; None: as needed. `spacing` is the time that the order puts between two.

    `mg` is None where the amount cannot be told; of a patch it is what it gives in a day.
    """

    order: Order
    at: datetime | None
    mg: Decimal | None
    oral: bool
    spacing: timedelta | None


def due(record: Record, at: datetime) -> Due | None:
    """The dose that is asked about at an instant; None: no order in force has one, now or later.

    A scheduled dose that is due within the hour, or was and is not given yet; else one as needed; else the next one
    that is scheduled.
    """
    regimen = record.regimen
    slot = _open(regimen, at)
    if slot is None or slot.at - at > FRESH:
        needed = next(_as_needed(regimen, at), None)
        if needed:
            return needed
    return _scheduled(slot, regimen) if slot else None


def orders_in_force(regimen: Regimen, at: datetime) -> list[Order]:
    """The orders of watched drugs that are in force at an instant."""
    ends = regimen.until
    return [order for order in regimen.orders if order.at <= at < ends[order.source]]


def _open(regimen: Regimen, at: datetime) -> Slot | None:
    """The first slot whose time is not over, without a dose so far.

    While the hospital sends no administrations slots stand for doses (decision 22): the hour around one is its time.
    """
    if not regimen.doses:
        return next(slots(regimen, at - FRESH), None)
    longest = max(
        (step.interval for order in regimen.orders for step in order.steps if step.interval), default=FRESH
    )
    for slot in slots(regimen, at - min(longest / 2, _LONGEST)):
        if at - slot.at <= slot.half:
            dose = filling(slot, regimen)
            if dose is None or dose.at > at:
                return slot
    return None


def _scheduled(slot: Slot, regimen: Regimen) -> Due:
    found = [step for step in steps(slot.order, slot.at, regimen.until) if not step.as_needed]
    return Due(slot.order, slot.at, *_amount(found), None)


def _as_needed(regimen: Regimen, at: datetime) -> Iterator[Due]:
    ends = regimen.until
    for order in regimen.orders:
        for step in steps(order, at, ends):
            if step.as_needed:
                yield Due(order, None, *_amount([step]), step.interval)


def _amount(found: list[Step]) -> tuple[Decimal | None, bool]:
    """The largest amount of these steps, and whether it is taken by mouth."""
    amounts = [
        (step.mg_per_day if step.mg is None and not step.oral else step.mg, step.oral) for step in found
    ]
    known = [(mg, oral) for mg, oral in amounts if mg is not None]
    return max(known, default=(None, any(oral for _, oral in amounts)))


_LONGEST = timedelta(hours=96)
"""How far back an open slot can lie: half a week's interval, as patches have, and some more."""
