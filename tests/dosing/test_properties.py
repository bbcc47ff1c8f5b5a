"""What holds of the dose check for any record: it answers, and lower values never let a held dose pass."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.alerts.chart import Chart, rejudged
from service.dosing.answer import parameters
from service.dosing.check import VERDICTS, Check, check
from service.record.facts import Fact, Reading
from service.record.plausible import PLAUSIBLE
from service.record.record import Record
from service.ruleset import load
from tests.alerts.courses import SPAN, course
from tests.record.documents import DAY1

RULES = load()
QUANTITIES = ("systolic", "diastolic", "heart_rate")
moments = st.integers(-12, SPAN + 12).map(lambda slot: DAY1 + timedelta(minutes=5 * slot))


def judged(facts: list[Fact], when: Any) -> Check:
    chart = rejudged(Chart("Patient/p1", Record.of(facts)), when, RULES).chart
    return check(chart, when, RULES)


@given(course(), moments)
def test_it_answers_whatever_is_known(facts: list[Fact], when: Any) -> None:
    found = judged(facts, when)
    worst = max((reason.verdict for reason in found.reasons), key=list(VERDICTS).index, default="give")
    assert found.verdict == worst
    assert parameters(found)["parameter"][0] == {"name": "verdict", "valueCode": found.verdict}
    if found.verdict == "give":
        fresh = [
            name
            for one in found.readings
            for name in one.quantities
            if when - one.reading.at < timedelta(hours=1)
        ]
        assert sorted(fresh) == sorted(QUANTITIES)


@given(course(), moments, st.integers(1, 60))
def test_lower_values_never_let_a_held_dose_pass(facts: list[Fact], when: Any, by: int) -> None:
    """Of readings without a position, since a fall on standing is a difference, and as long as they stay possible."""
    flat = [replace(fact, position=None) if isinstance(fact, Reading) else fact for fact in facts]
    lower = [_lowered(fact, by) for fact in flat]
    if judged(flat, when).verdict == "hold":
        assert judged(lower, when).verdict != "give"


def _lowered(fact: Fact, by: int) -> Fact:
    """The reading with all its values lower; as it is where it is impossible, or would become so."""
    if not isinstance(fact, Reading):
        return fact
    values = {name: getattr(fact, name) for name in QUANTITIES}
    lower = replace(fact, **{name: value - by for name, value in values.items() if value is not None})
    possible = all(PLAUSIBLE.sound(one) == one for one in (fact, lower))
    return lower if possible else fact
