"""A patient's chart: record and alerts, and the one step from a change of facts to the alerts that now follow.

`revise` judges what the changes can reach and reconciles it with the alerts that are there: raise, keep, retract,
re-phase. Any order and any grouping of the same changes ends in the same alerts (but for `issued`). `rejudged` does
so for a whole record, when it is the rules that have changed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from service.alerts import clock
from service.alerts.alert import Alert, decode, encode
from service.alerts.due import Due
from service.alerts.due import due as due_facts
from service.alerts.episodes import walk
from service.alerts.horizon import Change, baseline_windows, deeper, reaching_back
from service.alerts.ledger import Ledger
from service.alerts.reconcile import reconciled, retracted
from service.record.facts import Fact, Key, Reading
from service.record.moments import BEGINNING, END
from service.record.record import Record
from service.ruleset import Ruleset

__all__ = [
    "Alert",
    "Change",
    "Chart",
    "Revision",
    "baseline_windows",
    "decode",
    "deeper",
    "encode",
    "horizon",
    "rejudged",
    "revise",
]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is known of one patient: `patient` is the patient key, `alerts` by id, retracted ones included.

    It may be a window: facts and alerts from some time on, with every fact but observations, the readings of
    `baseline_windows`, and what `deeper` asks for. `horizon` says how far back a change needs it. `due` is the next
    instant at which the clock rules have something to say even if nothing changes; `dues` tells it by rule, where the
    chart was judged as a whole since it was read.
    """

    patient: str
    record: Record = field(default_factory=Record)
    alerts: Mapping[str, Alert] = field(default_factory=Ledger)
    due: datetime | None = None
    dues: Mapping[str, datetime | None] = field(default_factory=dict)

    @property
    def ledger(self) -> Ledger:
        return Ledger.of(self.alerts)


class Revision(NamedTuple):
    """The chart after a change, and the alerts to write; of these `raised` became final.

    Of `changed` some may read as before and only carry another episode to go on from: their document is the same
    and needs no new version, their stored text is replaced.
    """

    chart: Chart
    changed: tuple[Alert, ...] = ()
    raised: tuple[Alert, ...] = ()


def horizon(changes: Sequence[Change], chart: Chart, rules: Ruleset) -> datetime | None:
    """How far back (effective time) the chart must be complete for `revise` to be right; None: all of it.

    Of a changed fact the earlier version counts too: name it as another change where the chart may not hold it.
    """
    was = [fact for fact in (chart.record.get(change.source) for change in changes) if fact]
    now = [change.fact for change in changes if change.fact]
    start = reaching_back([*was, *now], changes, chart.record, chart.due, rules)
    return start if start > BEGINNING else None


def revise(chart: Chart, changes: Sequence[Change], at: datetime, rules: Ruleset) -> Revision:
    """Apply `changes` (of two to one source the later), recorded at `at`, and bring the alerts up to date.

    Without changes it judges what has become true by `at`.
    """
    before = chart.record.judged_by(rules.plausible)
    told = {change.source: change.fact for change in changes}
    # The same again changes nothing; what is gone may lie outside the window, and its alerts in it.
    facts = {source: fact for source, fact in told.items() if fact is None or before.get(source) != fact}
    record = before.changed(facts)
    stored = Ledger.of(chart.alerts)
    asked = due_facts(before, record, facts, rules)
    moved = _reconciled(Chart(chart.patient, record, stored), asked, facts, at, rules)
    ledger = stored.put(moved) if moved else stored
    touched = _touched(stored, moved, rules)
    read = [key for source, new in facts.items() for key in _reading_keys(before.get(source), new)]
    rephased: list[Alert] = []
    if touched or (read and min(read)[0] <= ledger.latest):
        ledger, rephased = _rephased(ledger, record, touched, read, rules)
    moved += rephased
    due, dues = chart.due, chart.dues
    within = clock.span(before, record, facts, chart, moved, at, rules)
    if within:
        ticked, dues = clock.tick(chart.patient, record, ledger, within, rules)
        ledger = ledger.put(ticked) if ticked else ledger
        moved += ticked
        due = clock.first(dues)
    return _revision(stored, Chart(chart.patient, record, ledger, due, dues), moved)


