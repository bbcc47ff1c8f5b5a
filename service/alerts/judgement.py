"""Asking the rules about one fact: precedence among them, and what becomes of a rule that fails."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from service.alerts.alert import Shadow
from service.record.facts import Fact, Reading
from service.record.record import Record
from service.rules.personal import in_force, personal
from service.rules.rule import Finding
from service.ruleset import Bound


class Judgement(NamedTuple):
    """What the rules say of one fact.

    `findings` by rule and cause; `shadows` by the rule that suppresses: the breach of its lower rung; `failed` the
    rules that raised, with the kind of the exception.
    """

    findings: Mapping[tuple[str, str], Finding]
    shadows: Mapping[str, Shadow]
    failed: Mapping[str, str]


def judge(fact: Fact, bound: Iterable[Bound], record: Record) -> Judgement:
    """Every rule's word on the fact by the patient's limits at its time, a severe rung over its lower one
    (decisions 11 and 14)."""
    findings: dict[tuple[str, str], Finding] = {}
    failed: dict[str, str] = {}
    sound = record.plausible.sound(fact) if isinstance(fact, Reading) else fact
    ladders = []
    aimed = in_force(record.goals, fact.at) if record.goals else {}
    for rule, limits in bound:
        try:
            own = personal(limits, aimed) if aimed else limits
            finding = rule.judge(fact if rule.raw else sound, record, own)
        except Exception as error:  # a rule that fails never loses the reading (decision 13)
            failed[rule.id] = type(error).__name__
            continue
        if finding:
            for one in finding if isinstance(finding, tuple) else (finding,):
                findings[rule.id, one.cause] = one
            if rule.over:
                ladders.append((rule.id, rule.over))
    shadows = {}
    for higher, lower in ladders:
        hidden = findings.pop((lower, ""), None)
        if hidden:
            shadows[higher] = Shadow(hidden.severity, hidden.returns)
    return Judgement(findings, shadows, failed)
