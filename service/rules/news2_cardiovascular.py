"""The circulation and breathing of NEWS2, for reference.

What: a systolic pressure, heart rate, respiratory rate or oxygen saturation (scale 1) that alone has 3 points of NEWS2;
the note tells the points of each quantity that the reading has.
Why: wards that work by NEWS2 see the same reading in their own terms. A systolic of 90 has 3 points, while
`hypotension` begins below it.
Evidence: the bands in S17 [F]; that a single 3 asks for an urgent review is recalled [R]; moderate is ours [E].
Limits: the bands are the score's own and cannot be moved. Off unless a site turns it on; it is no whole NEWS2: level of
consciousness, temperature and oxygen given are not in it.
"""

from bisect import bisect_left
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from service.record.codes import Quantity
from service.record.facts import Reading
from service.record.record import Record
from service.rules.rule import Evidence, Finding, Limits, Rule, Side
from service.rules.sources import cite
from service.rules.threshold import CODES, UNITS
from service.rules.wording import show

_URGENT = 3


class _Bands(NamedTuple):
    """The highest value of each band but the last, and the points of every band."""

    tops: tuple[int, ...]
    points: tuple[int, ...]


_BANDS: dict[Quantity, _Bands] = {
    "systolic": _Bands((90, 100, 110, 219), (3, 2, 1, 0, 3)),
    "heart_rate": _Bands((40, 50, 90, 110, 130), (3, 1, 0, 1, 2, 3)),
    "respiratory_rate": _Bands((8, 11, 20, 24), (3, 1, 0, 2, 3)),
    "oxygen_saturation": _Bands((91, 93, 95), (3, 2, 1, 0)),
}


class _Scored(NamedTuple):
    quantity: Quantity
    value: Decimal
    points: int

    @property
    def side(self) -> Side:
        return "low" if self.value <= _BANDS[self.quantity].tops[0] else "high"

    def evidence(self) -> Evidence:
        tops = _BANDS[self.quantity].tops
        low, high = (tops[0], None) if self.side == "low" else (None, tops[-1])
        return Evidence(
            CODES[self.quantity],
            self.value,
            UNITS.get(self.quantity, "mm[Hg]"),
            low=None if low is None else Decimal(low),
            high=None if high is None else Decimal(high),
            limit=f"3 points of {cite('S17')}",
        )


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    scored = [
        _Scored(quantity, value, bands.points[bisect_left(bands.tops, value)])
        for quantity, bands in _BANDS.items()
        if (value := getattr(reading, quantity)) is not None
    ]
    urgent = [one for one in scored if one.points == _URGENT]
    if not urgent:
        return None
    told = ", ".join(f"{one.quantity.replace('_', ' ')} {show(one.value)}: {one.points}" for one in scored)
    return Finding(
        severity="moderate",
        side=urgent[0].side,
        text=f"Points of NEWS2: {told}. A single 3 asks for an urgent review: complete the score. "
        f"Bands: {cite('S17')}.",
        evidence=tuple(one.evidence() for one in urgent),
    )


RULE = Rule(
    id="news2-cardiovascular",
    title="Three points of NEWS2",
    trigger="a systolic pressure, heart rate, respiratory rate or oxygen saturation with 3 points of NEWS2",
    severity="moderate",
    judges=(Reading,),
    judge=judge,
    repeat=timedelta(minutes=60),
    on=False,
    seed="Q1, Q10",
)
