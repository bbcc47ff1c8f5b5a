"""Which values a measurement can have: outside, it is the device or the transcription that is wrong."""

from decimal import Decimal
from typing import NamedTuple

import msgspec

from service.record.facts import Reading, Score


class Range(NamedTuple):
    """Inclusive on both sides."""

    low: Decimal
    high: Decimal


class Plausible(NamedTuple):
    """Ranges in mm[Hg] and /min; sources stand with the rule `implausible-vital`.

    `trusting` is for a site that has turned that rule off: then nothing is held back from the other rules.
    """

    systolic: Range = Range(Decimal(40), Decimal(300))
    diastolic: Range = Range(Decimal(20), Decimal(200))
    heart_rate: Range = Range(Decimal(20), Decimal(250))
    trusting: bool = False
    cows: Range = Range(Decimal(0), Decimal(48))

    def pressure(self, reading: Reading) -> bool:
        """Whether the pressures can be true. They are one reading: one that cannot be spoils both."""
        systolic, diastolic = reading.systolic, reading.diastolic
        if systolic is not None and not self.systolic.low <= systolic <= self.systolic.high:
            return False
        if diastolic is None:
            return True
        if not self.diastolic.low <= diastolic <= self.diastolic.high:
            return False
        return systolic is None or diastolic < systolic

    def score(self, score: Score) -> bool:
        """Whether the scale has such a total; what it cannot be says nothing, whatever a site trusts."""
        return self.cows.low <= score.total <= self.cows.high

    def rate(self, reading: Reading) -> bool:
        """Whether the heart rate can be true."""
        value = reading.heart_rate
        return value is None or self.heart_rate.low <= value <= self.heart_rate.high

    def sound(self, reading: Reading) -> Reading:
        """The reading without what cannot be true: the very same where nothing is wrong."""
        if self.trusting:
            return reading
        if self.pressure(reading):
            return reading if self.rate(reading) else msgspec.structs.replace(reading, heart_rate=None)
        rate = reading.heart_rate if self.rate(reading) else None
        return msgspec.structs.replace(reading, systolic=None, diastolic=None, mean=None, heart_rate=rate)


PLAUSIBLE = Plausible()
