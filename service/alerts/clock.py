"""What becomes true as time passes: the clock rules, at every instant up to now (decision 24)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from service.alerts.alert import Alert, alone
from service.alerts.episodes import standing
from service.alerts.ledger import Ledger
from service.alerts.reconcile import Said, fallen, raised, withdrawn
from service.record.facts import Fact, Goal, Key, Order, Reading, Watched
from service.record.moments import BEGINNING, END
from service.record.record import Record
from service.record.regimen import Regimen
from service.rules.hold import FRESH, HOLDING
from service.rules.rule import View
from service.rules.rule_failure import RULE as FAILURE
from service.rules.rule_failure import failure
from service.ruleset import Bound, Ruleset

LONGEST = timedelta(days=366)
"""What became true longer ago than this is not judged any more: an order from 1900 would raise alerts without end."""
_INSTANT = timedelta.resolution
_About = tuple[str, str]
_READING = frozenset({Reading})


Dues = Mapping[str, datetime | None]
"""By clock rule: the next instant at which it has something to say even if nothing changes; None: never."""


class Waiting(Protocol):
    """A chart, as far as it waits for something: for what `dues` tells, where it is known, and at first for `due`."""

    @property
    def due(self) -> datetime | None: ...

    @property
    def dues(self) -> "Dues": ...


class Tick(NamedTuple):
    """The alerts that differ from those held, and when each rule next has something to say."""

    moved: list[Alert]
    dues: Dues


class Span(NamedTuple):
    """What is to be judged: instants from `start` to `at`, by the rules for which `dues` does not tell that nothing of
    the kinds `changed` matters to them; `added` says that nothing but readings came, none in the place of another."""

    start: datetime
    at: datetime
    changed: frozenset[type]
    dues: Dues
    added: bool = False


def span(
    before: Record,
    record: Record,
    changes: Mapping[str, Fact | None],
    chart: Waiting,
    moved: Iterable[Alert],
    at: datetime,
    rules: Ruleset,
) -> Span | None:
    """Where the clock rules have something else to say than was judged before; None: nowhere.

    `moved` are the alerts that the changes moved: one that holds a dose can be older than the symptom that made it so.
    """
    starts = [] if chart.due is None or chart.due > at else [chart.due - _INSTANT]
    changed: frozenset[type] = frozenset()
    added = False
    if before.regimen.courses or record.regimen.courses:
        facts = [fact for source, new in changes.items() for fact in (before.get(source), new) if fact]
        starts += filter(None, (heard(fact, record, rules) for fact in facts))
        starts += (alert.at for alert in moved if alert.rule in HOLDING)
        changed = frozenset(map(type, facts))
        added = changed == _READING and all(before.get(source) is None for source in changes)
        if before.regimen is not record.regimen and told_anew(before.regimen, record.regimen):
            starts += [order.at - FRESH for one in (before, record) for order in one.regimen.orders]
    return Span(min([*starts, at]), at, changed, chart.dues, added) if starts else None


def reached(fact: Fact, regimen: Regimen) -> datetime:
    """From when on a fact has a say: an order before it starts, since its first dose may have to be held, and from the
    first dose on that names it, which fills no slot of the others then."""
    if not isinstance(fact, Order):
        return fact.at
    return min([fact.at - FRESH, *(dose.at for dose in regimen.doses if dose.order == fact.source)])


def heard(fact: Fact, record: Record, rules: Ruleset) -> datetime | None:
    """From when on a fact has a say in the clock rules; None: none of them asks for it.

    One of the background has where a clock rule reaches from it to orders, and not before the first of these.
    """
    if isinstance(fact, Watched | Goal):
        return reached(fact, record.regimen)
    reaches = (reach for one in rules.clock for reach in one.rule.reaches if reach.of is type(fact))
    if not any(reach.begins(fact, record) for reach in reaches):
        return None
    return max(fact.at, min((reached(order, record.regimen) for order in record.regimen.orders), default=END))


def told_anew(before: Regimen, regimen: Regimen) -> bool:
    """Whether a change of doses can change what is said of times before them: since when any are sent at all
    (decision 22), and when an order ended that does not say so."""
    known = before.known_since != regimen.known_since
    return known or any(order.ends_with_doses for order in regimen.orders)


def seen(record: Record, ledger: Ledger, rules: Ruleset) -> View:
    """What clock rules see of a record and its alerts."""
    return View(
        record,
        lambda names, moment: standing(names, rules.above, ledger, record, moment),
        rules.site.outpatient,
    )


def tick(patient: str, record: Record, ledger: Ledger, within: Span, rules: Ruleset) -> Tick:
    """Judge the clock rules within a span. The ledger holds the alerts of the other rules as they are now."""
    start, at = within.start, within.at
    start = max(start, at - LONGEST) if at - BEGINNING > LONGEST else start
    view = seen(record, ledger, rules)
    moved: list[Alert] = []
    dues: dict[str, datetime | None] = {}
    for bound in rules.clock:
        if _unmoved(bound, within, ledger, rules):
            dues[bound.rule.id] = within.dues[bound.rule.id]
            continue
        try:
            said, dues[bound.rule.id] = _said(bound, view, start, at)
        except Exception as error:  # a rule that fails never loses what was written (decision 13)
            moved += _failed(patient, bound, record, ledger, type(error).__name__, at)
            continue
        moved += _differing(patient, bound, said, ledger, (start, at))
    return Tick(moved, dues)


def _unmoved(bound: Bound, within: Span, ledger: Ledger, rules: Ruleset) -> bool:
    """Whether it is known to have nothing else to say than before, until it is due next: as soon, if not later."""
    rule = bound.rule
    if rule.id not in within.dues:
        return False
    due = within.dues[rule.id]
    if due and due <= within.at:
        return False
    if within.changed.isdisjoint(rules.heeded[rule.id]):
        return True
    if not within.added or rule.calm is None or ledger.reaches(alone(rule.id), (within.start, "")):
        return False
    return due is None or due - within.start <= rule.calm(bound.limits)


def _said(
    bound: Bound, view: View, start: datetime, at: datetime
) -> tuple[dict[_About, Said], datetime | None]:
    """What the rule says from `start` to `at`, and when it next has something to say."""
    said: dict[_About, Said] = {}
    assert bound.rule.clock is not None
    for moment in bound.rule.clock(view, bound.limits, start):
        if moment.due > at:
            return said, moment.due
        finding = moment.tell()
        said[moment.about, finding.cause] = fallen(
            bound.rule, moment.about, finding, _known(moment.about, view.record)
        )
    return said, None


def _known(about: str, record: Record) -> datetime:
    """When the record first told of what is due under an order, or after a dose."""
    fact = record.get(about)
    known = [fact.recorded] if fact else []
    if isinstance(fact, Order) and record.regimen.known_since:
        known.append(record.regimen.known_since)
    return max(known, default=BEGINNING)


def _differing(
    patient: str, bound: Bound, said: dict[_About, Said], ledger: Ledger, span: tuple[datetime, datetime]
) -> list[Alert]:
    rule, (start, at) = bound.rule, span
    if not said and not ledger.reaches(alone(rule.id), (start, "")):
        return withdrawn(_broken(bound, ledger))
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


def first(dues: Dues) -> datetime | None:
    """The earliest of them."""
    return min(filter(None, dues.values()), default=None)
