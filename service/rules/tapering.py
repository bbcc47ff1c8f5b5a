"""Tapers: how a daily total comes down (decision 31)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from service.record.totals import Level
from service.record.units import EXACT


class Taper(NamedTuple):
    """Totals that only fall: the first level is the one before the taper."""

    levels: tuple[Level, ...]

    @property
    def total(self) -> Decimal:
        """The daily total before the taper, in mg."""
        return self.levels[0].total

    @property
    def start(self) -> datetime:
        """The first reduction."""
        return self.levels[1].at

    @property
    def zero(self) -> datetime | None:
        """When the total reaches nothing; None: it does not."""
        return None if self.levels[-1].total else self.levels[-1].at

    @property
    def length(self) -> timedelta | None:
        """From the first reduction to nothing."""
        return self.zero - self.start if self.zero else None

    def fall(self, within: timedelta) -> Decimal:
        """The deepest fall inside a span of time, in mg a day: total(t) - total(t + within)."""
        edges = (level.at for level in self.levels[1:])
        befores = (level.total for level in self.levels)
        return max(
            EXACT.subtract(before, self._before(at + within))
            for before, at in zip(befores, edges, strict=False)
        )

    def _before(self, at: datetime) -> Decimal:
        return next(level.total for level in reversed(self.levels) if level.at < at)


def tapers(levels: Sequence[Level]) -> Iterator[Taper]:
    """Every span in which the totals only fall, oldest first."""
    first = 0
    for last in range(len(levels)):
        goes_on = last + 1 < len(levels) and levels[last + 1].total < levels[last].total
        if not goes_on:
            if last > first:
                yield Taper(tuple(levels[first : last + 1]))
            first = last + 1
