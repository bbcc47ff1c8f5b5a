"""Milligrams a day: given, and planned by the orders in force (decisions 30 and 31)."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from service.record.facts import Dose, Drug, Order, Step
from service.record.moments import END
from service.record.regimen import Regimen
from service.record.units import EXACT

DAY = timedelta(hours=24)
PATCH = timedelta(hours=168)
NOTHING = Decimal(0)


def given(regimen: Regimen, drug: Drug, at: datetime) -> tuple[Decimal, list[Dose]]:
    """What was given in (at - 24 h, at], with the doses; a patch counts for 168 h with its daily amount."""
    doses = regimen.doses
    total, counted = NOTHING, []
    for number in range(bisect_right(doses, at, key=attrgetter("at")) - 1, -1, -1):
        dose = doses[number]
        if at - dose.at >= PATCH:
            break
        amount = dose.mg if at - dose.at < DAY else None
        amount = dose.mg_per_day if amount is None else amount
        if dose.given and not dose.day and dose.drug == drug and amount is not None:
            total = EXACT.add(total, amount)
            counted.append(dose)
    return total, counted


def patched(regimen: Regimen, drug: Drug, at: datetime) -> bool:
    """Whether a patch is on, which goes on giving."""
    return any(dose.mg_per_day is not None for dose in given(regimen, drug, at)[1])


def steps(order: Order, at: datetime, ends: Mapping[str, datetime]) -> Iterator[Step]:
    """The steps of an order that are in force at an instant."""
    if order.at <= at < ends[order.source]:
        for step in order.steps:
            if step.start <= at and (step.end is None or at < step.end):
                yield step


def allowed(order: Order, at: datetime, ends: Mapping[str, datetime]) -> Decimal:
    """The most that an order allows in a day at an instant: as needed counts at its maximum."""
    amounts = (step.mg_per_day for step in steps(order, at, ends) if step.mg_per_day is not None)
    return _sum(amounts)


class Level(NamedTuple):
    """A planned daily total, from an instant on until the next level."""

    at: datetime
    total: Decimal


def planned(regimen: Regimen, drug: Drug, ends: Mapping[str, datetime]) -> list[Level]:
    """The scheduled daily total of all orders of a drug as it changes, oldest first; as needed is not scheduled."""
    orders = [order for order in regimen.orders if order.drug == drug]
    edges = {order.at for order in orders} | {ends[order.source] for order in orders}
    for order in orders:
        for step in order.steps:
            edges |= {
                edge for edge in (step.start, step.end) if edge and order.at <= edge <= ends[order.source]
            }
    levels: list[Level] = []
    for at in sorted(edges - {END}):
        total = _sum(
            step.mg_per_day
            for order in orders
            for step in steps(order, at, ends)
            if step.mg_per_day is not None and not step.as_needed
        )
        if not levels or levels[-1].total != total:
            levels.append(Level(at, total))
    return levels


def _sum(amounts: Iterator[Decimal]) -> Decimal:
    total = NOTHING
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
