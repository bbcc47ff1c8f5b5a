"""Amounts and schedules: Dosage and Timing of MedicationRequest and MedicationAdministration.

A day's amount is read as MME calculators do: frequency/period, else the number of times of day, else one a day.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from service.record import moments, units
from service.record.codes import SNOMED, codes
from service.record.drugs import Product
from service.record.facts import Step

_HOURS = {
    "s": Decimal(1) / 3600,
    "min": Decimal(1) / 60,
    "h": Decimal(1),
    "d": Decimal(24),
    "wk": Decimal(168),
    "mo": Decimal(730),
    "a": Decimal(8760),
}
_DAY = Decimal(24)
_ABBREVIATIONS = {
    "QD": 24, "AM": 24, "PM": 24, "BED": 24, "BID": 12, "TID": 8, "QID": 6, "QOD": 48, "WK": 168,
    "Q1H": 1, "Q2H": 2, "Q3H": 3, "Q4H": 4, "Q6H": 6, "Q8H": 8, "Q12H": 12,
}  # fmt: skip
"""Hours between doses, https://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation and the timing codes of R4."""
_NOT_ORAL = frozenset({"45890007", "47625008", "78421000", "34206005", "404820008", "54485002"})
"""SNOMED CT routes: transdermal, intravenous, intramuscular, subcutaneous, epidural, ophthalmic."""
_SHORTEST = Decimal(1)
"""Hours; what is said to be due more often is no schedule of doses [E], and its slots would have no end."""
_LONGEST = Decimal(24 * 3660)
"""Hours; what lasts longer has no end that matters here."""


class Amount(NamedTuple):
    """One dose: milligrams at once, or for a patch a day; `sent` tells whether any amount was sent at all."""

    mg: Decimal | None
    patch: bool
    sent: bool


def amount(quantities: list[Any], product: Product) -> Amount:
    """The largest of the doses named, in mg; tablets by the strength of the product, and one patch where none is."""
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
    return tuple(_step(one, begins, end, product) for one, begins, end in _placed(instructions, start))


def span(instructions: list[dict[str, Any]], start: datetime) -> tuple[datetime, datetime | None]:
    """When the first of the steps begins and the last one ends; None: it is open."""
    placed = _placed(instructions, start)
    ends = [end for _, _, end in placed if end]
    return min(begins for _, begins, _ in placed), max(ends) if len(ends) == len(placed) else None


def _placed(
    instructions: list[dict[str, Any]], start: datetime
) -> list[tuple[dict[str, Any], datetime, datetime | None]]:
    """Each instruction with its beginning and end.

    One later in `sequence` that names no start begins where those before it end; those of one number go together.
    """
    made: list[tuple[dict[str, Any], datetime, datetime | None]] = []
    before: datetime | None = None
    for number, together in groupby(sorted(instructions, key=_sequence), key=_sequence):
        begins = before if before and number > 1 else start
        parallel = [(one, *_bounds(_repeat(one), begins)) for one in together]
        before = max((end for _, _, end in parallel if end), default=None)
        made += parallel
    return made or [({}, start, None)]


def _sequence(instruction: dict[str, Any]) -> int:
    number = instruction.get("sequence")
    return number if isinstance(number, int) else 0


def _repeat(instruction: dict[str, Any]) -> dict[str, Any]:
    return _dict(_dict(instruction, "timing"), "repeat")


def _step(instruction: dict[str, Any], begins: datetime, end: datetime | None, product: Product) -> Step:
    timing, repeat = _dict(instruction, "timing"), _repeat(instruction)
    single = amount(dose_quantities(instruction), product)
    as_needed = _as_needed(instruction)
    times = _times(repeat)
    hours = _hours_between(timing, repeat, len(times))
    return Step(
        start=begins,
        end=end,
        mg=None if single.patch else single.mg,
        mg_per_day=_daily(instruction, single, hours, as_needed, product),
        interval=timedelta(hours=float(hours)) if hours and hours >= _SHORTEST else None,
        times=times,
        as_needed=as_needed,
        oral=is_oral(instruction.get("route"), product),
    )


def scheduled(instruction: dict[str, Any]) -> bool:
    """Whether it tells how often a dose is due, or that it is given as needed."""
    timing, repeat = _dict(instruction, "timing"), _repeat(instruction)
    if _as_needed(instruction):
        return True
    hours = _hours_between(timing, repeat, len(_times(repeat)))
    return hours is not None and hours >= _SHORTEST


