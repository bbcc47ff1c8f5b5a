"""Findings against the alerts that are there: raise, keep, change, retract."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from service.alerts.alert import Alert, Shadow, identity
from service.alerts.judgement import judge
from service.record.facts import Dose, Fact, Order
from service.record.record import Record
from service.rules.rule import Finding, Rule
from service.rules.rule_failure import RULE as FAILURE
from service.rules.rule_failure import failure
from service.ruleset import Bound

_GONE = "Retracted: the resource that it is about was withdrawn, corrected or deleted."
_NO_LONGER = "Retracted: it no longer follows from the record as it now stands."


class _Said(NamedTuple):
    """What a rule says of a fact now; `cause` is the failing rule of a rule-failure."""

    rule: Rule
    fact: Fact
    finding: Finding
    lower: Shadow | None = None
    cause: str = ""


def reconciled(
    patient: str, fact: Fact, bound: Mapping[str, Bound], record: Record, held: Iterable[Alert], at: datetime
) -> list[Alert]:
    """The alerts about `fact` that differ from those held, as far as the rules asked have a say in them."""
    judgement = judge(fact, bound.values(), record)
    if not (judgement.findings or judgement.failed or held):
        return []
    # Of two under one rule, where its major version has changed, the one that holds comes last and counts.
    stored = {(alert.rule, alert.cause): alert for alert in sorted(held, key=lambda one: not one.retracted)}
    moved: list[Alert] = []
    for id, (rule, _) in bound.items():
        broken = stored.get((FAILURE.id, id))
        if id in judgement.failed:
            said = _Said(FAILURE, fact, failure(rule, judgement.failed[id]), cause=id)
            moved += _raised(patient, said, broken, at)
            continue
        finding, old = judgement.findings.get(id), stored.get((id, ""))
        if finding is not None:
            moved += _raised(patient, _Said(rule, fact, finding, judgement.shadows.get(id)), old, at)
        elif old:
            moved += _withdrawn([old], _NO_LONGER)
        moved += _withdrawn([broken], _NO_LONGER) if broken else []
    return moved


def retracted(held: Iterable[Alert], asked: Mapping[str, Bound], *, gone: bool) -> list[Alert]:
    """Retractions of the alerts about a changed resource on which no rule in force has a say any more."""
    orphans = [alert for alert in held if (alert.cause or alert.rule) not in asked]
    return _withdrawn(orphans, _GONE if gone else _NO_LONGER)


def _raised(patient: str, said: _Said, old: Alert | None, at: datetime) -> list[Alert]:
    """The alert, if it is not held just so already."""
    fact = said.fact
    late = fact.late and not isinstance(fact, Order)
    key = identity(said.rule.id, said.rule.major, patient, fact.source, said.cause)
    if old and old.id != key.id:
        return [*_withdrawn([old], _NO_LONGER), *_raised(patient, said, None, at)]
    if old and not old.retracted and _same(old, said, late):
        return []
    return [
        Alert(
            id=key.id,
            key_value=key.key,
            rule=said.rule.id,
            about=fact.source,
            at=fact.at,
            until=fact.until,
            cause=said.cause,
            order=fact.order or fact.drug if isinstance(fact, Dose) else "",
            late=late,
            finding=said.finding,
            issued=old.issued if old and not old.retracted else at,
            phase="late" if late else "new",
            lower=said.lower,
        )
    ]


def _same(old: Alert, said: _Said, late: bool) -> bool:
    if (old.at, old.until, old.late, old.finding) != (said.fact.at, said.fact.until, late, said.finding):
        return False
    return replace(old.lower, episode=None) == said.lower if old.lower else said.lower is None


def _withdrawn(alerts: Iterable[Alert], why: str) -> list[Alert]:
    return [
        replace(alert, retracted=why, episode=None, lower=None) for alert in alerts if not alert.retracted
    ]
