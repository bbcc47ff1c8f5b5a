"""How far back a chart is read: a fact of the background reaches no further than the rules that ask for it."""

from datetime import timedelta

import pytest

from service.alerts.chart import Change, Chart, horizon
from service.record.facts import Condition, Order, Person, Reading
from service.record.record import Record
from service.rules import RULES
from service.rules.rule import ALWAYS, Reach, Rule
from service.ruleset import Ruleset, load
from tests.record.documents import SNOMED, at, fact, instruction, order, pulse

AILING = Condition(source="Condition/c", at=at(-9000), recorded=at(2), codes=((SNOMED, "36083008"),))
BORN = Person(source="Patient/p1", at=at(-9000), recorded=at(2))


def asking(monkeypatch: pytest.MonkeyPatch, *reaches: Reach) -> Ruleset:
    rule = Rule("asking", "-", "-", "low", (Order, Reading), lambda *_: None, reaches=reaches)
    monkeypatch.setattr("service.ruleset.RULES", (*RULES, rule))
    return load()


@pytest.mark.parametrize("known", [AILING, BORN])
def test_what_no_rule_asks_for_needs_no_reading_of_the_decades_since(known: Condition | Person) -> None:
    start = horizon([Change(known.source, known)], Chart("Patient/p1"), load())

    assert start is not None
    assert start > at(365_000)


def test_a_rule_of_orders_needs_the_alerts_from_the_first_order_on(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = asking(monkeypatch, Reach(Condition, Order, ALWAYS, ALWAYS))
    chart = Chart("Patient/p1", Record.of([fact(order("o", instruction("0.1", 6, start=at(20))))]))

    assert horizon([Change("Condition/c", AILING)], chart, rules) == at(20) - rules.lookback


def test_a_rule_of_readings_needs_them_as_far_as_it_reaches(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = asking(monkeypatch, Reach(Condition, Reading, timedelta(days=1), ALWAYS))

    start = horizon([Change("Condition/c", AILING)], Chart("Patient/p1"), rules)

    assert start == AILING.at - timedelta(days=1) - rules.lookback


@pytest.mark.parametrize(
    ("rate", "beside", "far"),
    [(70, ["digoxin"], False), (56, ["digoxin"], False), (52, [], False), (52, ["lisinopril"], False),
     (52, ["digoxin"], True)],
)  # fmt: skip
def test_a_heart_rate_reads_back_to_the_order_only_where_it_makes_a_pair_worse(
    rate: int, beside: list[str], far: bool
) -> None:
    rules = load()
    docs = [order("o", instruction("0.1", 6, start=at(2)))]
    docs += [order(name, drug={"text": name}) for name in beside]
    chart = Chart("Patient/p1", Record.of(map(fact, docs)))
    slow = fact(pulse("x", rate, at(60)))

    start = horizon([Change(slow.source, slow)], chart, rules)

    assert start == (at(2) if far else at(60)) - rules.lookback
