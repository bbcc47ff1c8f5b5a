"""Facts: what the rules know of a resource, small enough to be kept beside it and read back quickly.

Every fact has `source` (`Type/id`), `at` (the effective instant), `until` (end of the span, half open, where
only a date was sent) and `recorded` (the instant at which its first version was stored). Pressures are in
mm[Hg], rates in /min, doses in mg; numbers are exactly as sent, or exactly converted.
"""

from collections.abc import Container, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

import msgspec

from models.units import EXACT
from service.record.codes import Level, Position

LATE = timedelta(hours=24)
Key = tuple[datetime, str]
Drug = Literal["clonidine", "lofexidine"]
ENDED = frozenset({"stopped", "cancelled", "completed", "on-hold"})
"""MedicationRequest.status of an order that is in force no more."""
Kind = Literal[
    "beta-blocker",
    "av-nodal",
    "tca-mirtazapine",
    "cns-depressant",
    "opioid-agonist",
    "methadone",
    "antihypertensive",
]
"""What another medicine is to the rules; one may be of several kinds."""
Aim = Literal[
    "systolic-low",
    "systolic-high",
    "diastolic-low",
    "diastolic-high",
    "heart-rate-low",
    "heart-rate-high",
    "daily-dose-high",
]
"""An end of a range to keep a patient in."""


class _Dated(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    source: str
    at: datetime
    recorded: datetime
    until: datetime | None = None

    @property
    def key(self) -> Key:
        """Order of facts: by effective time, ties by source."""
        return self.at, self.source

    @property
    def day(self) -> bool:
        """Whether only a date (or month, or year) is known: threshold rules read it, window rules do not."""
        return self.until is not None

    @property
    def late(self) -> bool:
        """Whether it was recorded more than 24 h after the last instant at which it can have been true."""
        return self.recorded - (self.until or self.at) > LATE


class Flaw(msgspec.Struct, frozen=True, gc=False):
    """Something in a vital sign that cannot be read: `element` of the reading, and why."""

    element: str
    reason: Literal["unit", "value", "position", "repeated"]
    text: str


class Reading(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="reading"):
    """Vital signs of one Observation: pressures, heart and respiratory rate, oxygen saturation in per cent."""

    systolic: Decimal | None = None
    diastolic: Decimal | None = None
    mean: Decimal | None = None
    heart_rate: Decimal | None = None
    position: Position | None = None
    flaws: tuple[Flaw, ...] = ()
    respiratory_rate: Decimal | None = None
    oxygen_saturation: Decimal | None = None

    @property
    def circulates(self) -> bool:
        """Whether it has a pressure or a heart rate, or something of them that cannot be read."""
        measured = (self.systolic, self.diastolic, self.mean, self.heart_rate)
        return bool(self.flaws) or any(value is not None for value in measured)

    @property
    def says_something(self) -> bool:
        """Whether it has any value, or a flaw."""
        breathing = (self.respiratory_rate, self.oxygen_saturation)
        return self.circulates or any(value is not None for value in breathing)

    @property
    def mean_arterial(self) -> Decimal | None:
        """The mean pressure: as sent, or a third of the systolic and twice the diastolic; of both the lower."""
        found = [] if self.mean is None else [self.mean]
        if self.systolic is not None and self.diastolic is not None:
            twice = EXACT.add(self.diastolic, self.diastolic)
            found.append(EXACT.divide(EXACT.add(self.systolic, twice), Decimal(3)))
        return min(found, default=None)


class Symptom(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="symptom"):
    """A symptom that was looked for: `grade` absent, mild, moderate or severe.

    `graded` tells a moderate that was sent from one that is assumed for a symptom merely said to be present. A level of
    consciousness is one as well, of kind `consciousness`: absent when alert, moderate when confused, else severe.
    """

    kind: str
    grade: Literal["absent", "mild", "moderate", "severe"]
    graded: bool = True
    level: Level | None = None

    @property
    def present(self) -> bool:
        return self.grade != "absent"


class Score(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="score"):
    """A total on the Clinical Opiate Withdrawal Scale (COWS), in points; `items` as sent, by their codes."""

    total: Decimal
    items: tuple[tuple[str, Decimal], ...] = ()


class Dose(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="dose"):
    """A MedicationAdministration of a watched drug. `mg` is None where the amount cannot be told.

    `mg_per_day` is set for a patch, which gives that much a day for 168 h.
    """

    drug: Drug
    given: bool
    mg: Decimal | None = None
    mg_per_day: Decimal | None = None
    oral: bool = True
    order: str | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One dosageInstruction: what is due how often, from `start` to `end` (exclusive; None is open).

    `mg` is the upper end of the single dose, `mg_per_day` the most that the instruction allows in a day,
    `interval` the time between scheduled doses; `times` are the minutes after midnight UTC of timeOfDay.
    """

    start: datetime
    end: datetime | None = None
    mg: Decimal | None = None
    mg_per_day: Decimal | None = None
    interval: timedelta | None = None
    times: tuple[int, ...] = ()
    as_needed: bool = False
    oral: bool = True


class Order(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="order"):
    """A MedicationRequest of a watched drug; `at` is the earliest start of its steps.

    `outpatient` is what its category says (None: nothing).
    `status` is FHIR's; `ended` is when an ending status was first recorded (None: not ended, or ended without
    a known instant); `prior` names the order that this one follows and ends.
    """

    drug: Drug
    status: str
    steps: tuple[Step, ...]
    authored: datetime | None = None
    ended: datetime | None = None
    prior: str | None = None
    outpatient: bool | None = None

    @property
    def ends_with_doses(self) -> bool:
        """Whether only its doses tell when it ended (decision 21)."""
        return self.status in ENDED and self.ended is None

    @property
    def planned(self) -> datetime | None:
        """The end that it was written with; None: it is open."""
        ends = [step.end for step in self.steps if step.end]
        return max(ends) if len(ends) == len(self.steps) else None


class Medicine(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="medicine"):
    """A MedicationRequest of another medicine of known kinds, `name` as sent; the rest as in an Order."""

    kinds: tuple[Kind, ...]
    name: str
    status: str
    planned: datetime | None = None
    authored: datetime | None = None
    ended: datetime | None = None
    prior: str | None = None


class Condition(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="condition"):
    """A coded diagnosis that nobody has refuted; `at` is its onset, else when it was recorded.

    `codes` are pairs of system and code; `dated` says that its onset was sent. `abated` is when it ceased, as sent;
    where a status alone says that it has, `ended` is when that was first recorded.
    """

    codes: tuple[tuple[str, str], ...]
    dated: bool = False
    abated: datetime | None = None
    ended: datetime | None = None

    def coded(self, system: str, codes: Container[str]) -> bool:
        """Whether it bears one of these codes."""
        return any(of == system and code in codes for of, code in self.codes)


class Allergy(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="allergy"):
    """An AllergyIntolerance to a watched drug that nobody has refuted; times as in a Condition."""

    drug: Drug
    ended: datetime | None = None


class Target(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One end of a Goal's range, in force until `until` (exclusive; None is open)."""

    aim: Aim
    value: Decimal
    until: datetime | None = None

    def stricter(self, other: "Target") -> bool:
        """Whether more lies beyond it than beyond another target of the same aim."""
        return self.value > other.value if self.aim.endswith("-low") else self.value < other.value


