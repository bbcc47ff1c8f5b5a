"""Schedules: the Timing of an order's instructions, when each begins and ends, and how often a dose is due."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby, islice, pairwise
from typing import Any

from service.record import moments, units

_HOURS = {
    "s": Decimal(1) / 3600,
    "min": Decimal(1) / 60,
    "h": Decimal(1),
    "d": Decimal(24),
    "wk": Decimal(168),
    "mo": Decimal(730),
    "a": Decimal(8760),
}
DAY = Decimal(24)
_WEEK = Decimal(168)
_ABBREVIATIONS = {
    "QD": 24, "AM": 24, "PM": 24, "BED": 24, "BID": 12, "TID": 8, "QID": 6, "QOD": 48, "WK": 168,
    "Q1H": 1, "Q2H": 2, "Q3H": 3, "Q4H": 4, "Q6H": 6, "Q8H": 8, "Q12H": 12,
}  # fmt: skip
"""Hours between doses, https://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation and the timing codes of R4."""
_SHORTEST = Decimal(1)
"""Hours; what is said to be due more often is no schedule of doses [E], and its slots would have no end."""
_LONGEST = Decimal(24 * 3660)
"""Hours; what lasts longer has no end that matters here."""
_UNNUMBERED = -(2**31) - 1
"""Before every number that `sequence` can have."""
Instruction = dict[str, Any]
Placed = tuple[Instruction, datetime, datetime | None]
"""An instruction with its beginning and end; None: it is open."""


def element(of: dict[str, Any], name: str) -> dict[str, Any]:
    """The element of a name, empty where it is missing."""
    value = of.get(name)
    return value if isinstance(value, dict) else {}


def placed(instructions: list[Instruction], start: datetime) -> list[Placed]:
    """Each instruction with its beginning and end; those of one number in `sequence`, or without, go together.

    One later in `sequence` that names no start begins where those before it end; one that names no end ends where those
    behind it begin.
    """
    groups = list(_groups(instructions, start))
    for earlier, later in pairwise(groups):
        if _sequence(earlier[0][0]) != _UNNUMBERED:
            follows = _begin(later)
            earlier[:] = [
                (one, begins, follows if end is None and begins < follows else end)
                for one, begins, end in earlier
            ]
    return [one for group in groups for one in group] or [({}, start, None)]


def span(instructions: list[Instruction], start: datetime) -> tuple[datetime, datetime | None]:
    """When the first of the instructions begins and the last one ends; None: it is open."""
    made = placed(instructions, start)
    ends = [end for _, _, end in made if end]
    return _begin(made), max(ends) if len(ends) == len(made) else None


def at_once(instructions: list[Instruction], start: datetime) -> bool:
    """Whether scheduled steps that are to follow each other begin together, as nothing tells when the first ends."""
    scheduled = [one for one in instructions if not as_needed(one)]
    return any(
        _sequence(earlier[0][0]) != _UNNUMBERED and _begin(later) <= _begin(earlier)
        for earlier, later in pairwise(_groups(scheduled, start))
    )


def _groups(instructions: list[Instruction], start: datetime) -> Iterator[list[Placed]]:
    before: datetime | None = None
    for number, together in groupby(sorted(instructions, key=_sequence), key=_sequence):
        group = [(one, *_bounds(one, before or start)) for one in together]
        ends = [end for _, _, end in group if end] if number != _UNNUMBERED else []
        before = max(ends, default=None)
        yield group


def _begin(group: list[Placed]) -> datetime:
    return min(begins for _, begins, _ in group)


def _sequence(instruction: Instruction) -> int:
    number = instruction.get("sequence")
    return number if isinstance(number, int) else _UNNUMBERED


def as_needed(instruction: Instruction) -> bool:
    """Whether doses are given when the patient needs them."""
    return bool(instruction.get("asNeededBoolean") or instruction.get("asNeededCodeableConcept"))


def scheduled(instruction: Instruction) -> bool:
    """Whether it tells how often a dose is due, or that it is given as needed."""
    return as_needed(instruction) or due_every(instruction) is not None


