"""A ward on which everything is done in time: every dose that is due, and pressure and heart rate every hour."""

from datetime import datetime, timedelta

from tests.record.documents import Doc, dose, panel

_HOUR = timedelta(hours=1)
_HALF = timedelta(minutes=30)


def measured(
    start: datetime, end: datetime, systolic: int = 140, diastolic: int = 90, rate: int = 84
) -> list[Doc]:
    """A reading at half past every hour, from half an hour before `start` on and before `end`."""
    hours = range(int((end - start + _HALF) / _HOUR) + 1)
    times = [start - _HALF + number * _HOUR for number in hours]
    return [
        panel(f"ward-{moment:%d-%H%M}", systolic, diastolic, moment, rate=rate)
        for moment in times
        if moment < end
    ]


def doses(mg: str, hours: float, start: datetime, end: datetime) -> list[Doc]:
    """A dose every so many hours, from `start` on and before `end`."""
    count = -((start - end) // timedelta(hours=hours))
    times = [start + number * timedelta(hours=hours) for number in range(count)]
    return [dose(f"d-{moment:%d-%H%M}", mg, moment) for moment in times]
