"""The record: everything that the rules know of one patient, as a value."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from service.record.background import Background
from service.record.baseline import AFTER, BEFORE, Baseline, baseline
from service.record.facts import (
    Allergy,
    Condition,
    Dose,
    Fact,
    Goal,
    Key,
    Medicine,
    Order,
    Person,
    Reading,
    Score,
    Symptom,
)
from service.record.moments import END
from service.record.plausible import PLAUSIBLE, Plausible
from service.record.regimen import Course, Regimen, ends
from service.record.timeline import Index, Timeline

LAST = "\uffff"
"""Sorts behind every source at the same instant."""
Lasting = TypeVar("Lasting", Condition, Allergy, Medicine)


class Record(msgspec.Struct, frozen=True):
    """Facts sorted by (at, source). `baselines` stand beside `regimen.courses`, one each, None where unknown."""

    readings: Timeline[Reading] = Timeline()
    symptoms: Timeline[Symptom] = Timeline()
    scores: Timeline[Score] = Timeline()
    regimen: Regimen = Regimen()
    baselines: tuple[Baseline | None, ...] = ()
    plausible: Plausible = PLAUSIBLE
    facts: Index[Fact] = Index()
    background: Background = Background()

    @classmethod
    def of(cls, facts: Iterable[Fact], plausible: Plausible = PLAUSIBLE) -> "Record":
        """The record of these facts, in any order; of two with one source the last one counts."""
        held = {fact.source: fact for fact in facts}.values()
        record = cls(
            readings=Timeline.of(fact for fact in held if isinstance(fact, Reading)),
            symptoms=Timeline.of(fact for fact in held if isinstance(fact, Symptom)),
            scores=Timeline.of(fact for fact in held if isinstance(fact, Score)),
            plausible=plausible,
            facts=Index.of((fact.source, fact) for fact in held),
            background=Background.of(held),
        )
        return record._prescribed(held)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return self.background.conditions

    @property
    def allergies(self) -> tuple[Allergy, ...]:
        return self.background.allergies

    @property
    def medicines(self) -> tuple[Medicine, ...]:
        """Other medicines than the watched drugs."""
        return self.background.medicines

    @property
    def goals(self) -> tuple[Goal, ...]:
        """Those that move limits of the patient."""
        return self.background.goals

    @property
    def person(self) -> Person | None:
        return self.background.person

    def until(self) -> Mapping[str, datetime]:
        """When each condition, allergy and other medicine ceases to hold, exclusive, by source."""
        prescribed: list[Order | Medicine] = [*self.regimen.orders, *self.medicines]
        over = ends(sorted(prescribed, key=lambda one: one.key), self.regimen.doses)
        lasting = {one.source: one.abated or one.ended or END for one in self.conditions}
        lasting |= {one.source: one.ended or END for one in self.allergies}
        return lasting | {one.source: over[one.source] for one in self.medicines}

    def holding(self, facts: Iterable[Lasting], at: datetime) -> list[Lasting]:
        """Those of its conditions, allergies or other medicines that hold at an instant."""
        until = self.until()
        return [fact for fact in facts if fact.at <= at < until[fact.source]]

    def get(self, source: str) -> Fact | None:
        """The fact of `Type/id`."""
        return self.facts.get(source)

    def with_fact(self, fact: Fact) -> "Record":
        """With this fact, in the place of an earlier version of it."""
        return self.changed({fact.source: fact})

    def without(self, source: str) -> "Record":
        """Without the fact of `Type/id`; the same record where there is none."""
        return self.changed({source: None})

    def changed(self, changes: Mapping[str, Fact | None]) -> "Record":
        """With every fact of `changes`, by source, in the place of what it was; None takes it away."""
        readings, symptoms, scores, facts = self.readings, self.symptoms, self.scores, self.facts
        read: list[Reading] = []
        others: list[Fact] = []
        for source, new in changes.items():
            old = facts.get(source)
            facts = facts.put(source, new) if new else facts.drop(source) if old else facts
            for fact in (old, new):
                if isinstance(fact, Reading):
                    read.append(fact)
                    readings = readings.insert(fact) if fact is new else readings.remove(fact.key)
                elif isinstance(fact, Symptom):
                    symptoms = symptoms.insert(fact) if fact is new else symptoms.remove(fact.key)
                elif isinstance(fact, Score):
                    scores = scores.insert(fact) if fact is new else scores.remove(fact.key)
                elif fact:
                    others.append(fact)
        prescribed = [fact for fact in others if isinstance(fact, Order | Dose)]
        beside = len(prescribed) < len(others)
        background = self.background.changed(changes) if beside else self.background
        record = Record(
            readings, symptoms, scores, self.regimen, self.baselines, self.plausible, facts, background
        )
        if not prescribed:
            return record._rebased(read) if self.regimen.courses else record
        held: list[Fact] = [*self.regimen.orders, *self.regimen.doses]
        kept = [fact for fact in held if fact.source not in changes]
        return record._prescribed(kept + [fact for fact in changes.values() if fact])

    def judged_by(self, plausible: Plausible) -> "Record":
        """The same facts under other limits of plausibility."""
        if plausible is self.plausible or plausible == self.plausible:
            return self if plausible is self.plausible else replace(self, plausible=plausible)
        return replace(self, plausible=plausible)._on(self.regimen)

    def earlier(self, key: Key, span: timedelta) -> Iterator[Reading]:
        """Sound readings of known time older than `key` and less than `span` before it, newest first."""
        for reading in self.readings.before(key):
            if key[0] - reading.at >= span:
                return
            if reading.until is None:
                yield self.plausible.sound(reading)

    def felt(self, at: datetime, before: timedelta, after: timedelta = timedelta()) -> Iterator[Symptom]:
        """Symptoms present less than `before` before `at`, at it, or less than `after` after it, newest first."""
        for symptom in self.symptoms.before((at + after, LAST)):
            if at - symptom.at >= before:
                return
            if symptom.present and not symptom.day and (symptom.at <= at or symptom.at - at < after):
                yield symptom

    def scored(self, key: Key, span: timedelta) -> Iterator[Score]:
        """Possible scores of known time older than `key` and less than `span` before it, newest first."""
        for score in self.scores.before(key):
            if key[0] - score.at >= span:
                return
            if not score.day and self.plausible.score(score):
                yield score

    def course(self, reading: Reading) -> tuple[Course, Baseline | None] | None:
        """The course in whose therapy window the whole reading lies, and its baseline."""
        number = self._course(reading.at, reading.until or reading.at)
        return None if number is None else (self.regimen.courses[number], self.baselines[number])

    def order(self, at: datetime) -> str | None:
        """The order to name at an instant of a course."""
        number = self._course(at, at)
        return None if number is None else self.regimen.courses[number].order(at)

    def _course(self, start: datetime, end: datetime) -> int | None:
        """The number of the course in whose therapy window the span lies."""
        courses = self.regimen.courses
        for number in range(len(courses) - 1, -1, -1):
            if courses[number].start <= start:
                return number if end <= courses[number].until else None
        return None

    def _rebased(self, readings: Sequence[Reading]) -> "Record":
        """With new baselines where one of these readings, new or gone, has a part in the old one."""
        touched = [
            number
            for number, (_, first, *_) in enumerate(self.regimen.courses)
            if first and any(-BEFORE < reading.at - first <= AFTER for reading in readings)
        ]
        if not touched:
            return self
        baselines = tuple(
            self._baseline(course) if number in touched else self.baselines[number]
            for number, course in enumerate(self.regimen.courses)
        )
        return replace(self, baselines=baselines)

    def _prescribed(self, facts: Iterable[Fact]) -> "Record":
        held = tuple(facts)
        orders = (fact for fact in held if isinstance(fact, Order))
        return self._on(Regimen.of(orders, (fact for fact in held if isinstance(fact, Dose))))

    def _on(self, regimen: Regimen) -> "Record":
        record = replace(self, regimen=regimen)
        return replace(record, baselines=tuple(map(record._baseline, regimen.courses)))

    def _baseline(self, course: Course) -> Baseline | None:
        first = course.first_dose
        if first is None or not self.readings:
            return None
        before = reversed([*self.earlier((first, LAST), BEFORE)])
        after = (one for one in self.readings.since((first, LAST)) if one.at <= first + AFTER)
        return baseline(before, map(self.plausible.sound, after))
