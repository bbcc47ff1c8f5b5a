"""The record: everything that the rules know of one patient, as a value."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from service.record.baseline import AFTER, BEFORE, Baseline, baseline
from service.record.facts import Dose, Fact, Key, Order, Reading, Symptom
from service.record.plausible import PLAUSIBLE, Plausible
from service.record.regimen import Course, Regimen
from service.record.timeline import Index, Timeline

LAST = "\uffff"
"""Sorts behind every source at the same instant."""


@dataclass(frozen=True, slots=True)
class Record:
    """Facts sorted by (at, source). `baselines` stand beside `regimen.courses`, one each, None where unknown."""

    readings: Timeline[Reading] = field(default_factory=Timeline)
    symptoms: Timeline[Symptom] = field(default_factory=Timeline)
    regimen: Regimen = Regimen()
    baselines: tuple[Baseline | None, ...] = ()
    plausible: Plausible = PLAUSIBLE
    facts: Index[Fact] = field(default_factory=Index)

    @classmethod
    def of(cls, facts: Iterable[Fact], plausible: Plausible = PLAUSIBLE) -> "Record":
        """The record of these facts, in any order; of two with one source the last one counts."""
        held = {fact.source: fact for fact in facts}.values()
        record = cls(
            readings=Timeline.of(fact for fact in held if isinstance(fact, Reading)),
            symptoms=Timeline.of(fact for fact in held if isinstance(fact, Symptom)),
            plausible=plausible,
            facts=Index.of((fact.source, fact) for fact in held),
        )
        orders = (fact for fact in held if isinstance(fact, Order))
        doses = (fact for fact in held if isinstance(fact, Dose))
        return record._on(Regimen.of(orders, doses))

    def get(self, source: str) -> Fact | None:
        """The fact of `Type/id`."""
        return self.facts.get(source)

    def with_fact(self, fact: Fact) -> "Record":
        """With this fact, in the place of an earlier version of it."""
        record = self.without(fact.source)
        facts = record.facts.put(fact.source, fact)
        match fact:
            case Reading():
                return record._reading(fact, replace_fast(record, readings=record.readings.insert(fact), facts=facts))
            case Symptom():
                return replace_fast(record, symptoms=record.symptoms.insert(fact), facts=facts)
            case _:
                return record._prescribed(fact.source, fact, facts)

    def without(self, source: str) -> "Record":
        """Without the fact of `Type/id`; the same record where there is none."""
        fact = self.facts.get(source)
        if fact is None:
            return self
        facts = self.facts.drop(source)
        match fact:
            case Reading():
                return self._reading(fact, replace_fast(self, readings=self.readings.remove(fact.key), facts=facts))
            case Symptom():
                return replace_fast(self, symptoms=self.symptoms.remove(fact.key), facts=facts)
            case _:
                return self._prescribed(source, None, facts)

    def judged_by(self, plausible: Plausible) -> "Record":
        """The same facts under other limits of plausibility."""
        if plausible is self.plausible:
            return self
        return replace(self, plausible=plausible)._on(self.regimen)

    def course(self, at: datetime) -> tuple[Course, Baseline | None] | None:
        """The course in whose therapy window `at` lies, and its baseline."""
        courses = self.regimen.courses
        for number in range(len(courses) - 1, -1, -1):
            if courses[number].start <= at:
                return (courses[number], self.baselines[number]) if at <= courses[number].until else None
        return None

    def within(self, at: datetime, span: timedelta) -> Iterator[Reading]:
        """Sound readings of the `span` that ends with `at`, both ends included, newest first."""
        for reading in self.readings.before((at, LAST)):
            if at - reading.at > span:
                return
            yield self.plausible.sound(reading)

    def earlier(self, key: Key, span: timedelta) -> Iterator[Reading]:
        """Sound readings older than `key` and less than `span` before it, newest first."""
        for reading in self.readings.before(key):
            if key[0] - reading.at >= span:
                return
            yield self.plausible.sound(reading)

    def _reading(self, fact: Reading, changed: "Record") -> "Record":
        """`changed` with the baselines that the reading, new or gone, has a part in."""
        touched = [
            number
            for number, course in enumerate(self.regimen.courses)
            if course.first_dose and -BEFORE < fact.at - course.first_dose <= AFTER
        ]
        if not touched:
            return changed
        baselines = list(changed.baselines)
        for number in touched:
            baselines[number] = changed._baseline(changed.regimen.courses[number])
        return replace_fast(changed, baselines=tuple(baselines))

    def _prescribed(self, source: str, fact: Order | Dose | None, facts: Index[Fact]) -> "Record":
        orders = [order for order in self.regimen.orders if order.source != source]
        doses = [dose for dose in self.regimen.doses if dose.source != source]
        if isinstance(fact, Order):
            orders.append(fact)
        elif fact:
            doses.append(fact)
        return replace_fast(self, facts=facts)._on(Regimen.of(orders, doses))

    def _on(self, regimen: Regimen) -> "Record":
        record = replace_fast(self, regimen=regimen)
        return replace_fast(record, baselines=tuple(map(record._baseline, regimen.courses)))

    def _baseline(self, course: Course) -> Baseline | None:
        first = course.first_dose
        if first is None or not self.readings:
            return None
        after = (one for one in self.readings.since((first, LAST)) if one.at <= first + AFTER)
        return baseline(
            reversed([one for one in self.within(first, BEFORE) if first - one.at < BEFORE]),
            (self.plausible.sound(one) for one in after),
        )
