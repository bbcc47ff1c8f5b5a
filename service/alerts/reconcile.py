"""Findings against the alerts that are there: raise, keep, change, retract."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec.structs import replace

from service.alerts.alert import Alert, Shadow, identity
from service.alerts.judgement import judge
from service.record.facts import Fact, Order
from service.record.record import Record
from service.rules.rule import Finding
from service.ruleset import Bound

FAILURE = "rule-failure"
_GONE = "Retracted: the resource that it is about was withdrawn, corrected or deleted."
_NO_LONGER = "Retracted: it no longer follows from the record as it now stands."


def reconciled(
    patient: str, fact: Fact, bound: Mapping[str, Bound], record: Record, held: Iterable[Alert], at: datetime
) -> list[Alert]:
    """The alerts about `fact` that differ from those held, as far as the rules asked have a say in them."""
    said = judge(fact, bound.values(), record)
    stored = {(alert.rule, alert.cause): alert for alert in held}
    moved: list[Alert] = []
    for rule in bound:
        if rule in said.failed:
            failed = failure(rule, bound[rule].rule.title, said.failed[rule])
            moved += _raised(
                patient, FAILURE, bound[rule], rule, fact, failed, None, stored.get((FAILURE, rule)), at
            )
            continue
        finding = said.findings.get(rule)
        old = stored.get((rule, "")) if stored else None
        if finding is not None:
            moved += _raised(patient, rule, bound[rule], "", fact, finding, said.shadows.get(rule), old, at)
        elif old:
            moved += _withdrawn([old], _NO_LONGER)
        if stored and (FAILURE, rule) in stored:
            moved += _withdrawn([stored[FAILURE, rule]], _NO_LONGER)
    return moved


def retracted(held: Iterable[Alert], asked: Mapping[str, Bound], *, gone: bool) -> list[Alert]:
    """Retractions of the alerts about a changed resource on which no rule that is in force has a say any more."""
    orphans = [alert for alert in held if (alert.cause or alert.rule) not in asked]
    return _withdrawn(orphans, _GONE if gone else _NO_LONGER)


def failure(rule: str, title: str, kind: str) -> Finding:
    """What stands in the place of a rule that raised: low, and never instead of the reading."""
    text = (
        f"The rule '{title}' ({rule}) failed on this and said nothing ({kind}). The reading is kept; judge it by "
        "eye and tell whoever runs this service."
    )
    return Finding(severity="low", side="unreadable", text=text, reasons=(rule,))


def _raised(
    patient: str,
    name: str,
    bound: Bound,
    cause: str,
    fact: Fact,
    finding: Finding,
    lower: Shadow | None,
    old: Alert | None,
    at: datetime,
) -> list[Alert]:
    late = fact.late and not isinstance(fact, Order)
    where = (finding.at or fact.at, fact.until if finding.at is None else None, late)
    if old and not old.retracted and old.finding == finding and (old.at, old.until, old.late) == where:
        same = (old.lower and (old.lower.severity, old.lower.returns)) == (
            lower and (lower.severity, lower.returns)
        )
        if same:
            return []
    key = identity(name, bound.rule.major, patient, fact.source, cause)
    return [
        Alert(
            id=key.id,
            key_value=key.key,
            rule=name,
            about=fact.source,
            at=where[0],
            until=where[1],
            cause=cause,
            late=late,
            finding=finding,
            issued=old.issued if old and not old.retracted else at,
            phase="late" if late else "new",
            lower=lower,
        )
    ]


def _withdrawn(alerts: Iterable[Alert], why: str) -> list[Alert]:
    return [
        replace(alert, retracted=why, episode=None, lower=None) for alert in alerts if not alert.retracted
    ]