def due_every(instruction: Instruction) -> Decimal | None:
    """Hours between two doses that are due, at the lowest frequency allowed: what may wait is not missed yet.

    None where that cannot be told: for doses on some days of the week alone, too.
    """
    hours = hours_between(instruction, highest=False)
    if hours is None or hours < _SHORTEST or ("dayOfWeek" in _repeat(instruction) and hours < _WEEK):
        return None
    return hours


def hours_between(instruction: Instruction, *, highest: bool = True) -> Decimal | None:
    """Hours between two doses at the highest or the lowest frequency allowed; None where the timing does not say."""
    repeat = _repeat(instruction)
    most, longest = repeat.get("frequencyMax"), repeat.get("periodMax")
    named = len(times(instruction)) or len(repeat.get("when") or ())
    period = _length(repeat.get("period") if highest or not longest else longest, repeat.get("periodUnit"))
    if period:
        often = (highest and most) or repeat.get("frequency") or named or most or 1
        frequency = units.number(often)
        return units.EXACT.divide(period, frequency) if frequency and frequency > 0 else period
    if named:
        return DAY / named
    for entry in element(element(instruction, "timing"), "code").get("coding") or ():
        if isinstance(entry, dict) and entry.get("code") in _ABBREVIATIONS:
            return Decimal(_ABBREVIATIONS[entry["code"]])
    return None


def times(instruction: Instruction) -> tuple[int, ...]:
    """The times of day, in minutes after midnight UTC."""
    told = [one for one in _repeat(instruction).get("timeOfDay") or () if isinstance(one, str)]
    return tuple(sorted({int(one[:2]) * 60 + int(one[3:5]) for one in told if one[:2].isdigit()}))


def lasting(duration: dict[str, Any]) -> Decimal | None:
    """A Duration in hours; None where it cannot be read."""
    return _length(duration.get("value"), duration.get("code") or duration.get("unit"))


def _length(value: Any, unit: Any) -> Decimal | None:
    """A positive span of time in hours."""
    count, hours = units.number(value), _HOURS.get(unit) if isinstance(unit, str) else None
    if count is None or hours is None or not 0 < count < _LONGEST:
        return None
    length = units.EXACT.multiply(count, hours)
    return length if length < _LONGEST else None


def _repeat(instruction: Instruction) -> dict[str, Any]:
    return element(element(instruction, "timing"), "repeat")


def _bounds(instruction: Instruction, start: datetime) -> tuple[datetime, datetime | None]:
    """When it begins and ends: by its period, else by how long it lasts at most, else by the number of its doses."""
    repeat = _repeat(instruction)
    period = element(repeat, "boundsPeriod")
    begins = moments.instant(period.get("start")) or start
    end = moments.parse(period.get("end"))
    if end:  # a date includes its whole day
        return begins, end.until or end.at
    hours = lasting(element(repeat, "boundsDuration") or element(element(repeat, "boundsRange"), "high"))
    return begins, _after(begins, hours) if hours else _counted(instruction, begins)


def _counted(instruction: Instruction, begins: datetime) -> datetime | None:
    """When the dose after the last one would be due; of doses as needed nobody knows when the last one is given."""
    repeat = _repeat(instruction)
    count = units.number(repeat.get("countMax") or repeat.get("count"))
    hours = hours_between(instruction, highest=False) or DAY
    if not count or as_needed(instruction) or not 0 < count < _LONGEST / hours:
        return None
    at_times = times(instruction)
    if not at_times:
        return _after(begins, units.EXACT.multiply(count, hours))
    midnight = datetime.combine(begins.date(), time(), UTC)
    days = range(int(count) // len(at_times) + 2)
    due = (midnight + timedelta(days=day, minutes=minutes) for day in days for minutes in at_times)
    return next(islice((at for at in due if at >= begins), int(count), None))


def _after(begins: datetime, hours: Decimal) -> datetime | None:
    lasts = timedelta(hours=float(hours))
    return begins + lasts if lasts < moments.END - begins else None
