"""What was measured when: the sound readings of a known time that have a pressure, a heart rate, or either."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from service.record.facts import Reading
from service.record.record import LAST, Record

ALWAYS = timedelta.max
Has = Callable[[Reading], bool]


def pressure(reading: Reading) -> bool:
    """Whether it has a systolic or a diastolic."""
    return reading.systolic is not None or reading.diastolic is not None


def systolic(reading: Reading) -> bool:
    """Whether it has a systolic."""
    return reading.systolic is not None


def diastolic(reading: Reading) -> bool:
    """Whether it has a diastolic."""
    return reading.diastolic is not None


def rate(reading: Reading) -> bool:
    """Whether it has a heart rate."""
    return reading.heart_rate is not None


def latest(record: Record, has: Has, at: datetime, within: timedelta = ALWAYS) -> Reading | None:
    """The newest reading up to an instant, it included, that is no older than `within`."""
    for reading in record.readings.before((at, LAST)):
        if at - reading.at > within:
            return None
        if not reading.day and has(sound := record.plausible.sound(reading)):
            return sound
    return None


def measured(record: Record, has: Has, at: datetime, within: timedelta) -> bool:
    """Whether there is one in (at - within, at] (decision 16)."""
    for reading in record.readings.before((at, LAST)):
        if at - reading.at >= within:
            return False
        if not reading.day and has(record.plausible.sound(reading)):
            return True
    return False


def since(record: Record, has: Has, at: datetime) -> Iterator[Reading]:
    """The readings from an instant on, oldest first."""
    for reading in record.readings.since((at, "")):
        if not reading.day and has(sound := record.plausible.sound(reading)):
            yield sound