def _as_needed(instruction: dict[str, Any]) -> bool:
    return bool(instruction.get("asNeededBoolean") or instruction.get("asNeededCodeableConcept"))


def dose_quantities(instruction: dict[str, Any]) -> list[Any]:
    """Every dose that an instruction names, a range by its upper end."""
    named = []
    for entry in instruction.get("doseAndRate") or ():
        if isinstance(entry, dict):
            named += [entry[name] for name in ("doseQuantity",) if name in entry]
            named += [_dict(entry, "doseRange").get("high")] if "doseRange" in entry else []
    return named


def _milligrams(quantity: Any, product: Product) -> Decimal | None:
    mg = units.convert(quantity, units.MASS)
    if mg is not None or not isinstance(quantity, dict):
        return mg
    count = units.number(quantity.get("value"))
    named = {quantity.get("code"), quantity.get("unit")}
    if (
        count is None
        or product.mg is None
        or not any(name in units.TABLET for name in named if isinstance(name, str))
    ):
        return None
    return units.EXACT.multiply(count, product.mg)


def _daily(
    instruction: dict[str, Any], single: Amount, hours: Decimal | None, as_needed: bool, product: Product
) -> Decimal | None:
    if single.patch:
        return single.mg
    ceiling = _ceiling(_dict(instruction, "maxDosePerPeriod"), product) if as_needed else None
    if ceiling is not None or single.mg is None:
        return ceiling
    return units.EXACT.multiply(single.mg, units.EXACT.divide(_DAY, hours or _DAY))


def _ceiling(ratio: dict[str, Any], product: Product) -> Decimal | None:
    """maxDosePerPeriod, in mg a day."""
    mg = _milligrams(ratio.get("numerator"), product)
    period = _dict(ratio, "denominator")
    length = _length(period.get("value"), period.get("code") or period.get("unit"))
    return units.EXACT.divide(units.EXACT.multiply(mg, _DAY), length) if mg is not None and length else None


def _hours_between(timing: dict[str, Any], repeat: dict[str, Any], times: int) -> Decimal | None:
    """Hours between two doses at the highest frequency allowed; None where the timing does not say."""
    period, times = (
        _length(repeat.get("period"), repeat.get("periodUnit")),
        times or len(repeat.get("when") or ()),
    )
    if period:
        frequency = units.number(repeat.get("frequencyMax") or repeat.get("frequency") or times or 1)
        return units.EXACT.divide(period, frequency) if frequency and frequency > 0 else period
    if times:
        return _DAY / times
    code = timing.get("code")
    for entry in _dict({"code": code}, "code").get("coding") or ():
        if isinstance(entry, dict) and entry.get("code") in _ABBREVIATIONS:
            return Decimal(_ABBREVIATIONS[entry["code"]])
    return None


def _length(value: Any, unit: Any) -> Decimal | None:
    """A positive span of time in hours."""
    count, hours = units.number(value), _HOURS.get(unit) if isinstance(unit, str) else None
    if count is None or hours is None or not 0 < count < _LONGEST:
        return None
    length = units.EXACT.multiply(count, hours)
    return length if length < _LONGEST else None


def _bounds(repeat: dict[str, Any], start: datetime) -> tuple[datetime, datetime | None]:
    period = _dict(repeat, "boundsPeriod")
    begins = moments.instant(period.get("start")) or start
    end = moments.parse(period.get("end"))
    if end:  # a date includes its whole day
        return begins, end.until or end.at
    duration = _dict(repeat, "boundsDuration")
    hours = _length(duration.get("value"), duration.get("code") or duration.get("unit"))
    if hours is None:
        return begins, None
    lasts = timedelta(hours=float(hours))
    return begins, begins + lasts if lasts < moments.END - begins else None


def _times(repeat: dict[str, Any]) -> tuple[int, ...]:
    times = [time for time in repeat.get("timeOfDay") or () if isinstance(time, str)]
    return tuple(sorted({int(time[:2]) * 60 + int(time[3:5]) for time in times if time[:2].isdigit()}))


def _dict(element: dict[str, Any], name: str) -> dict[str, Any]:
    value = element.get(name)
    return value if isinstance(value, dict) else {}
