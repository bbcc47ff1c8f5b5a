"""How far back a chart must be complete for a change to be judged right."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from service.alerts.due import different, span
from service.record.baseline import AFTER, BEFORE
from service.record.facts import Dose, Fact, Order, Reading, Watched
from service.record.moments import BEGINNING, END
from service.record.regimen import Course, Regimen
from service.ruleset import Ruleset


class Change(NamedTuple):
    """The fact of `source` as it is now; None: it is no longer there."""

    source: str
    fact: Fact | None


def reaching_back(
    touched: Iterable[Fact], changes: Iterable[Change], regimen: Regimen, rules: Ruleset
) -> datetime:
    """The effective time from which on facts and alerts must be complete.

    `touched` are the facts as they are and as they were. Besides, `revise` needs every other fact than an observation,
    and the readings of `baseline_windows`.
    """
    facts = tuple(touched)
    starts = [start for fact in facts for start in _starts(fact, regimen, rules)]
    after = _after(changes, regimen)
    if after is not regimen:
        starts += [start for start, _ in different(_courses(regimen), _courses(after))]
    for fact in facts:
        if isinstance(fact, Reading):
            starts += [start for start, end in _windows(regimen.courses) if start <= fact.at <= end]
    first = min(starts, default=END)
    return first - rules.lookback if first - BEGINNING > rules.lookback else BEGINNING


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


def _starts(fact: Fact, regimen: Regimen, rules: Ruleset) -> Iterator[datetime]:
    """The fact's own time where it is judged. One of the background can be decades old, and matters where a rule
    reaches from it: to orders and doses, which have alerts of their own, or to a time."""
    if isinstance(fact, Watched):
        yield fact.at
        return
    for reach, _ in rules.reaching[type(fact)]:
        start, end = span(fact, reach)
        if reach.to is Order or reach.to is Dose:
            line = regimen.orders if reach.to is Order else regimen.doses
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
