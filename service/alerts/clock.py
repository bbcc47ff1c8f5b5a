"""What becomes true as time passes: the clock rules, at every instant up to now (decision 24)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from service.alerts.alert import Alert, alone
from service.alerts.episodes import standing
from service.alerts.ledger import Ledger
from service.alerts.reconcile import Said, fallen, raised, withdrawn
from service.record.facts import LATE, Fact, Key, Order, Watched
from service.record.moments import BEGINNING, END
from service.record.record import Record
from service.record.regimen import Regimen
from service.rules.hold import FRESH
from service.rules.rule import Moment, Severity, View
from service.rules.rule_failure import RULE as FAILURE
from service.rules.rule_failure import failure
from service.ruleset import Bound, Ruleset

LONGEST = timedelta(days=366)
"""What became true longer ago than this is not judged any more: an order from 1900 would raise alerts without end."""
_INSTANT = timedelta.resolution
_About = tuple[str, str]


class Tick(NamedTuple):
    """The alerts that differ from those held, and the next instant at which something becomes true by itself."""

    moved: list[Alert]
    due: datetime | None


def since(
    before: Record,
    record: Record,
    changes: Mapping[str, Fact | None],
    due: datetime | None,
    at: datetime,
    rules: Ruleset,
) -> datetime | None:
    """From when on the clock rules have something else to say than was judged before; None: from nowhere on."""
    starts = [] if due is None or due > at else [due - _INSTANT]
    if not (before.regimen.courses or record.regimen.courses):
        return min(starts, default=None)
    for source, new in changes.items():
        told = (heard(fact, record, rules) for fact in (before.get(source), new) if fact)
        starts += filter(None, told)
    if before.regimen is not record.regimen and told_anew(before.regimen, record.regimen):
        starts += [reached(order) for one in (before, record) for order in one.regimen.orders]
    return min([*starts, at]) if starts else None


def reached(fact: Fact) -> datetime:
    """From when on a fact has a say: an order before it starts, since its first dose may have to be held."""
    return fact.at - FRESH if isinstance(fact, Order) else fact.at


def heard(fact: Fact, record: Record, rules: Ruleset) -> datetime | None:
    """From when on a fact has a say in the clock rules; None: none of them asks for it.

    One of the background has where a clock rule reaches from it to orders, and not before the first of these.
    """
    if isinstance(fact, Watched):
        return reached(fact)
    reaches = (reach for one in rules.clock for reach in one.rule.reaches if reach.of is type(fact))
    if not any(reach.begins(fact, record) for reach in reaches):
        return None
    return max(fact.at, min(map(reached, record.regimen.orders), default=END))


def told_anew(before: Regimen, regimen: Regimen) -> bool:
    """Whether a change of doses can change what is said of times before them: since when any are sent at all
    (decision 22), and when an order ended that does not say so."""
    known = before.known_since != regimen.known_since
    return known or any(order.ends_with_doses for order in regimen.orders)


def tick(patient: str, record: Record, ledger: Ledger, start: datetime, at: datetime, rules: Ruleset) -> Tick:
    """Judge the clock rules from `start` to `at`. The ledger holds the alerts of the other rules as they are now."""

    def worst(rule: str, moment: datetime) -> Severity | None:
        return standing(rule, rules.above.get(rule), ledger, record, moment)

    start = max(start, at - LONGEST) if at - BEGINNING > LONGEST else start
    view = View(record, worst, rules.site.outpatient)
    moved: list[Alert] = []
    due: datetime | None = None
    for bound in rules.clock:
        try:
            said, next_due = _said(bound, view, start, at)
        except Exception as error:  # a rule that fails never loses what was written (decision 13)
            moved += _failed(patient, bound, record, ledger, type(error).__name__, at)
            continue
        due = min(filter(None, (due, next_due)), default=None)
        moved += _differing(patient, bound, said, ledger, (start, at))
    return Tick(moved, due)


def _said(
    bound: Bound, view: View, start: datetime, at: datetime
) -> tuple[dict[_About, Said], datetime | None]:
    """What the rule says from `start` to `at`, and when it next has something to say."""
    said: dict[_About, Said] = {}
    assert bound.rule.clock is not None
    for moment in bound.rule.clock(view, bound.limits, start):
        if moment.due > at:
            return said, moment.due
        said[moment.about, moment.finding.cause] = fallen(bound.rule, moment, _late(moment, view.record))
    return said, None


def _late(moment: Moment, record: Record) -> bool:
    """Whether it was more than a day old already when the record first told of it."""
    fact = record.get(moment.about)
    known = [fact.recorded] if fact else []
    if isinstance(fact, Order) and record.regimen.known_since:
        known.append(record.regimen.known_since)
    return bool(known) and max(known) - (moment.finding.at or BEGINNING) > LATE


def _differing(
    patient: str, bound: Bound, said: dict[_About, Said], ledger: Ledger, span: tuple[datetime, datetime]
) -> list[Alert]:
    rule, (start, at) = bound.rule, span
    held: dict[_About, Alert] = {}
    for old in ledger.chain(alone(rule.id)).since((start, "")):
        if old.at > at:
            break  # the clock has been put back: what was true will be true again
        if old.cause or not rule.judges:
            held[old.about, old.cause] = old
    moved = [alert for key, one in said.items() for alert in raised(patient, one, held.get(key), at)]
    gone = (old for key, old in held.items() if key not in said)
    return moved + withdrawn(gone) + withdrawn(_broken(bound, ledger))


def _broken(bound: Bound, ledger: Ledger) -> list[Alert]:
    """The alert that the rule failed, if it stands."""
    return [alert for alert in ledger.chain(alone(FAILURE.id)).since(_FIRST) if alert.cause == bound.rule.id]


def _failed(
    patient: str, bound: Bound, record: Record, ledger: Ledger, kind: str, at: datetime
) -> list[Alert]:
    order = next(iter(record.regimen.orders or record.regimen.doses), None)
    if order is None:
        return []
    said = Said(FAILURE, order.source, order.at, failure(bound.rule, kind), cause=bound.rule.id)
    held = next((alert for alert in _broken(bound, ledger) if alert.about == order.source), None)
    return raised(patient, said, held, at)


_FIRST: Key = (BEGINNING, "")
