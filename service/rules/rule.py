"""What a rule is: one fact judged against limits, in sight of the record. Pure functions and data."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from typing import Any, Literal, NamedTuple

import msgspec

from service.record.codes import LOINC, Quantity
from service.record.facts import Aim
from service.record.record import Record

Severity = Literal["info", "low", "moderate", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "moderate", "high", "critical")
Side = Literal["low", "high", "rising", "other", "quality", "unreadable"]
Mark = Literal["F", "F2", "R", "E"]
ALWAYS = timedelta(days=366 * 9000)


def rank(severity: Severity) -> int:
    """Severities in order: a higher one is worse."""
    return SEVERITIES.index(severity)


class Limit(NamedTuple):
    """A number with its unit, its source and the mark of that source's provenance.

    `low` and `high` are the bounds inside which a site may move it; `since` is the day this value came in. `aim` is the
    end of a patient's Goal that takes its place (decision 14); "" where the site alone moves it.
    """

    key: str
    value: Decimal
    unit: str
    source: str
    mark: Mark
    low: Decimal
    high: Decimal
    since: date = date(2026, 11, 22)
    aim: Aim | Literal[""] = ""


Limits = Mapping[str, Limit]
_HOURS = {"min": 1 / 60, "h": 1.0, "d": 24.0}


def limit(
    key: str,
    value: str,
    unit: str,
    source: str,
    mark: Mark,
    bounds: tuple[str, str],
    aim: Aim | Literal[""] = "",
) -> Limit:
    return Limit(key, Decimal(value), unit, source, mark, Decimal(bounds[0]), Decimal(bounds[1]), aim=aim)


def span(given: Limit) -> timedelta:
    """The span of a limit in minutes, hours or days."""
    return timedelta(hours=float(given.value) * _HOURS[given.unit])


class Return(msgspec.Struct, frozen=True, gc=False):
    """A quantity that breached, and the value from which on it is back beyond its margin."""

    quantity: Quantity
    value: Decimal
    low: bool

    def back(self, reading: Any) -> bool:
        """Whether the reading has the quantity, and has it back."""
        value = getattr(reading, self.quantity)
        if value is None:
            return False
        return bool(value >= self.value if self.low else value <= self.value)


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One value behind a finding, with the limit that it broke, as it stands in Observation.component."""

    code: str
    value: Decimal
    unit: str
    low: Decimal | None = None
    high: Decimal | None = None
    limit: str = ""
    system: str = LOINC


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a rule says of a fact: how severe, in words, on which evidence.

    `sources` are the facts used beside the one judged; `reasons` codes of the rule's own, one a cause; `returns`
    close the episode, none: time alone does. `at` is the effective time where it is not that of the fact. `cause`
    tells several findings about one fact apart: the other resource, or the instant that was due (decision 20).
    """

    severity: Severity
    side: Side
    text: str
    evidence: tuple[Evidence, ...] = ()
    reasons: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    returns: tuple[Return, ...] = ()
    at: datetime | None = None
    cause: str = ""


Findings = Finding | tuple[Finding, ...] | None
"""What a judgement gives: several findings where each has a cause of its own."""


class Moment(NamedTuple):
    """What a clock rule has to `tell` about an order or a dose, from the instant `due` on: put into words only then."""

    due: datetime
    about: str
    tell: Callable[[], Finding]


def in_time(told: Iterable[tuple[datetime, Moment | None]]) -> Iterator[Moment]:
    """The moments in order of time; beside each stands an instant before which none of those that follow is due."""
    waiting: list[tuple[datetime, int, Moment]] = []
    for number, (floor, moment) in enumerate(told):
        if moment:
            heappush(waiting, (moment.due, number, moment))
        while waiting and waiting[0][0] <= floor:
            yield heappop(waiting)[2]
    yield from (moment for *_, moment in sorted(waiting))


class Open(NamedTuple):
    """The episode of a rule that is open at an instant: its highest severity so far, and its last breach before."""

    rule: str
    worst: Severity
    breached: datetime


class View(NamedTuple):
    """What a clock rule sees: the record, which of some rules have an episode that is `open` at an instant, and what is
    assumed of a patient whose order does not say whether he is an `outpatient` (decision 18)."""

    record: Record
    open: Callable[[Iterable[str], datetime], Iterator[Open]]
    outpatient: bool = False


class Reach(NamedTuple):
    """A change of an `of` fact at t can change what is said of `to` facts in [t - back, t + ahead].

    `only(fact, record)` says which facts have this reach, where not all have it; it must be quick.
    """

    of: type
    to: type
    back: timedelta = timedelta()
    ahead: timedelta = timedelta()
    only: Callable[[Any, Record], bool] | None = None

    def begins(self, fact: Any, record: Record) -> bool:
        """Whether a change of this fact reaches anything."""
        return self.only is None or self.only(fact, record)


class Told(NamedTuple):
    """A code of our own that a rule's findings carry, and what it means."""

    code: str
    about: str


class Rule(NamedTuple):
    """A rule as data. `judge(fact, record, limits)` sees a reading without its implausible values, unless `raw`.

    `clock(view, limits, since)` stands in its place for what becomes true as time passes: in order of time, each
    moment whose finding is effective at or after `since`, as long as anybody asks for more (decision 24). `heeds` are
    the kinds of fact that have a say in it, beside orders and doses; `calm` for how long after a new reading it says
    nothing that it would not have said without it (None: that cannot be told).
    `repeat` is the time after which a breach that goes on pages again; None: every alert is an event of its own.
    `borrows` names rules whose limits it reads too, as `rule.key`. `over` names the lower rung that this rule
    suppresses on the same reading. `course` says that it reads the course and its baseline. `since` is the major
    version: part of every alert id. `reasons` and `amounts` are the codes of its findings' reasons, and of evidence
    that no other system has a code for. `dismissible`: a clinician may dismiss it with a reason, which silences that
    pair of order and cause for the order's life.
    """

    id: str
    title: str
    trigger: str
    severity: str
    judges: tuple[type, ...]
    judge: Callable[[Any, Record, Limits], Findings]
    limits: tuple[Limit, ...] = ()
    repeat: timedelta | None = None
    reaches: tuple[Reach, ...] = ()
    borrows: tuple[str, ...] = ()
    over: str | None = None
    course: bool = False
    raw: bool = False
    on: bool = True
    snomed: str | None = None
    seed: str = ""
    major: int = 1
    reasons: tuple[Told, ...] = ()
    amounts: tuple[Told, ...] = ()
    clock: Callable[[View, Limits, datetime], Iterator[Moment]] | None = None
    heeds: tuple[type, ...] = ()
    calm: Callable[[Limits], timedelta] | None = None
    dismissible: bool = False

    @property
    def module(self) -> str:
        """Where it is written."""
        return (self.clock or self.judge).__module__


def for_good(limits: Limits) -> timedelta:
    """The `calm` of a rule that a reading can only silence."""
    return ALWAYS


def silent(fact: Any, record: Record, limits: Limits) -> Findings:
    """The judgement of a rule that says nothing of a fact when it arrives: its `clock` does."""
    return None
