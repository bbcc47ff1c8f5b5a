"""The pressure before treatment, by body position (decision 10)."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from service.record.codes import Position, Quantity
from service.record.facts import Reading
from service.record.units import EXACT

BEFORE = timedelta(hours=24)
AFTER = timedelta(hours=1)
_PRESSURES: tuple[Quantity, ...] = ("systolic", "diastolic")

_COMPARABLE: dict[Position | None, tuple[Position | None, ...]] = {
    "sitting": ("sitting", None),
    "lying": ("lying", "sitting", None),
    "standing": ("standing", None),
    None: ("sitting", None, "lying", "standing"),
}
"""Baselines that a position is compared with, the preferred one first. None is an unknown position, which may be
any; standing never meets sitting."""


class Level(NamedTuple):
    """Median pressures in mm[Hg] and the readings behind them."""

    systolic: Decimal | None
    diastolic: Decimal | None
    sources: tuple[str, ...]


class _Median(NamedTuple):
    value: Decimal
    sources: tuple[str, ...]


class Baseline(NamedTuple):
    """The medians of one course, by quantity and position class: pressures may come as Observations of their own."""

    medians: Mapping[Quantity, Mapping[Position | None, _Median]]

    def level(self, position: Position | None) -> Level | None:
        """The level that a reading in `position` is compared with; None where there is none."""
        systolic, diastolic = (self._median(quantity, position) for quantity in _PRESSURES)
        sources = [source for one in (systolic, diastolic) if one for source in one.sources]
        if not sources:
            return None
        return Level(
            systolic and systolic.value, diastolic and diastolic.value, tuple(dict.fromkeys(sources))
        )

    def _median(self, quantity: Quantity, position: Position | None) -> _Median | None:
        medians = self.medians[quantity]
        return next((medians[other] for other in _COMPARABLE[position] if other in medians), None)


def baseline(before: Iterable[Reading], after: Iterable[Reading]) -> Baseline | None:
    """From the plausible readings of the day before the first dose, else the first of the hour after it."""
    earlier, later = [*before], [*after]
    medians = {quantity: _medians(quantity, earlier, later) for quantity in _PRESSURES}
    return Baseline(medians) if any(medians.values()) else None


def _medians(
    quantity: Quantity, before: Iterable[Reading], after: Iterable[Reading]
) -> Mapping[Position | None, _Median]:
    counted = _measured(quantity, before) or _measured(quantity, after)[:1]
    positions = dict.fromkeys(position for position, _, _ in counted)
    return {
        position: _Median(
            _median([value for at, value, _ in counted if at == position]),
            tuple(source for at, _, source in counted if at == position),
        )
        for position in positions
    }


def _measured(quantity: Quantity, readings: Iterable[Reading]) -> list[tuple[Position | None, Decimal, str]]:
    return [
        (reading.position, value, reading.source)
        for reading in readings
        if not reading.day and (value := getattr(reading, quantity)) is not None
    ]


def _median(values: list[Decimal]) -> Decimal:
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return EXACT.divide(EXACT.add(ordered[middle - 1], ordered[middle]), Decimal(2))
