"""How findings are put into words for the ward."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache

from service.record.facts import Reading
from service.record.units import EXACT
from service.rules.rule import Limit

_TENTH = Decimal("0.1")
_LONG = 5
_SPOKEN = {"{score}": "points"}
"""Units as the ward says them, where UCUM writes them otherwise."""
_NARROW = Decimal(10)
"""Pulse pressure in mm[Hg] below which a reading is annotated."""


def show(value: Decimal) -> str:
    """A number as the ward writes it: long ones cut, never rounded up, to a tenth, so that no limit is crossed."""
    if len(str(value)) <= _LONG or not 0 < abs(value) < 10**6:
        return str(value)
    return str(value.quantize(_TENTH, ROUND_FLOOR, EXACT))


def pressure(reading: Reading) -> str:
    """`BP 88/58 standing`; what was not measured is a dash. A narrow pulse pressure is noted: the cuff may be wrong."""
    systolic, diastolic = reading.systolic, reading.diastolic
    shown = "/".join("-" if value is None else show(value) for value in (systolic, diastolic))
    narrow = ""
    if systolic is not None and diastolic is not None and 0 < systolic - diastolic < _NARROW:
        narrow = f" (pulse pressure {show(EXACT.subtract(systolic, diastolic))}: measure again)"
    return f"BP {shown}{posture(reading)}{narrow}"


def clock_time(at: datetime) -> str:
    """`2026-11-22 08:00 UTC`."""
    return f"{at.isoformat(' ')[:16]} UTC"


def lasting(time: timedelta) -> str:
    """`4 min`, `3 h 20 min`, `2 d 3 h`: cut to the minute, or from a day on to the hour."""
    minutes = time // timedelta(minutes=1)
    days, hours = divmod(minutes // 60, 24)
    parts = ((days, "d"), (hours, "h")) if days else ((hours, "h"), (minutes % 60, "min"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"


def posture(reading: Reading) -> str:
    return f" {reading.position}" if reading.position else ""


def rate(reading: Reading) -> str:
    """`Heart rate 48 standing`."""
    return f"Heart rate {'-' if reading.heart_rate is None else show(reading.heart_rate)}{posture(reading)}"


def because(limits: Iterable[Limit]) -> str:
    """The limits that were used, with their sources: `Limits 90, 60 mm[Hg]: ...`."""
    return _because(tuple(limits))


@lru_cache(1024)
def _because(limits: tuple[Limit, ...]) -> str:
    by_source: dict[tuple[str, str], list[str]] = {}
    for one in dict.fromkeys(limits):
        unit = _SPOKEN.get(one.unit, one.unit)
        by_source.setdefault((unit, one.source), []).append(plain(one.value))
    return " ".join(
        f"{'Limit' if len(values) == 1 else 'Limits'} {', '.join(values)} {unit}: {source}."
        for (unit, source), values in by_source.items()
    )


def plain(value: Decimal) -> str:
    """A limit without trailing zeros."""
    return f"{value.normalize():f}"
