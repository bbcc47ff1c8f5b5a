"""A rule that failed.

What: a rule raised an exception on a fact; the alert names the rule.
Why: a fault in one rule must neither lose the reading nor silence the other rules, and must be seen.
Evidence: engineering choice [E].
Limits: none.
"""

from typing import Any

from service.record.record import Record
from service.rules.rule import Finding, Limits, Rule


def failure(rule: Rule, kind: str) -> Finding:
    """What stands in the place of a rule that raised an exception of this kind."""
    text = (
        f"The rule '{rule.title}' ({rule.id}) failed on this and said nothing ({kind}). The reading is kept: judge "
        "it by eye, and tell whoever runs this service."
    )
    return Finding(severity="low", side="unreadable", text=text, reasons=(rule.id,))


def _silent(fact: Any, record: Record, limits: Limits) -> Finding | None:
    return None


RULE = Rule(
    id="rule-failure",
    title="A rule failed",
    trigger="a rule raised an exception; its other alerts stay as they are",
    severity="low",
    judges=(),
    judge=_silent,
    seed="-",
)
