"""A transaction is judged once and not entry by entry: its work does not depend on the order of its entries."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.store.ledger import Ledger
from service.commit import Intake
from service.intake import Write, entry
from service.record.facts import Reading
from service.rules import RULES
from service.rules.rule import Reach, Rule
from service.ruleset import load
from tests.build import panel
from tests.template import settled

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
COUNT = 40


def test_the_rules_are_asked_once_about_each_reading(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    reach = Reach(Reading, Reading, ahead=timedelta(hours=24))
    counting = Rule(
        id="counting", title="Counting", trigger="", severity="low", judges=(Reading,), reaches=(reach,), seed="-",
        judge=lambda reading, *_: asked.append(reading.source),  # type: ignore[func-returns-value]
    )  # fmt: skip
    monkeypatch.setattr("service.ruleset.RULES", (*RULES, counting))
    made = settled(database_url)
    intake = Intake(Ledger(made), load(), lambda: NOW)
    (answer,) = intake.commit([Write(tuple(_newest_first()), (), transaction=True)])
    made.dispose()
    assert isinstance(answer, tuple), answer
    assert sorted(asked) == sorted({f"Observation/r{at:02}" for at in range(COUNT)})
    # Each entry tells of the alert about itself.
    assert [[alert.about for alert, _ in one.raised] for one in answer] == [
        [one.stored.reference] for one in answer
    ]


def _newest_first() -> Any:
    for at in range(COUNT):
        when = (NOW - timedelta(minutes=1 + at)).isoformat()
        doc = panel(84, 50, when, id=f"r{at:02}")
        yield entry("PUT", doc, doc["id"], ())
