"""A record judged anew under other rules has the alerts that it would have had under them from the beginning."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.alerts.alert import PAGEABLE
from service.alerts.chart import Change, Chart, rejudged, revise
from service.record.facts import Fact
from service.record.record import Record
from service.rules import BY_ID
from service.ruleset import Bound, Ruleset, load
from tests.alerts.courses import course
from tests.alerts.test_order_of_arrival import LATER, PATIENT, final, some
from tests.record import documents
from tests.record.documents import at, panel

RULES = load()
OTHERS = [
    RULES,
    load("[rules]\nall = false\n"),
    load("[rules]\nimplausible-vital = false\ntachycardia = true\ndose-interval-short = true\n"),
    load("[limits.implausible-vital]\nsystolic-low = 55\ndiastolic-low = 30\n"),
    load("[limits.hypotension]\nsystolic = 100\ndiastolic = 65\n[limits.bradycardia]\nheart-rate = 45\n"),
    load(
        "[rules]\nhypotension-severe = false\nbradycardia = false\n[limits.bp-drop-from-baseline]\npercent = 15\n"
    ),
    load('preset = "lofexidine-trial"\n'),
]
rulesets = st.sampled_from(OTHERS)


def told(facts: list[Fact]) -> list[Change]:
    return [Change(fact.source, fact) for fact in facts]


@some
@given(course(), rulesets)
def test_without_alerts_it_gives_what_the_record_implies(facts: list[Fact], rules: Ruleset) -> None:
    whole = rejudged(Chart(PATIENT, Record.of(facts)), LATER, rules)
    assert final(whole.raised) == final(revise(Chart(PATIENT), told(facts), LATER, rules).changed)
    assert final(whole.chart.alerts.values()) == final(whole.raised)


@some
@given(course(), rulesets, rulesets)
def test_under_other_rules_the_alerts_are_those_of_the_other_rules(
    facts: list[Fact], before: Ruleset, after: Ruleset
) -> None:
    chart = revise(Chart(PATIENT), told(facts), LATER, before).chart

    revision = rejudged(chart, LATER, after)

    expected = revise(Chart(PATIENT), told(facts), LATER, after)
    assert final(revision.chart.alerts.values()) == final(expected.changed)
    stored = {**chart.alerts, **{alert.id: alert for alert in revision.changed}}
    assert final(stored.values()) == final(expected.changed)
    assert rejudged(revision.chart, LATER, after).changed == ()


@some
@given(course(), rulesets, st.data())
def test_a_write_goes_on_from_a_record_that_was_judged_anew(
    facts: list[Fact], rules: Ruleset, data: st.DataObject
) -> None:
    first = facts[: data.draw(st.integers(0, len(facts)))]
    chart = revise(Chart(PATIENT), told(first), LATER, load()).chart
    chart = rejudged(chart, LATER, rules).chart

    chart = revise(chart, told(facts[len(first) :]), LATER, rules).chart

    assert final(chart.alerts.values()) == final(revise(Chart(PATIENT), told(facts), LATER, rules).changed)


def test_what_no_longer_follows_is_retracted_with_a_note_and_what_holds_keeps_its_time() -> None:
    facts = [documents.fact(panel(id, *low, at(1, hour))) for id, low, hour in (
        ("low", (88, 65), "08:00"), ("lower", (84, 65), "09:00"))]  # fmt: skip
    chart = revise(Chart(PATIENT), told(facts), LATER, RULES).chart

    revision = rejudged(chart, LATER, load("[limits.hypotension]\nsystolic = 86\n"))

    gone, kept = revision.changed
    assert (gone.about, gone.status, gone.issued) == ("Observation/low", "entered-in-error", LATER)
    assert gone.retracted.startswith("Retracted: it no longer follows")
    assert (kept.about, kept.status, kept.issued, kept.phase) == ("Observation/lower", "final", LATER, "new")
    assert kept.phase in PAGEABLE
    assert revision.raised == ()


@pytest.mark.parametrize("again", [1, 2])
def test_a_rule_of_another_major_version_raises_under_another_id(again: int) -> None:
    facts = [documents.fact(panel("low", 84, 65, at(1)))]
    chart = revise(Chart(PATIENT), told(facts), LATER, RULES).chart
    newer = load()
    rule = replace_major(newer)

    for _ in range(again):
        chart = rejudged(chart, LATER, newer).chart

    old, new = sorted(chart.alerts.values(), key=lambda alert: alert.status)
    assert (old.rule, old.status, new.rule, new.status) == (rule, "entered-in-error", rule, "final")
    assert old.id != new.id
    assert revise(chart, told([replace(facts[0], heart_rate=None)]), LATER, newer).changed == ()


def replace_major(rules: Ruleset) -> str:
    """Give `hypotension` another major version in a ruleset; its id."""
    newer = BY_ID["hypotension"]._replace(major=2)
    for held in chain([rules.by_id], rules.judging.values()):
        if "hypotension" in held:
            held["hypotension"] = Bound(newer, held["hypotension"].limits)
    return newer.id