class Goal(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="goal"):
    """A Goal that moves limits of its patient from `at` on; `author` as named in expressedBy.

    Where its status says that it is pursued no more, `ended` is when that was first recorded.
    """

    targets: tuple[Target, ...]
    author: str = ""
    ended: datetime | None = None

    def edges(self) -> Iterator[datetime]:
        """The instants at which it begins or ceases to move a limit."""
        yield self.at
        yield from filter(None, (self.ended, *(target.until for target in self.targets)))

    def holding(self, at: datetime) -> Iterator[Target]:
        """The targets in force at an instant."""
        if self.at <= at and (self.ended is None or at < self.ended):
            yield from (one for one in self.targets if one.until is None or at < one.until)


class Person(_Dated, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="person"):
    """The Patient of whom a birth date is known: born from `at` on and before `until`."""

    def age(self, at: datetime) -> int:
        """Whole years; of a birth date without day or month the least that it can be."""
        born = (self.until or self.at) - timedelta.resolution
        return at.year - born.year - ((at.month, at.day) < (born.month, born.day))


Watched = Reading | Symptom | Score | Dose | Order
"""Facts that rules judge; the others stand beside them."""
Fact = Watched | Medicine | Condition | Allergy | Goal | Person

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Fact] = msgspec.json.Decoder(Fact)


def encode(fact: Fact) -> str:
    """The fact as text to be stored."""
    return _encoder.encode(fact).decode()


def decode(text: str | bytes) -> Fact:
    """The fact that `encode` gave."""
    return _decoder.decode(text)
