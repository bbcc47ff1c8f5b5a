"""The regimen: which orders were in force when, and the courses of treatment that they and the doses form."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from service.record.facts import ENDED, Dose, Medicine, Order, Step
from service.record.moments import END

COURSE_GAP = timedelta(hours=96)
"""A longer gap without an order in force or a dose starts a new course (decision 32)."""


class Course(NamedTuple):
    """One course: `first_dose` (None: none yet), and `until`, the last instant of its therapy window.

    `under` tells from when on which order was the one to name, oldest first: the latest of those in force, else the
    latest that was.
    """

    start: datetime
    first_dose: datetime | None
    until: datetime
    under: tuple[tuple[datetime, str], ...] = ()

    def order(self, at: datetime) -> str | None:
        """The order to name at an instant."""
        return next((source for since, source in reversed(self.under) if since <= at), None)


class Regimen(NamedTuple):
    """Every order and dose of a patient, sorted by key, and the courses that they form, oldest first.

    `until` tells when each order stops being in force, exclusive; `in_force` the spans in which one is, end exclusive.
    While no administration is known at all the slots of the orders stand for doses (decision 22).
    """

    orders: tuple[Order, ...] = ()
    doses: tuple[Dose, ...] = ()
    courses: tuple[Course, ...] = ()
    until: Mapping[str, datetime] = {}
    in_force: tuple[tuple[datetime, datetime], ...] = ()

    @classmethod
    def of(cls, orders: Iterable[Order], doses: Iterable[Dose]) -> "Regimen":
        by_time = tuple(sorted(orders, key=lambda order: order.key))
        given = tuple(sorted(doses, key=lambda dose: dose.key))
        until = ends(by_time, given)
        spans = sorted((one.at, until[one.source]) for one in by_time if one.at < until[one.source])
        return cls(by_time, given, _courses(by_time, given, until), until, tuple(_merged(spans, timedelta())))

    @property
    def known_since(self) -> datetime | None:
        """When the first administration was recorded; None: the hospital sends none."""
        return min((dose.recorded for dose in self.doses), default=None)

    def last_dose(self, at: datetime) -> datetime | None:
        """When the last dose until `at` was given, or was due where slots stand for doses."""
        if self.doses:
            end = bisect_right(self.doses, at, key=lambda dose: dose.at)
            given = (dose.at for dose in reversed(self.doses[:end]) if dose.given and not dose.day)
            return next(given, None)
        ends, after = self.until, at + timedelta.resolution
        edges = (slots(order, min(ends[order.source], after)) for order in self.orders if order.at <= at)
        return max((edge[1] for edge in edges if edge), default=None)

    def intervals(self, at: datetime) -> Iterator[timedelta]:
        """The intervals between doses of the orders that are in force at an instant."""
        for order in self.orders:
            if order.at <= at < self.until[order.source]:
                for step in order.steps:
                    if step.interval and step.start <= at and (step.end is None or at < step.end):
                        yield step.interval

    def outpatient(self, at: datetime, otherwise: bool) -> bool:
        """Whether the orders in force at an instant are for an outpatient; if they differ, no; if none says so,
        `otherwise` (decision 18)."""
        told = [order.outpatient for order in self.orders if order.at <= at < self.until[order.source]]
        known = [one for one in told if one is not None]
        return all(known) if known else otherwise


def ends(orders: Sequence[Order | Medicine], doses: tuple[Dose, ...]) -> dict[str, datetime]:
    """When each of the prescriptions, which are sorted by key, stops being in force, exclusive (decision 21)."""
    own = {order.source: _own_end(order, doses) for order in orders}
    followed = {  # by the first that came into force at all
        order.prior: order.at for order in reversed(orders) if order.prior and order.at < own[order.source]
    }
    return {source: min(end, followed.get(source, END)) for source, end in own.items()}


def _own_end(order: Order | Medicine, doses: tuple[Dose, ...]) -> datetime:
    planned = order.planned or END
    if order.status not in ENDED or (order.ended and planned <= order.ended):
        return planned
    if order.ended:
        return order.ended
    if planned < END:
        return planned
    given = [dose.at for dose in doses if dose.order == order.source and dose.given]
    return max(given, default=order.authored or order.at)


def _courses(
    orders: tuple[Order, ...], doses: tuple[Dose, ...], until: Mapping[str, datetime]
) -> tuple[Course, ...]:
    given = tuple(dose.at for dose in doses if dose.given)
    spans = sorted([(order.at, until[order.source]) for order in orders] + [(at, at) for at in given])
    return tuple(
        _course(start, end, orders, until, given if doses else None)
        for start, end in _merged(spans, COURSE_GAP)
    )


def _merged(spans: list[tuple[datetime, datetime]], gap: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """Spans joined where no more than the gap lies between them."""
    if not spans:
        return
    start, end = spans[0]
    for begins, ends in spans[1:]:
        if begins - end > gap:
            yield start, end
            start, end = begins, ends
        end = max(end, ends)
    yield start, end


def _course(
    start: datetime,
    end: datetime,
    orders: tuple[Order, ...],
    ends: Mapping[str, datetime],
    given: tuple[datetime, ...] | None,
) -> Course:
    """`given` is None where slots stand for doses."""
    if given is not None:
        within = [at for at in given if start <= at <= end]
        first, last = min(within, default=None), max(within, default=None)
    else:
        edges = [slots(order, ends[order.source]) for order in orders if start <= order.at <= end]
        first = min((edge[0] for edge in edges if edge), default=None)
        last = max((edge[1] for edge in edges if edge), default=None)
    under = [order for order in orders if start <= order.at <= end]
    until = max((ends[order.source] for order in under), default=start)
    if last is not None:
        until = max(until, min(last, END - COURSE_GAP) + COURSE_GAP)
    return Course(start, first, until, tuple(_named(under, ends)))


def _named(orders: list[Order], ends: Mapping[str, datetime]) -> Iterator[tuple[datetime, str]]:
    """Which order is the one to name, whenever another one is."""
    last = ""
    for at in sorted({order.at for order in orders} | {ends[order.source] for order in orders}):
        begun = (order for order in orders if order.at <= at)
        named = max(begun, key=lambda order: (at < ends[order.source], order.key), default=None)
        if named and named.source != last:
            last = named.source
            yield at, last


def slots(order: Order, end: datetime) -> tuple[datetime, datetime] | None:
    """The first and the last instant before `end` at which the order schedules a dose."""
    edges = [edge for edge in (_step_slots(step, min(step.end or END, end)) for step in order.steps) if edge]
    return (min(edge[0] for edge in edges), max(edge[1] for edge in edges)) if edges else None


def _step_slots(step: Step, end: datetime) -> tuple[datetime, datetime] | None:
    if step.as_needed or step.start >= end:
        return None
    if step.times:
        first, last = _at_times(step.start, step.times), _before_times(end, step.times)
        return (first, last) if first <= last else None
    if end >= END:
        return step.start, END
    if not step.interval:
        return step.start, step.start
    whole = (end - step.start - timedelta.resolution) // step.interval
    return step.start, step.start + whole * step.interval


def _at_times(start: datetime, minutes: tuple[int, ...]) -> datetime:
    """The first time of day from `start` on."""
    return min(at for at in _times_around(start, minutes) if at >= start)


def _before_times(end: datetime, minutes: tuple[int, ...]) -> datetime:
    return max(at for at in _times_around(end, minutes) if at < end)


def _times_around(day: datetime, minutes: tuple[int, ...]) -> list[datetime]:
    midnight = datetime.combine(day.date(), time(), UTC)
    return [midnight + timedelta(days=days, minutes=minute) for days in (-1, 0, 1) for minute in minutes]
