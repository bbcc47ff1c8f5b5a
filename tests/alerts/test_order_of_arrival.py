"""Alerts are a function of the record (promise P2): order, batches, resends, corrections and windows change nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from service.alerts.chart import (
    Alert,
    Change,
    Chart,
    baseline_windows,
    decode,
    deeper,
    encode,
    horizon,
    revise,
)
from service.record.facts import Fact, Reading, Score, Symptom
from service.record.facts import decode as decode_fact
from service.record.facts import encode as encode_fact
from service.record.lift import lift
from service.record.moments import BEGINNING
from service.record.record import Record
from service.ruleset import load
from tests.alerts.courses import corrected, course
from tests.record import documents
from tests.record.documents import at, dose, no_medication, panel

RULES, DEFAULTS = load("[rules]\nall = true"), load()
NOW = at(12)
LATER = at(13)
PATIENT = "Patient/p1"
some = settings(
    max_examples=70, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def final(alerts: Sequence[Alert]) -> dict[str, Alert]:
    """What counts: everything but when it was raised, of the alerts that hold."""
    return {alert.id: replace(alert, issued=NOW) for alert in alerts if not alert.retracted}


def from_scratch(facts: Sequence[Fact]) -> dict[str, Alert]:
    told = [Change(fact.source, fact) for fact in facts]
    return final(revise(Chart(PATIENT), told, LATER, RULES).changed)


def batches(draw: Any, changes: list[Change]) -> list[list[Change]]:
    cuts = sorted(draw(st.lists(st.integers(0, len(changes)), max_size=6)))
    edges = [0, *cuts, len(changes)]
    return [changes[start:end] for start, end in pairwise(edges)]


@some
@given(st.data())
def test_any_order_and_any_batches_end_in_the_same_alerts(data: st.DataObject) -> None:
    facts = data.draw(course())
    told = [Change(fact.source, fact) for fact in data.draw(st.permutations(facts))]
    resent = told + data.draw(st.lists(st.sampled_from(told), max_size=4))

    chart = Chart(PATIENT)
    for batch in batches(data.draw, resent):
        chart = revise(chart, batch, LATER, RULES).chart

    assert final([*chart.alerts.values()]) == from_scratch(facts)


@some
@given(st.data())
def test_corrections_and_deletions_leave_what_the_record_now_implies(data: st.DataObject) -> None:
    facts = data.draw(course())
    wrong = [data.draw(corrected(fact)) for fact in facts if data.draw(st.booleans())]
    gone = {fact.source for fact in facts if data.draw(st.integers(0, 4)) == 0}
    told = [Change(fact.source, fact) for fact in data.draw(st.permutations([*wrong]))]
    told += [Change(fact.source, fact) for fact in data.draw(st.permutations(facts))]
    told += [Change(source, None) for source in data.draw(st.permutations(sorted(gone)))]

    chart = Chart(PATIENT)
    for batch in batches(data.draw, told):
        chart = revise(chart, batch, LATER, RULES).chart

    assert final([*chart.alerts.values()]) == from_scratch(
        [fact for fact in facts if fact.source not in gone]
    )


def test_a_reading_that_is_resent_with_the_order_that_reaches_it_keeps_its_alerts() -> None:
    facts = [documents.fact(doc) for doc in (panel("x", 39, 25, at(1, "08:00")), dose("d", "0.1", at(1)))]
    reading, first = [Change(fact.source, fact) for fact in facts]
    chart = revise(Chart(PATIENT), [reading], NOW, RULES).chart

    chart = revise(chart, [first, reading], LATER, RULES).chart

    assert final([*chart.alerts.values()]) == from_scratch(facts) != {}


def test_a_reading_of_a_day_is_judged_again_when_its_course_ends_during_that_day() -> None:
    docs = [
        panel("before", 120, 80, at(1)),
        dose("first", "0.1", at(1, "08:05")),
        dose("last", "0.1", at(2, "00:00")),
    ]
    facts = [*map(documents.fact, docs), documents.fact(panel("day", 80, 55, "2026-03-06"))]
    told = [Change(fact.source, fact) for fact in facts]
    chart = revise(Chart(PATIENT), told, NOW, RULES).chart

    chart = revise(chart, [Change("MedicationAdministration/last", None)], LATER, RULES).chart

    assert final([*chart.alerts.values()]) == from_scratch(facts[:2] + facts[3:])


def test_a_symptom_that_makes_an_older_alert_hold_a_dose_is_heard() -> None:
    docs = [
        documents.order("o", documents.instruction("0.1", 6, start=at(1))),
        dose("first", "0.1", at(1)),
        panel("lying", 130, 80, at(1, "05:30"), "lying"),
        panel("standing", 105, 76, at(1, "05:33"), "standing"),
        documents.symptom("dizzy", "404640003", at(1, "05:40"), "severe"),
    ]
    facts = [*map(documents.fact, docs)]
    told = [Change(fact.source, fact) for fact in facts]
    chart = revise(Chart(PATIENT), told[:-1], NOW, DEFAULTS).chart

    chart = revise(chart, told[-1:], NOW, DEFAULTS).chart

    found = final([*chart.alerts.values()])
    assert found == final(revise(Chart(PATIENT), told, NOW, DEFAULTS).changed)
    assert at(1, "05:33") in {one.at for one in found.values() if one.rule == "hold-dose-advised"}


class Store:
    """Facts and alerts as text, and charts that reach back only as far as a change needs."""

    def __init__(self) -> None:
        self.facts: dict[str, str] = {}
        self.alerts: dict[str, str] = {}
        self.due: datetime | None = None

    def write(self, changes: Sequence[Change], now: datetime = LATER) -> None:
        revision = revise(self._window(changes), changes, now, RULES)
        for source, fact in changes:
            self.facts.pop(source, None)
            if fact:
                self.facts[source] = encode_fact(fact)
        self.alerts |= {alert.id: encode(alert) for alert in revision.changed}
        self.due = revision.chart.due

    def _window(self, changes: Sequence[Change]) -> Chart:
        facts = [decode_fact(text) for text in self.facts.values()]
        always = [fact for fact in facts if not isinstance(fact, Reading | Symptom | Score)]
        known = Chart(PATIENT, Record.of(always), due=self.due)
        told = {change.source for change in changes}
        was = [Change(fact.source, fact) for fact in facts if fact.source in told]
        starts = [horizon(changes, known, RULES), *([horizon(was, known, RULES)] if was else [])]
        told_of = [start for start in starts if start]
        start = min(told_of) if len(told_of) == len(starts) else BEGINNING
        chart = self._chart(facts, start)
        begin = start + RULES.lookback
        while further := deeper(chart.record, start, begin, RULES):
            chart, start = self._chart(facts, further), further
        return chart

    def _chart(self, facts: Sequence[Fact], start: datetime) -> Chart:
        always = [fact for fact in facts if not isinstance(fact, Reading | Symptom | Score)]
        spans = baseline_windows(Record.of(always).regimen, start)
        near = [
            fact for fact in facts if fact.at >= start or any(low <= fact.at <= high for low, high in spans)
        ]
        alerts = [decode(text) for text in self.alerts.values()]
        kept = {alert.id: alert for alert in alerts if alert.at >= start or alert.standing}
        return Chart(PATIENT, Record.of([*always, *near]), kept, self.due)


@some
@given(st.data())
def test_a_chart_that_reaches_back_to_its_horizon_is_enough(data: st.DataObject) -> None:
    facts = data.draw(course())
    wrong = [data.draw(corrected(fact)) for fact in facts if data.draw(st.integers(0, 3)) == 0]
    told = [Change(fact.source, fact) for fact in [*wrong, *data.draw(st.permutations(facts))]]

    store = Store()
    for change in told:
        store.write([change])

    assert final([decode(text) for text in store.alerts.values()]) == from_scratch(facts)


@some
@given(course())
def test_a_correction_back_and_forth_restores_every_alert(facts: list[Fact]) -> None:
    told = [Change(fact.source, fact) for fact in facts]
    chart = revise(Chart(PATIENT), told, LATER, RULES).chart
    readings = [fact for fact in facts if isinstance(fact, Reading)]

    for fact in readings:
        without = revise(chart, [Change(fact.source, None)], LATER, RULES)
        again = revise(without.chart, [Change(fact.source, fact)], LATER, RULES)
        assert final([*again.chart.alerts.values()]) == final([*chart.alerts.values()])


@some
@given(st.data())
def test_the_clock_may_tick_whenever_it_likes(data: st.DataObject) -> None:
    told = [Change(fact.source, fact) for fact in data.draw(st.permutations(data.draw(course())))]
    hours = sorted(data.draw(st.lists(st.integers(0, 24 * 9), min_size=len(told), max_size=len(told))))

    store = Store()
    for hour, change in zip(hours, told, strict=True):
        now = at(1) + timedelta(hours=hour)
        store.write([], now)
        store.write([change], now)
    store.write([], LATER)

    assert final([decode(text) for text in store.alerts.values()]) == from_scratch([one.fact for one in told])
    assert store.due is None or store.due > LATER


@some
@given(st.data())
def test_a_chart_in_memory_asks_only_the_clock_rules_that_can_say_something_else(data: st.DataObject) -> None:
    facts = sorted(data.draw(course()), key=lambda fact: fact.at)
    minutes = st.sampled_from((0, 5, 30, 200, 700))

    chart, now = Chart(PATIENT), at(1)
    for fact in facts:
        now = max(now, fact.at + timedelta(minutes=data.draw(minutes)))
        chart = revise(chart, [Change(fact.source, fact)], now, RULES).chart
        if data.draw(st.booleans()):
            now += timedelta(minutes=data.draw(minutes))
            chart = revise(chart, [], now, RULES).chart
    while chart.due and chart.due <= LATER:
        chart = revise(chart, [], chart.due, RULES).chart

    assert final([*chart.alerts.values()]) == from_scratch(facts)


@pytest.mark.parametrize("fact", ["reading", "dose"])
def test_the_same_again_changes_nothing(fact: str) -> None:
    doc = panel("x", 70, 38, at(1)) if fact == "reading" else dose("x", "0.9", at(1))
    lifted = lift(doc, at(1), no_medication).fact
    assert lifted
    told = [Change(lifted.source, lifted)]
    first = revise(Chart(PATIENT), told, NOW, RULES)

    second = revise(first.chart, told, LATER, RULES)

    assert first.raised
    assert second.changed == ()
