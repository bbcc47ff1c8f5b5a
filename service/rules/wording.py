"""How findings are put into words for the ward."""

from collections.abc import Iterable
from decimal import ROUND_FLOOR, Decimal

from service.record.facts import Reading
from service.record.units import EXACT
from service.rules.rule import Limit

_TENTH = Decimal("0.1")
_LONG = 5


def show(value: Decimal) -> str:
    """A number as the ward writes it: long ones cut, never rounded up, to a tenth, so that no limit is crossed."""
    if len(str(value)) <= _LONG or not 0 < abs(value) < 10**6:
        return str(value)
    return str(value.quantize(_TENTH, ROUND_FLOOR, EXACT))


def pressure(reading: Reading) -> str:
    """`BP 88/58 standing`; what was not measured is a dash."""
    systolic, diastolic = (
        "-" if value is None else show(value) for value in (reading.systolic, reading.diastolic)
    )
    return f"BP {systolic}/{diastolic}{posture(reading)}"


def posture(reading: Reading) -> str:
    return f" {reading.position}" if reading.position else ""


def rate(reading: Reading) -> str:
    """`Heart rate 48 standing`."""
    return f"Heart rate {'-' if reading.heart_rate is None else show(reading.heart_rate)}{posture(reading)}"


def because(limits: Iterable[Limit]) -> str:
    """The limits that were used, with their sources."""
    return " ".join(
        f"Limit {one.value.normalize():f} {one.unit}: {one.source}." for one in dict.fromkeys(limits)
    )
