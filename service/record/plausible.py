"""Which values a measurement can have: outside, it is the device or the transcription that is wrong."""

from decimal import Decimal
from typing import NamedTuple

import msgspec

from service.record.facts import Reading


class Range(NamedTuple):
    """Inclusive on both sides."""

    low: Decimal
    high: Decimal

    def holds(self, value: Decimal) -> bool:
        return self.low <= value <= self.high


class Plausible(NamedTuple):
    """Ranges in mm[Hg] and /min; sources stand with the rule `implausible-vital`.

    `trusting` is for a site that has turned that rule off: then nothing is held back from the other rules.
    """

    systolic: Range = Range(Decimal(40), Decimal(300))
    diastolic: Range = Range(Decimal(20), Decimal(200))
    heart_rate: Range = Range(Decimal(20), Decimal(250))
    trusting: bool = False

    def pressure(self, reading: Reading) -> bool:
        """Whether the pressures can be true. They are one reading: one that cannot be spoils both."""
        systolic, diastolic = reading.systolic, reading.diastolic
        if systolic is not None and not self.systolic.holds(systolic):
            return False
        if diastolic is None:
            return True
        return self.diastolic.holds(diastolic) and (systolic is None or diastolic < systolic)

    def rate(self, reading: Reading) -> bool:
        return reading.heart_rate is None or self.heart_rate.holds(reading.heart_rate)

    def sound(self, reading: Reading) -> Reading:
        """The reading without what cannot be true: the very same where nothing is wrong."""
        if self.trusting:
            return reading
        if self.pressure(reading):
            return reading if self.rate(reading) else msgspec.structs.replace(reading, heart_rate=None)
        rate = reading.heart_rate if self.rate(reading) else None
        return msgspec.structs.replace(reading, systolic=None, diastolic=None, mean=None, heart_rate=rate)


PLAUSIBLE = Plausible()
