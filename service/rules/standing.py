"""A standing reading against those before it: what rules of posture are made of."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from service.record.codes import Quantity
from service.record.facts import Reading
from service.record.record import LAST, Record
from service.record.units import EXACT
from service.rules.rule import Evidence, Limit, Limits
from service.rules.threshold import CODES
from service.rules.wording import plain, show

PAIR = timedelta(minutes=10)
SAME_TIME = timedelta.resolution
"""A lying reading filed with the standing one's time came before it, whatever its id."""
_PRESSURES: tuple[Quantity, ...] = ("systolic", "diastolic")


class Fall(NamedTuple):
    """What fell on standing, in words, and the limit that it reached."""

    evidence: Evidence
    words: str
    limit: Limit


def falls(reading: Reading, record: Record, limits: Limits) -> tuple[tuple[Fall, ...], tuple[Reading, ...]]:
    """The falls of a standing reading, and what it was compared with; none for any other position.

    `limits` are those of `orthostatic-hypotension`.
    """
    if reading.position != "standing" or reading.day:
        return (), ()
    earlier = [*record.earlier((reading.at, LAST), PAIR)]
    pairs = [(quantity, other) for quantity in _PRESSURES if (other := _partner(quantity, reading, earlier))]
    found = tuple(one for quantity, other in pairs if (one := _fall(quantity, reading, other, limits)))
    return found, tuple({other.source: other for _, other in pairs}.values())


def _partner(quantity: Quantity, reading: Reading, earlier: Sequence[Reading]) -> Reading | None:
    """What the standing quantity is compared with: both may come as Observations of their own."""
    if getattr(reading, quantity) is None:
        return None
    measured = [other for other in earlier if getattr(other, quantity) is not None]
    positions = ("lying", "sitting")
    return next((other for name in positions for other in measured if other.position == name), None)


def _fall(quantity: Quantity, reading: Reading, before: Reading, limits: Limits) -> Fall | None:
    """A fall at least as deep as the limit, or to below the standing systolic's own.

    The range of its evidence shows what would have been one less.
    """
    value, was, low = getattr(reading, quantity), getattr(before, quantity), limits["systolic"]
    fall = limits[f"{quantity}-fall"]
    if quantity == "systolic" and was >= limits["supine-high"].value:
        fall = limits["systolic-fall-supine-high"]
    bound = EXACT.subtract(was, fall.value)
    if value <= bound:
        text = f"fall of {show(fall.value)} or more from {show(was)}"
        evidence = Evidence(CODES[quantity], value, "mm[Hg]", low=bound, limit=text)
        return Fall(evidence, f"{quantity} {show(EXACT.subtract(was, value))} lower", fall)
    if quantity == "systolic" and value < low.value <= was:
        evidence = Evidence(CODES[quantity], value, "mm[Hg]", low=low.value, limit=low.source)
        return Fall(evidence, f"{quantity} {show(value)} < {plain(low.value)}", low)
    return None
