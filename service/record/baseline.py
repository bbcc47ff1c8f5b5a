"""The pressure before treatment, by body position (decision 10)."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from service.record.codes import Position
from service.record.facts import Reading
from service.record.units import EXACT

BEFORE = timedelta(hours=24)
AFTER = timedelta(hours=1)

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


class Baseline(NamedTuple):
    """The levels of one course, by position class."""

    levels: Mapping[Position | None, Level]

    def level(self, position: Position | None) -> Level | None:
        """The level that a reading in `position` is compared with; None where there is none."""
        for other in _COMPARABLE[position]:
            if other in self.levels:
                return self.levels[other]
        return None


def baseline(before: Iterable[Reading], after: Iterable[Reading]) -> Baseline | None:
    """From the plausible readings of the day before the first dose, else the first of the hour after it."""
    counted = [reading for reading in before if _pressure(reading)]
    if not counted:
        counted = [reading for reading in after if _pressure(reading)][:1]
    positions = dict.fromkeys(reading.position for reading in counted)
    levels = {
        position: _level([one for one in counted if one.position == position]) for position in positions
    }
    return Baseline(levels) if levels else None


def _pressure(reading: Reading) -> bool:
    return not reading.day and (reading.systolic is not None or reading.diastolic is not None)


def _level(readings: list[Reading]) -> Level:
    return Level(
        _median([one.systolic for one in readings if one.systolic is not None]),
        _median([one.diastolic for one in readings if one.diastolic is not None]),
        tuple(one.source for one in readings),
    )


def _median(values: list[Decimal]) -> Decimal | None:
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return EXACT.divide(EXACT.add(ordered[middle - 1], ordered[middle]), Decimal(2))
