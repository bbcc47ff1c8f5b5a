"""What has to be judged again after a change: the changed facts, and those that they reach."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from operator import attrgetter
from typing import Any

from service.record.baseline import Baseline
from service.record.facts import Dose, Fact, Order, Reading, Score, Symptom
from service.record.moments import BEGINNING, END
from service.record.record import Record
from service.record.regimen import Course
from service.record.timeline import Timeline
from service.rules.rule import ALWAYS, Reach
from service.ruleset import Bound, Ruleset

_at = attrgetter("at")
Due = dict[str, tuple[Fact, Mapping[str, Bound]]]
"""By source: the fact, and the rules to ask about it, by id."""
_DAY = timedelta(days=1)
"""A reading of which only the day is known belongs to a course as a whole: its day may have begun before."""


def due(before: Record, record: Record, changes: Mapping[str, Fact | None], rules: Ruleset) -> Due:
    """Facts to judge, in the record as it is now, after `changes` to the record `before`."""
    asked: Due = {new.source: (new, rules.judging[type(new)]) for new in changes.values() if new}
    for source, new in changes.items():
        for fact in (before.get(source), new):
            if fact:
                _reached(asked, fact, record, rules)
    for start, end in moved_courses(before, record):
        for reading in _between(record, Reading, max(start, BEGINNING + _DAY) - _DAY, end):
            if (reading.until or reading.at) >= start:
                _ask(asked, reading, rules.course)
    return asked


def _ask(asked: Due, fact: Fact, bound: Mapping[str, Bound]) -> None:
    known = asked.get(fact.source)
    asked[fact.source] = (fact, {**known[1], **bound} if known else bound)


def _reached(asked: Due, fact: Fact, record: Record, rules: Ruleset) -> None:
    for reach, bound in rules.reaching[type(fact)]:
        if reach.to is Reading and not reach.back and record.readings.last == fact.key:
            continue  # nothing lies ahead of the newest reading
        if not reach.begins(fact, record):
            continue
        for other in _between(record, reach.to, *span(fact, reach)):
            if other is not fact:
                _ask(asked, other, bound)


def span(fact: Fact, reach: Reach) -> tuple[datetime, datetime]:
    """The times of the facts that a change of this one can reach, both included."""
    start = BEGINNING if reach.back >= ALWAYS else max(fact.at, BEGINNING + reach.back) - reach.back
    return start, END if reach.ahead >= ALWAYS else min(fact.at, END - reach.ahead) + reach.ahead


def _between(record: Record, kind: type, start: datetime, end: datetime) -> Iterator[Fact]:
    """Facts of a kind from `start` to `end`, both included."""
    if kind is Dose or kind is Order:
        line: Sequence[Fact] = record.regimen.doses if kind is Dose else record.regimen.orders
        yield from line[bisect_left(line, start, key=_at) : bisect_right(line, end, key=_at)]
        return
    lines: dict[type, Timeline[Any]] = {
        Reading: record.readings,
        Symptom: record.symptoms,
        Score: record.scores,
    }
    for fact in lines[kind].since((start, "")):
        if fact.at > end:
            return
        yield fact


def moved_courses(before: Record, record: Record) -> list[tuple[datetime, datetime]]:
    """The spans in which a reading belongs to another course, or meets another baseline, than before."""
    if before.regimen is record.regimen and before.baselines is record.baselines:
        return []
    return different(_courses(before), _courses(record))


def different(
    old: Mapping[datetime, tuple[Course, Baseline | None]],
    new: Mapping[datetime, tuple[Course, Baseline | None]],
) -> list[tuple[datetime, datetime]]:
    """Spans covered by courses that are not in both; of a course that grew, shrank or went on otherwise, the end."""
    spans = []
    for start in old.keys() | new.keys():
        was, now = old.get(start), new.get(start)
        if was and now and (was[0].first_dose, was[1]) == (now[0].first_dose, now[1]):
            until = sorted((was[0].until, now[0].until))
            from_ = min([until[0], *_named_otherwise(was[0], now[0])])
            if was[0] != now[0]:
                spans.append((from_, until[1]))
        else:
            spans += [(one[0].start, one[0].until) for one in (was, now) if one]
    return spans


def _named_otherwise(was: Course, now: Course) -> list[datetime]:
    """From when on another order is the one to name, if that is so."""
    differing = (pair for pair in zip_longest(was.under, now.under) if pair[0] != pair[1])
    return [since for since, _ in filter(None, next(differing, ()))]


def _courses(record: Record) -> dict[datetime, tuple[Course, Baseline | None]]:
    return {
        course.start: (course, level)
        for course, level in zip(record.regimen.courses, record.baselines, strict=True)
    }
