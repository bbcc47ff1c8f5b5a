"""Amounts: the Dosage of MedicationRequest and MedicationAdministration, and the steps that it makes of an order.

A day's amount is read as MME calculators do: frequency/period, else the number of times of day, else one a day.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from service.record import timing, units
from service.record.codes import SNOMED, codes
from service.record.drugs import Product
from service.record.facts import Step
from service.record.timing import element

_NOT_ORAL = frozenset({"45890007", "47625008", "78421000", "34206005", "404820008", "54485002"})
"""SNOMED CT routes: transdermal, intravenous, intramuscular, subcutaneous, epidural, ophthalmic."""


class Amount(NamedTuple):
    """One dose: milligrams at once, or for a patch a day; `sent` tells whether any amount was sent at all."""

    mg: Decimal | None
    patch: bool
    sent: bool


def amount(quantities: list[Any], product: Product) -> Amount:
    """The largest of the doses named, in mg; tablets and mL by the strength of the product, one patch where none is."""
    read = [mg for mg in (_milligrams(quantity, product) for quantity in quantities) if mg is not None]
    unread = product.mg if product.patch else None
    return Amount(max(read) if read else unread, product.patch, bool(quantities))


def is_oral(route: Any, product: Product) -> bool:
    """Oral unless product or route says otherwise; an unknown route is taken as oral."""
    text = route.get("text", "") if isinstance(route, dict) else ""
    elsewhere = isinstance(text, str) and any(
        word in text.lower() for word in ("derm", "patch", "inject", "intra")
    )
    return product.oral and not elsewhere and not _NOT_ORAL.intersection(codes(route, SNOMED))


def steps(instructions: list[dict[str, Any]], start: datetime, product: Product) -> tuple[Step, ...]:
    """The steps of an order."""
    return tuple(_step(one, begins, end, product) for one, begins, end in timing.placed(instructions, start))


def _step(instruction: dict[str, Any], begins: datetime, end: datetime | None, product: Product) -> Step:
    single = amount(dose_quantities(instruction), product)
    as_needed, due = timing.as_needed(instruction), timing.due_every(instruction)
    return Step(
        start=begins,
        end=end,
        mg=None if single.patch else single.mg,
        mg_per_day=_daily(instruction, single, as_needed, product),
        interval=timedelta(hours=float(due)) if due else None,
        times=timing.times(instruction),
        as_needed=as_needed,
        oral=is_oral(instruction.get("route"), product),
    )


def dose_quantities(instruction: dict[str, Any]) -> list[Any]:
    """Every dose that an instruction names, a range by its upper end."""
    named = []
    for entry in instruction.get("doseAndRate") or ():
        if isinstance(entry, dict):
            named += [entry[name] for name in ("doseQuantity",) if name in entry]
            named += [element(entry, "doseRange").get("high")] if "doseRange" in entry else []
    return named


def _milligrams(quantity: Any, product: Product) -> Decimal | None:
    mg = units.convert(quantity, units.MASS)
    if mg is not None or not isinstance(quantity, dict):
        return mg
    count = units.number(quantity.get("value"))
    by_the = ((units.TABLET, product.mg), (units.VOLUME, product.mg_per_ml))
    holds = next((mg for names, mg in by_the if units.named(quantity, names)), None)
    return units.EXACT.multiply(count, holds) if count is not None and holds is not None else None


def _daily(instruction: dict[str, Any], single: Amount, as_needed: bool, product: Product) -> Decimal | None:
    if single.patch:
        return single.mg
    ceiling = _ceiling(element(instruction, "maxDosePerPeriod"), product) if as_needed else None
    if ceiling is not None or single.mg is None:
        return ceiling
    hours = timing.hours_between(instruction) or timing.DAY
    return units.EXACT.multiply(single.mg, units.EXACT.divide(timing.DAY, hours))


def _ceiling(ratio: dict[str, Any], product: Product) -> Decimal | None:
    """maxDosePerPeriod, in mg a day."""
    mg = _milligrams(ratio.get("numerator"), product)
    length = timing.lasting(element(ratio, "denominator"))
    return (
        units.EXACT.divide(units.EXACT.multiply(mg, timing.DAY), length)
        if mg is not None and length
        else None
    )
