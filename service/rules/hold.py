"""When a dose is held: pressure and heart rate against the hold block of the preset, and what they are read from."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from service.record import monitoring
from service.record.codes import Quantity
from service.record.facts import Reading
from service.record.record import Record
from service.rules.rule import Limits, Open, View, limit, rank
from service.rules.sources import cite
from service.rules.threshold import Breach, below

FRESH = timedelta(minutes=60)
"""How old a reading may be to hold a dose, and how long before its slot a dose is first looked at (section 4) [E]."""
LIMITS = (
    limit("systolic", "90", "mm[Hg]", cite("S2", "S3", "S27"), "F", ("70", "110"), "systolic-low"),
    limit("diastolic", "60", "mm[Hg]", cite("S2", "S3", "S27"), "F", ("40", "70"), "diastolic-low"),
    limit("heart-rate", "50", "/min", cite("S1"), "F", ("35", "65"), "heart-rate-low"),
)
HOLDING = (
    "hypotension-severe",
    "hypotension",
    "symptomatic-hypotension",
    "orthostatic-hypotension",
    "map-low",
    "bradycardia-severe",
    "bradycardia",
    "syncope",
    "sedation",
)
"""Rules whose open episode, once high or critical, holds a dose. A fall from baseline is none of them [E]: hold looks
at systolic, diastolic and heart rate (decision 27), and such an episode lasts for a day after the pressure is back."""
_WORST = rank("high")
MEASURED: Mapping[Quantity, monitoring.Has] = {
    "systolic": monitoring.systolic,
    "diastolic": monitoring.diastolic,
    "heart_rate": monitoring.rate,
}
"""What is read, each with whether a reading has it."""


class Held(NamedTuple):
    """A quantity that holds the dose, and the reading that it was read from."""

    reading: Reading
    breach: Breach


def held(record: Record, at: datetime, limits: Limits, prefix: str = "") -> list[Held]:
    """What holds a dose at an instant: of each pressure and of heart rate the newest, at most 60 minutes old.

    Each by itself: systolic and diastolic may come as Observations of their own.
    """
    found = []
    for quantity, has in MEASURED.items():
        reading = monitoring.latest(record, has, at, FRESH)
        breach = below(reading, quantity, limits[prefix + quantity.replace("_", "-")]) if reading else None
        found += [Held(reading, breach)] if reading and breach else []
    return found


def opened(view: View, at: datetime) -> Iterator[Open]:
    """The episodes of these rules that are open at an instant and were high or critical."""
    return (one for one in view.open(HOLDING, at) if rank(one.worst) >= _WORST)
