"""Findings against the alerts that are there: raise, keep, change, retract."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from service.alerts.alert import Alert, Shadow, identity
from service.alerts.judgement import judge
from service.record.facts import LATE, Dose, Fact, Order
from service.record.record import Record
from service.rules.rule import Finding, Rule
from service.rules.rule_failure import RULE as FAILURE
from service.rules.rule_failure import failure
from service.ruleset import Bound

_GONE = "Retracted: the resource that it is about was withdrawn, corrected or deleted."
_NO_LONGER = "Retracted: it no longer follows from the record as it now stands."


class Said(NamedTuple):
    """What a rule says now, of what and as of when; `late` where it was recorded too late to page anybody."""

    rule: Rule
    about: str
    at: datetime
    finding: Finding
    until: datetime | None = None
    late: bool = False
    order: str = ""
    lower: Shadow | None = None
    cause: str = ""


def reconciled(
    patient: str, fact: Fact, bound: Mapping[str, Bound], record: Record, held: Iterable[Alert], at: datetime
) -> list[Alert]:
    """The alerts about `fact` that differ from those held, as far as the rules asked have a say in them."""
    judgement = judge(fact, bound.values(), record)
    if not (judgement.findings or judgement.failed or held):
        return []
    said: dict[tuple[str, str], Said] = {}
    for (id, cause), finding in judgement.findings.items():
        said[id, cause] = _of_fact(bound[id].rule, fact, finding, judgement.shadows.get(id), cause)
    for id, kind in judgement.failed.items():
        said[FAILURE.id, id] = _of_fact(FAILURE, fact, failure(bound[id].rule, kind), cause=id)
    # Of two under one rule, where its major version has changed, the one that holds comes last and counts.
    stored = {(alert.rule, alert.cause): alert for alert in sorted(held, key=lambda one: not one.retracted)}
    moved = [alert for key, one in said.items() for alert in raised(patient, one, stored.get(key), at)]
    asked = bound.keys() - judgement.failed.keys()
    return moved + withdrawn(
        old
        for (id, cause), old in stored.items()
        if (id, cause) not in said
        and (cause if id == FAILURE.id else id) in asked
        and not _of_clock(bound, id, cause)
    )


def _of_clock(bound: Mapping[str, Bound], id: str, cause: str) -> bool:
    """Whether the clock of the rule says it, not its judgement."""
    rule = bound[id].rule if id in bound else None
    return rule is not None and rule.clock is not None and (bool(cause) or not rule.judges)


def retracted(held: Iterable[Alert], asked: Mapping[str, Bound], *, gone: bool) -> list[Alert]:
    """Retractions of the alerts about a changed resource on which no rule in force has a say any more."""
    orphans = [
        alert for alert in held if (alert.cause if alert.rule == FAILURE.id else alert.rule) not in asked
    ]
    return withdrawn(orphans, _GONE if gone else _NO_LONGER)


def fallen(rule: Rule, about: str, finding: Finding, known: datetime) -> Said:
    """What a clock rule says of an instant, which the record told of first at `known`."""
    assert finding.at is not None, "a moment has a time of its own"
    return Said(rule, about, finding.at, finding, late=known - finding.at > LATE, cause=finding.cause)


def _of_fact(rule: Rule, fact: Fact, finding: Finding, lower: Shadow | None = None, cause: str = "") -> Said:
    return Said(
        rule,
        fact.source,
        finding.at or fact.at,
        finding,
        None if finding.at else fact.until,
        fact.late and not isinstance(fact, Order),
        fact.order or fact.drug if isinstance(fact, Dose) else "",
        lower,
        cause,
    )


def raised(patient: str, said: Said, old: Alert | None, at: datetime) -> list[Alert]:
    """The alert, if it is not held just so already; under another id where the rule's major version has changed."""
    key = identity(said.rule.id, said.rule.major, patient, said.about, said.cause)
    if old and old.id != key.id:
        return [*withdrawn([old]), *raised(patient, said, None, at)]
    if old and not old.retracted and _same(old, said):
        return []
    return [
        Alert(
            id=key.id,
            key_value=key.key,
            rule=said.rule.id,
            about=said.about,
            at=said.at,
            until=said.until,
            cause=said.cause,
            order=said.order,
            late=said.late,
            finding=said.finding,
            issued=old.issued if old and not old.retracted else at,
            phase="late" if said.late else "new",
            lower=said.lower,
        )
    ]


def _same(old: Alert, said: Said) -> bool:
    if (old.at, old.until, old.late, old.finding) != (said.at, said.until, said.late, said.finding):
        return False
    return replace(old.lower, episode=None) == said.lower if old.lower else said.lower is None


def withdrawn(alerts: Iterable[Alert], why: str = _NO_LONGER) -> list[Alert]:
    """Retractions of those that still stand."""
    return [
        replace(alert, retracted=why, episode=None, lower=None) for alert in alerts if not alert.retracted
    ]
