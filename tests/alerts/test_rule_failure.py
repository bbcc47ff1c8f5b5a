"""A rule that fails neither loses the reading nor silences the others."""

from datetime import datetime
from typing import Any

import pytest

from service.alerts.chart import Change, Chart, Revision, revise
from service.record.lift import lift
from service.rules import BY_ID
from service.ruleset import Bound, Ruleset, load
from tests.record.documents import at, no_medication, panel

NOW = at(2)


def broken(fact: Any, record: Any, limits: Any) -> None:
    raise ZeroDivisionError("a fault in this rule")


def failing(*ids: str) -> Ruleset:
    """The ruleset with some rules, on for sure, that always raise."""
    rules = load("[rules]\n" + "".join(f"{id} = true\n" for id in ids))
    for id in ids:
        bound = Bound(BY_ID[id]._replace(judge=broken), rules.by_id[id].limits)
        rules.by_id[id] = bound
        rules.judging = {
            kind: {**known, **({id: bound} if id in known else {})} for kind, known in rules.judging.items()
        }
    return rules


def sent(chart: Chart, id: str, systolic: int, rules: Ruleset, moment: datetime = NOW) -> Revision:
    fact = lift(panel(id, systolic, 60, moment), moment, no_medication).fact
    assert fact
    return revise(chart, [Change(fact.source, fact)], moment, rules)


def test_a_failing_rule_is_named_and_the_others_speak() -> None:
    told = sent(Chart("Patient/p1"), "x", 75, failing("hypotension-severe")).raised

    assert [(alert.rule, alert.severity) for alert in told] == [
        ("hypotension", "high"),
        ("rule-failure", "low"),
    ]
    assert "hypotension-severe" in told[1].finding.text
    assert "a fault in this rule" not in told[1].finding.text


def test_two_failing_rules_are_two_alerts_about_one_reading() -> None:
    told = sent(Chart("Patient/p1"), "x", 75, failing("hypotension-severe", "hypotension")).raised

    assert [alert.rule for alert in told] == ["rule-failure", "rule-failure"]
    assert len({alert.id for alert in told}) == 2


def test_what_the_failing_rule_said_before_stays() -> None:
    raised = sent(Chart("Patient/p1"), "x", 88, load())

    later = sent(raised.chart, "x", 86, failing("hypotension"))

    assert [(alert.rule, alert.status) for alert in later.changed] == [("rule-failure", "final")]


def test_a_rule_that_works_again_takes_its_failure_back() -> None:
    failed = sent(Chart("Patient/p1"), "x", 88, failing("hypotension"))

    repaired = sent(failed.chart, "x", 86, load())

    assert [(alert.rule, alert.status) for alert in repaired.changed] == [
        ("hypotension", "final"),
        ("rule-failure", "entered-in-error"),
    ]


@pytest.mark.parametrize("id", sorted(id for id in BY_ID if BY_ID[id].judges))
def test_no_rule_can_stop_a_reading(id: str) -> None:
    sent(Chart("Patient/p1"), "x", 88, failing(id))
