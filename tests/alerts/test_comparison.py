"""The counts of a comparison add up, and are those of two judgements that know nothing of each other."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.alerts.alert import PAGEABLE, PHASES, Alert
from service.alerts.chart import Chart, rejudged
from service.comparison import Comparison, what_if
from service.record.facts import Fact
from service.record.record import Record
from service.ruleset import Ruleset, load
from tests.alerts.courses import course
from tests.alerts.test_order_of_arrival import NOW, PATIENT, some
from tests.alerts.test_rejudged import OTHERS
from tests.record import documents
from tests.record.documents import at, panel


def bare(facts: list[Fact]) -> Chart:
    return Chart(PATIENT, Record.of(facts))


def timely(id: str, systolic: int, diastolic: int, minutes: int) -> Fact:
    """A reading that was recorded when it was taken."""
    reading = documents.fact(panel(id, systolic, diastolic, at(1) + timedelta(minutes=minutes)))
    return replace(reading, recorded=reading.at)


def alone(facts: list[Fact], rules: Ruleset) -> dict[str, Alert]:
    return {alert.id: alert for alert in rejudged(bare(facts), NOW, rules).raised}


def kinds(alerts: Sequence[Alert]) -> Counter[tuple[str, str]]:
    return Counter((alert.rule, alert.severity) for alert in alerts)


@some
@given(st.lists(course(), max_size=3), st.sampled_from(OTHERS), st.sampled_from(OTHERS))
def test_a_comparison_is_the_difference_of_two_judgements(
    courses: list[list[Fact]], rules: Ruleset, other: Ruleset
) -> None:
    comparison = Comparison()
    before: list[Alert] = []
    after: list[Alert] = []
    added = removed = moved = 0
    for facts in courses:
        comparison.take(what_if(bare(facts), NOW, rules, other))
        old, new = alone(facts, rules), alone(facts, other)
        before += old.values()
        after += new.values()
        added += len(new.keys() - old.keys())
        removed += len(old.keys() - new.keys())
        moved += sum(old[id].severity != new[id].severity for id in old.keys() & new.keys())

    rows = {(row.rule, row.severity): row for row in comparison.rows()}
    assert {key: row.before for key, row in rows.items() if row.before} == kinds(before)
    assert {key: row.after for key, row in rows.items() if row.after} == kinds(after)
    assert (comparison.total("added"), comparison.total("removed")) == (added, removed)
    assert comparison.total("came") == comparison.total("left") == moved
    for row in rows.values():
        assert row.after == row.before + row.added - row.removed + row.came - row.left
    for side, alerts in (("before", before), ("after", after)):
        assert comparison.of_phases(side, PHASES) == len(alerts)
        assert comparison.of_phases(side) == sum(alert.phase in PAGEABLE for alert in alerts)
        assert sum(number for (of, _), number in comparison.daily.items() if of == side) == comparison.days
    assert sum(comparison.days_of.values()) == comparison.days


def test_the_same_limits_change_nothing() -> None:
    facts = [documents.fact(panel("low", 84, 50, at(1)))]
    assert what_if(bare(facts), NOW, load(), load()).differences == ()


def test_a_patient_day_is_a_day_on_which_the_record_holds_anything() -> None:
    calm = [timely(f"r{day}", 120, 80, day * 1440) for day in (0, 1, 4)]
    low = timely("low", 88, 65, 4 * 1440 + 5)
    comparison = Comparison()
    comparison.take(what_if(bare([*calm, low]), NOW, load(), load("[limits.hypotension]\nsystolic = 85\n")))
    assert (comparison.days, comparison.days_of) == (3, {1: 1, 2: 1, 5: 1})
    assert (comparison.by_day["before", 5], comparison.by_day["after", 5]) == (1, 0)
    assert comparison.daily == {("before", 0): 2, ("before", 1): 1, ("after", 0): 3}
    assert comparison.a_day(comparison.of_phases("before")) == 1 / 3
