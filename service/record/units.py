"""Units of readings and doses, converted exactly: nothing is rounded before it is compared."""

from collections.abc import Container, Mapping
from decimal import Decimal
from typing import Any

from models.units import EXACT, KILOPASCAL, MASS, ONE, PRESSURE, RATE
from service.record.codes import UCUM

__all__ = [
    "EXACT",
    "KILOPASCAL",
    "MASS",
    "PRESSURE",
    "RATE",
    "TABLET",
    "VOLUME",
    "convert",
    "named",
    "number",
    "unit",
]

_LARGEST_EXPONENT = 12
"""Larger numbers are not converted."""
RESPIRATION = {
    **RATE,
    **dict.fromkeys(("{breaths}/min", "{Breaths}/min", "breaths/min", "breaths/minute"), ONE),
}
SATURATION: Mapping[str, Decimal] = {"%": ONE}
VOLUME = frozenset(("mL", "ml"))
SCORE: Mapping[str, Decimal] = dict.fromkeys(
    ("", "{score}", "{Score}", "1", "{points}", "score", "points", "point"), ONE
)
"""Points have no dimension: a total that names no unit is one [E]."""
TABLET = frozenset(
    ("{tbl}", "{tablet}", "{Tablet}", "tbl", "tab", "TAB", "tablet", "tablets", "Tablet", "{patch}", "patch")
)


def number(value: Any) -> Decimal | None:
    """A JSON number as it was sent."""
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Decimal(str(value))


def unit(quantity: Mapping[str, Any]) -> str | None:
    """The unit that a Quantity names: its code, which leads, else its text."""
    named = quantity.get("code") or quantity.get("unit")
    return named if isinstance(named, str) else None


def named(quantity: Mapping[str, Any], units: Container[str]) -> bool:
    """Whether code or unit of a Quantity is one of these."""
    return any(
        name in units for name in (quantity.get("code"), quantity.get("unit")) if isinstance(name, str)
    )


def convert(quantity: Any, units: Mapping[str, Decimal]) -> Decimal | None:
    """The value in the first unit of `units`; None where value or unit cannot be read.

    A comparator (`<60`) makes the number a bound and no reading. A number of absurd size is not converted: it
    is as implausible in the one unit as in the other.
    """
    if not isinstance(quantity, dict) or quantity.get("comparator"):
        return None
    value, factor = number(quantity.get("value")), units.get(unit(quantity) or "")
    if value is None or factor is None or (quantity.get("code") and quantity.get("system", UCUM) != UCUM):
        return None
    if factor is ONE or abs(value.adjusted()) > _LARGEST_EXPONENT:
        return value
    return EXACT.multiply(value, factor)
