"""Units of readings and doses: the names that are sent for them, and the factor to the first of each kind."""

from collections.abc import Mapping
from decimal import Context, Decimal

UCUM = "http://unitsofmeasure.org"
KILOPASCAL = Decimal("7.50062")
"""mm[Hg] in one kPa, as the clinical specification fixes it (decision 7)."""

EXACT = Context(prec=120, traps=[])
"""Arithmetic that never rounds what a clinic can send, and never raises on what it cannot."""

ONE = Decimal(1)

PRESSURE: Mapping[str, Decimal] = {
    "mm[Hg]": ONE,
    "mmHg": ONE,
    "mm Hg": ONE,
    "mmhg": ONE,
    "kPa": KILOPASCAL,
}
RATE: Mapping[str, Decimal] = dict.fromkeys(
    ("/min", "{beats}/min", "{Beats}/min", "1/min", "beats/min", "beats/minute", "bpm"), ONE
)
MASS: Mapping[str, Decimal] = {
    "mg": ONE,
    "milligram": ONE,
    "g": Decimal(1000),
    "ug": Decimal("0.001"),
    "mcg": Decimal("0.001"),
    "µg": Decimal("0.001"),
    "μg": Decimal("0.001"),
    "microgram": Decimal("0.001"),
    "micrograms": Decimal("0.001"),
    "MICROGRAM": Decimal("0.001"),
}
CANONICAL: Mapping[str, tuple[str, Decimal]] = {
    name: (next(iter(units)), factor) for units in (PRESSURE, RATE, MASS) for name, factor in units.items()
}
"""A name -> the unit of its kind that searches compare in, and the factor to it."""
