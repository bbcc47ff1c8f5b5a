"""What happens to a patient of the demo ward, as rows; times count from the beginning of the stay."""

from datetime import timedelta
from typing import NamedTuple

from service.record.codes import Position


class Reading(NamedTuple):
    """A blood pressure such as 124/78, with or without a heart rate."""

    at: str
    pressure: str
    rate: int | None = None
    position: Position | None = "sitting"
    unit: str = "mm[Hg]"


class Ordered(NamedTuple):
    """A clonidine order: from, until, mg a dose, hours between doses, step by step."""

    at: str
    steps: tuple[tuple[str, str, str, int], ...]


class Given(NamedTuple):
    """A dose of so many mg."""

    at: str
    mg: str


class Held(NamedTuple):
    """A dose that was not given, since the pressure was low."""

    at: str


class Felt(NamedTuple):
    """A symptom, by the words of `service.record.codes`."""

    at: str
    symptom: str
    grade: str


class Scored(NamedTuple):
    """A COWS total in points."""

    at: str
    cows: int


Event = Reading | Ordered | Given | Held | Felt | Scored


class Stay(NamedTuple):
    """One patient: the bed, how long ago the stay began, what there is to see, what happened."""

    bed: int
    length: str
    about: str
    events: tuple[Event, ...]


def span(text: str) -> timedelta:
    """The time after its beginning that `day+hour:minute` stands for."""
    days, _, clock = text.partition("+")
    hours, _, minutes = clock.partition(":")
    return timedelta(days=int(days), hours=int(hours), minutes=int(minutes))
