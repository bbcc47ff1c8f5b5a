"""How far back a chart must be complete for a change to be judged right."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from service.alerts.clock import heard, told_anew
from service.alerts.due import different, span
from service.record import monitoring
from service.record.baseline import AFTER, BEFORE
from service.record.facts import Dose, Fact, Goal, Order, Reading, Watched
from service.record.moments import BEGINNING, END
from service.record.record import LAST, Record
from service.record.regimen import Course, Regimen
from service.rules.hold import FRESH
from service.ruleset import Ruleset

ASSESSED = "withdrawal-assessment-overdue"


class Change(NamedTuple):
    """The fact of `source` as it is now; None: it is no longer there."""

    source: str
    fact: Fact | None


def reaching_back(
    touched: Iterable[Fact],
    changes: Iterable[Change],
    record: Record,
    due: datetime | None,
    rules: Ruleset,
) -> datetime:
    """The effective time from which on facts and alerts must be complete.

    `touched` are the facts as they are and as they were, `due` the next instant of the clock rules, and of the `record`
    everything counts that is no observation. Besides, `revise`
    needs every other fact than an observation, the readings of `baseline_windows`, and what `deeper` asks for.
    """
    first = min(_starts(tuple(touched), changes, record, due, rules), default=END)
    return first - rules.lookback if first - BEGINNING > rules.lookback else BEGINNING


def deeper(record: Record, since: datetime, start: datetime, rules: Ruleset) -> datetime | None:
    """How far back a record that is complete from `since` on must be read, for the clock rules to know when the last
    measurement before `start` was; None: it is enough.

    Twice as far each time: where somebody measures, it is near.
    """
    for begins, ends in record.regimen.in_force if rules.clock else ():
        if begins < since and start <= ends and not _measured(record, since, start, rules):
            further = start - since
            return max(begins, since - further) if since - BEGINNING > further else begins
    return None


def _measured(record: Record, since: datetime, start: datetime, rules: Ruleset) -> bool:
    """Whether there is a pressure, and a score where those are asked for, from `since` on and before `start`."""
    before = start - timedelta.resolution
    reading = monitoring.latest(record, monitoring.pressure, before)
    if reading is None or reading.at < since:
        return False
    scores = record.scores.before((before, LAST))
    return ASSESSED not in rules.by_id or any(
        not one.day and record.plausible.score(one) for one in scores if one.at >= since
    )


def _starts(
    facts: Sequence[Fact],
    changes: Iterable[Change],
    record: Record,
    due: datetime | None,
    rules: Ruleset,
) -> Iterator[datetime]:
    regimen = record.regimen
    for fact in facts:
        yield from _start(fact, record, rules)
    if due:
        yield due
    after = _after(changes, regimen)
    if after is not regimen:
        yield from (start for start, _ in different(_courses(regimen), _courses(after)))
        if told_anew(regimen, after):
            yield from (order.at - FRESH for order in (*regimen.orders, *after.orders))
    for fact in facts:
        if isinstance(fact, Reading):
            yield from (start for start, end in _windows(regimen.courses) if start <= fact.at <= end)


def baseline_windows(regimen: Regimen, since: datetime) -> list[tuple[datetime, datetime]]:
    """Spans of readings (both ends included) that baselines of courses still open at `since` are made of."""
    return [
        (start, end)
        for course in regimen.courses
        if course.until >= since
        for start, end in _windows((course,))
    ]


def _windows(courses: Iterable[Course]) -> list[tuple[datetime, datetime]]:
    firsts = [course.first_dose for course in courses if course.first_dose is not None]
    return [(first - BEFORE, first + AFTER) for first in firsts if first - BEGINNING > BEFORE]


def _start(fact: Fact, record: Record, rules: Ruleset) -> Iterator[datetime]:
    """The fact's own time where it is judged. One of the background can be decades old, and matters where a rule
    reaches from it: to orders and doses, which have alerts of their own, or to a time.

    Where a fact of any kind reaches orders that are judged by all that was measured since they began, from there on."""
    heard_from = heard(fact, record, rules)
    if heard_from:
        yield heard_from
    for reach, bound in rules.reaching[type(fact)]:
        deep = reach.to is Order and not rules.deep.isdisjoint(bound)
        if (isinstance(fact, Watched | Goal) and not deep) or not reach.begins(fact, record):
            continue
        start, end = span(fact, reach)
        if reach.to is Order or reach.to is Dose:
            line = record.regimen.orders if reach.to is Order else record.regimen.doses
            yield from (other.at for other in line if start <= other.at <= end)
        else:
            yield start


def _after(changes: Iterable[Change], regimen: Regimen) -> Regimen:
    told = {one.source: one.fact for one in changes if one.source.startswith("Medication")}
    if not told:
        return regimen
    old = (*regimen.orders, *regimen.doses)
    prescribed = [fact for fact in told.values() if isinstance(fact, Order | Dose)]
    facts = [fact for fact in old if fact.source not in told] + prescribed
    return Regimen.of(
        (fact for fact in facts if isinstance(fact, Order)),
        (fact for fact in facts if isinstance(fact, Dose)),
    )


def _courses(regimen: Regimen) -> dict[datetime, tuple[Course, None]]:
    return {course.start: (course, None) for course in regimen.courses}
