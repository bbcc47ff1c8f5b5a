"""A rule that fails never loses the reading (CLINICAL decision 13)."""

import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from models.store.ledger import Ledger
from service.commit import Intake
from service.intake import Write, entry
from service.record.facts import Reading
from service.rules import RULES
from service.rules.rule import Rule
from service.ruleset import load
from tests.build import panel
from tests.template import settled

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def _broken(*_: Any) -> None:
    raise ZeroDivisionError("by the value of Patient/p1")


def test_the_reading_is_kept_the_other_rules_speak_and_the_failure_is_told(
    database_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = settled(database_url)
    bad = Rule(
        id="broken", title="Broken", trigger="", severity="low", judges=(Reading,), judge=_broken, seed="-"
    )
    monkeypatch.setattr("service.ruleset.RULES", (*RULES, bad))
    intake = Intake(Ledger(made), load(), lambda: NOW)
    reading = entry("PUT", {**panel(84, 58, "2026-01-01T11:55:00Z"), "id": "r1"}, "r1", ())
    with caplog.at_level(logging.ERROR):
        (answer,) = intake.commit([Write((reading,))])
    made.dispose()
    assert isinstance(answer, tuple), answer
    (written,) = answer
    raised = {alert.rule: alert.finding.severity for alert, _ in written.raised}
    assert raised == {"hypotension": "high", "rule-failure": "low"}
    assert "broken" in caplog.text
    assert "Patient/p1" not in caplog.text
