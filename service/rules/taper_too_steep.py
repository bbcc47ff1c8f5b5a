"""A taper that is too steep.

What: an order with two or more steps, or that follows another, brings the daily total down by more than half of what it
was before the taper within 24 hours, or to nothing in less than 48 hours after the first reduction. The doses given are
held to the same, by whole days from the first dose. Nothing is asked below 0.1 mg a day.
Why: the body needs days to do without clonidine.
Evidence: 2 to 4 days in S5 [F]; the taper of S2 by thirds on consecutive days, and half the dose for 3 days in S11,
pass [F].
Limits: a site may move all of them.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from operator import attrgetter

from service.record.facts import Dose, Order
from service.record.record import Record
from service.record.regimen import Course
from service.record.totals import DAY, Level, given, planned
from service.record.units import EXACT
from service.rules.rule import ALWAYS, Finding, Limits, Moment, Reach, Rule, Told, View, limit, span
from service.rules.sources import cite
from service.rules.tapering import Taper, tapers
from service.rules.threshold import dose_evidence
from service.rules.wording import because, clock_time, show

_HUNDRED = Decimal(100)
_INSTANT = timedelta.resolution
_MOST_DAYS = 60
"""Days from the first dose that are looked at: a taper from longer treatment is judged by its plan."""
_FALL = Told("fall-in-24-hours", "Milligrams a day by which a daily total falls in 24 hours.")


def judge(order: Order, record: Record, limits: Limits) -> Finding | None:
    """What is planned: said of the order under which the taper begins."""
    if not _in_steps(order, record):
        return None
    ends = record.regimen.until
    for taper in tapers(planned(record.regimen, order.drug, ends)):
        if _steep(taper, limits) and _under(taper, order, record, ends) is order:
            return _finding(order, taper, f"is planned from {clock_time(taper.start)} on", limits)
    return None


def clock(view: View, limits: Limits, since: datetime) -> Iterator[Moment]:
    """What was given, known once each day is over; silent where the plan was said to be too steep already."""
    return iter(sorted(_shown(view.record, limits, since), key=attrgetter("due")))


def _shown(record: Record, limits: Limits, since: datetime) -> Iterator[Moment]:
    for course in record.regimen.courses if record.regimen.doses else ():
        for order in (one for one in record.regimen.orders if course.start <= one.at <= course.until):
            if _in_steps(order, record) and judge(order, record, limits) is None:
                yield from _given(order, course, record, limits, since)


def _given(order: Order, course: Course, record: Record, limits: Limits, since: datetime) -> Iterator[Moment]:
    """Each taper of whole days, once, at the end of the day that shows it, while the order is the one to name."""
    days: list[Level] = []
    said: datetime | None = None
    for day in _days(order, course, record):
        if days and days[-1].total == day.total:
            continue
        days.append(day)
        taper = next((one for one in tapers(days) if one.levels[-1] is day), None)
        if taper is None or taper.start == said or not _steep(taper, limits):
            continue
        said, at = taper.start, taper.levels[-1].at + DAY
        if at >= since and course.order(taper.start) == order.source:
            words = f"was given from {clock_time(taper.start)} on"
            yield Moment(at, order.source, partial(_finding, order, taper, words, limits, at))


def _days(order: Order, course: Course, record: Record) -> Iterator[Level]:
    """What was given on each whole day of the course, from its first dose on."""
    first = course.first_dose
    if first is None:
        return
    for day in range(min((course.until - first) // DAY, _MOST_DAYS)):
        start = first + day * DAY
        yield Level(start, given(record.regimen, order.drug, start + DAY - _INSTANT)[0])


def _in_steps(order: Order, record: Record) -> bool:
    """Whether there is a plan to taper: two or more steps, or orders that follow each other (decision 31)."""
    linked = any(order.prior == one.source or one.prior == order.source for one in record.regimen.orders)
    return linked or len({step.start for step in order.steps if not step.as_needed}) > 1


def _under(taper: Taper, order: Order, record: Record, ends: Mapping[str, datetime]) -> Order | None:
    """The order of the drug under which the taper begins: the latest that is in force then, or just before."""
    before = taper.start - _INSTANT
    begun = [one for one in record.regimen.orders if one.drug == order.drug and one.at <= taper.start]
    live = [
        one
        for one in begun
        if one.at <= before < ends[one.source] or one.at <= taper.start < ends[one.source]
    ]
    return max(live, key=lambda one: (taper.start < ends[one.source], one.key), default=None)


def _steep(taper: Taper, limits: Limits) -> bool:
    if taper.total <= limits["floor"].value:
        return False
    too_short = taper.length is not None and taper.length < span(limits["length"])
    return too_short or taper.fall(DAY) > _allowed(taper, limits)


def _allowed(taper: Taper, limits: Limits) -> Decimal:
    return EXACT.divide(EXACT.multiply(taper.total, limits["percent"].value), _HUNDRED)


def _finding(order: Order, taper: Taper, when: str, limits: Limits, at: datetime | None = None) -> Finding:
    deepest, bound = taper.fall(DAY), limits["percent"]
    return Finding(
        severity="high",
        side="other",
        text=f"A taper of {order.drug} that {when} falls by {show(deepest)} mg a day within 24 h, from "
        f"{show(taper.total)} mg a day{_soon(taper)}. Ask the prescriber to spread it over 2 to 4 days. "
        f"{because((bound, limits['length']))}",
        evidence=(
            dose_evidence(_FALL.code, deepest, bound._replace(value=_allowed(taper, limits), unit="mg")),
        ),
        at=at,
        cause=at.isoformat() if at else "",
    )


def _soon(taper: Taper) -> str:
    return (
        "" if taper.length is None else f", and reaches nothing after {taper.length / timedelta(hours=1):g} h"
    )


RULE = Rule(
    id="taper-too-steep",
    title="Taper too steep",
    trigger="the daily total falls by more than half in 24 hours, or reaches nothing in less than 48 hours",
    severity="high",
    judges=(Order,),
    judge=judge,
    clock=clock,
    limits=(
        limit("percent", "50", "%", cite("S5", "S11"), "F", ("25", "75")),
        limit("length", "48", "h", cite("S5"), "F", ("24", "168")),
        limit("floor", "0.1", "mg", cite("E"), "E", ("0", "0.3")),
    ),
    reaches=(
        Reach(Order, Order, back=ALWAYS, ahead=ALWAYS),
        Reach(Dose, Order, back=ALWAYS, ahead=ALWAYS),
    ),
    seed="Q5",
    amounts=(_FALL,),
)