def rejudged(chart: Chart, at: datetime, rules: Ruleset) -> Revision:
    """Judge every fact of a whole record anew at `at`, and bring every alert up to date.

    For rules other than those that judged it so far: `revise` trusts that what its changes do not reach was judged
    by the same ones. From a chart without alerts it gives what the record implies.
    """
    record = chart.record.judged_by(rules.plausible)
    stored = Ledger.of(chart.alerts)
    asked: Due = {fact.source: (fact, rules.judging[type(fact)]) for fact in record.facts.values()}
    about = dict.fromkeys(alert.about for alert in stored.values())
    moved = _reconciled(Chart(chart.patient, record, stored), asked, about, at, rules)
    ledger = Ledger.of({**stored, **{alert.id: alert for alert in moved}})
    every: dict[str, list[Key]] = {
        name: [(BEGINNING, ""), (END, "")] for name in _touched(ledger, ledger.values(), rules)
    }
    ledger, rephased = _rephased(ledger, record, every, [], rules)
    within = clock.Span(BEGINNING, at, frozenset(), {})
    ticked, dues = clock.tick(chart.patient, record, ledger, within, rules)
    judged = Chart(chart.patient, record, ledger.put(ticked), clock.first(dues), dues)
    return _revision(stored, judged, [*moved, *rephased, *ticked])


def _reconciled(
    chart: Chart, asked: Due, sources: Collection[str], at: datetime, rules: Ruleset
) -> list[Alert]:
    """What the rules asked say otherwise than before; of `sources`, retractions where no rule has a say any more."""
    stored, moved = chart.ledger, list[Alert]()
    for fact, bound in asked.values():
        moved += reconciled(chart.patient, fact, bound, chart.record, stored.about(fact.source), at)
    by_clock = {one.rule.id: one for one in rules.clock}
    for source in sources:
        held = stored.about(source)
        if held:
            there = chart.record.get(source) is not None
            says = {**(asked[source][1] if source in asked else {}), **by_clock} if there else {}
            moved += retracted(held, says, gone=not there)
    return moved


def _rephased(
    ledger: Ledger, record: Record, touched: Mapping[str, list[Key]], read: list[Key], rules: Ruleset
) -> tuple[Ledger, list[Alert]]:
    """The ledger with phases and episodes as the breaches, and the readings between them, now make them."""
    every: list[Alert] = []
    for rule in rules.episodic:
        # Episodes of doses end by time alone: readings between them change nothing.
        chains = {name: keys for name, keys in touched.items() if name.startswith(f"{rule.id}|")}
        if read or rule.id in touched:
            chains[rule.id] = touched.get(rule.id, []) + read
        for name, keys in chains.items():
            if name in touched or min(read)[0] <= ledger.latest:
                moved = [*walk(rule, name, rules.above.get(rule.id), ledger, record, min(keys), max(keys))]
                ledger = ledger.put(moved) if moved else ledger
                every += moved
    return ledger, every


def _reading_keys(old: Fact | None, new: Fact | None) -> list[Key]:
    """Where a reading that could close an episode came or went."""
    return [fact.key for fact in (old, new) if isinstance(fact, Reading)] if old != new else []


def _touched(stored: Ledger, moved: Iterable[Alert], rules: Ruleset) -> dict[str, list[Key]]:
    """By chain, the places at which a breach came, went or changed."""
    touched: dict[str, list[Key]] = {}
    for alert in moved:
        old = stored.get(alert.id, alert)
        bound = rules.by_id.get(alert.rule)
        for name in {old.chain, alert.chain, bound.rule.over if bound else None}:
            if name:
                touched.setdefault(name, []).extend((old.key, alert.key))
    return touched


def _revision(stored: Ledger, chart: Chart, moved: Iterable[Alert]) -> Revision:
    latest = {alert.id: alert for alert in moved}
    if not latest:
        return Revision(chart)
    changed = [alert for alert in latest.values() if stored.get(alert.id) != alert]
    changed.sort(key=lambda alert: (alert.at, alert.about, alert.rule))
    raised = (alert for alert in changed if not alert.retracted and _is_new(stored.get(alert.id)))
    return Revision(chart, tuple(changed), tuple(raised))


def _is_new(was: Alert | None) -> bool:
    return was is None or bool(was.retracted)
