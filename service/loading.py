"""Charts from the database: as much of a patient's record as a change can reach, no more."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from models.store.ledger import Head, Ledger, Turn
from models.stored import Stored
from models.times import EVER, micros, moment
from service.alerts.chart import Alert, Change, Chart, baseline_windows, deeper, horizon
from service.alerts.chart import decode as decode_alert
from service.charts import Kept
from service.moves import Move
from service.record.facts import Fact, decode
from service.record.record import Record
from service.ruleset import Ruleset

Touched = Callable[[tuple[str, str]], bool]
"""Whether a batch has written the resource of this (type, id), or put it under another patient: it knows it better
than what is stored. What it has only read, as it does for a resend, it does not."""
PAGE = 1_000
"""Patients whose keys are read at once."""
DAY = 86_400_000_000
"""Microseconds; what is searched by day is stored by its first instant, so every bound goes a day further."""


def how_many(ledger: Ledger) -> int:
    """How many patients have a record."""
    with ledger.turn() as turn:
        return turn.how_many_patients()


def patients(ledger: Ledger) -> Iterator[str]:
    """The keys of all patients with a record, in an order that stays."""
    after, found = "", list[str]()
    while True:
        with ledger.turn() as turn:
            found = turn.patients(after, PAGE)
        if not found:
            return
        yield from found
        after = found[-1]


def whole(ledger: Ledger, patient: str) -> Kept:
    """A patient's whole chart. Its number is read first: with a write in between it is too old, never too new."""
    with ledger.turn() as turn:
        return load(turn, patient, turn.heads([patient]).get(patient, Head()), -EVER)


def beside(patient: str, rows: Sequence[Stored]) -> Chart:
    """A chart of versions that were read beside the writer, without the time of the clock rules."""
    facts, alerts = _split(rows)
    return Chart(patient, Record.of(facts), alerts)


def reach(changes: Sequence[Change], chart: Chart, rules: Ruleset) -> int:
    """From when on, in microseconds, the chart must be complete to judge the changes."""
    need = horizon(changes, chart, rules)
    return -EVER if need is None else micros(need) - DAY


def load(turn: Turn, patient: str, head: Head, since: int) -> Kept:
    """A patient's chart from `since` on; a patient without a head has nothing yet."""
    if head.seq == 0:
        return Kept(0, -EVER, Chart(patient))
    facts, alerts = _split(turn.chart(patient, since))
    return _with_baselines(turn, Kept(head.seq, since, Chart(patient, Record.of(facts), alerts, due(head))))


def widen(turn: Turn, kept: Kept, since: int, touched: Touched) -> Kept:
    """The chart with what lies between `since` and its beginning, but for what this batch has `touched`."""
    chart = kept.chart
    rows = [row for row in turn.between(chart.patient, since, kept.since) if not touched((row.type, row.id))]
    facts, alerts = _split(rows)
    record = chart.record.changed({fact.source: fact for fact in facts})
    wider = replace(chart, record=record, alerts={**alerts, **chart.alerts})
    return _with_baselines(turn, Kept(kept.seq, since, wider))


def deepen(turn: Turn, kept: Kept, need: int, rules: Ruleset, touched: Touched) -> Kept:
    """The chart, read back to the last measurement before what will be judged of a chart complete from `need` on."""
    while kept.since > -EVER:
        start = moment(need + DAY) + rules.lookback
        further = deeper(kept.chart.record, moment(kept.since + DAY), start, rules)
        if further is None:
            break
        kept = widen(turn, kept, micros(further) - DAY, touched)
    return kept


def as_before(kept: Kept, told: Sequence[Move]) -> Kept:
    """The chart with what moves as it was before: `widen` leaves out what this batch has written."""
    was = {move.source: move.old for move in reversed(told)}
    missed = {source: old for source, old in was.items() if old and kept.chart.record.get(source) is None}
    if not missed:
        return kept
    return kept._replace(chart=replace(kept.chart, record=kept.chart.record.changed(missed)))


def due(head: Head) -> datetime | None:
    """When the clock rules next have something to say."""
    return None if head.due is None else moment(head.due)


def _with_baselines(turn: Turn, kept: Kept) -> Kept:
    """The chart with the readings that baselines are made of, where those are older than the chart."""
    chart, since = kept.chart, kept.since
    if since == -EVER or not chart.record.regimen.courses:
        return kept
    older = [
        (micros(start) - DAY, min(micros(end) + DAY, since))
        for start, end in baseline_windows(chart.record.regimen, moment(since))
        if micros(start) - DAY < since
    ]
    rows = [row for low, high in older for row in turn.between(chart.patient, low, high) if not row.is_alert]
    facts, _ = _split(rows)
    record = chart.record.changed({fact.source: fact for fact in facts})
    return kept._replace(chart=replace(chart, record=record))


def _split(rows: Sequence[Stored]) -> tuple[list[Fact], dict[str, Alert]]:
    facts = [decode(row.lifted) for row in rows if row.lifted and not row.is_alert]
    alerts = {row.id: decode_alert(row.lifted) for row in rows if row.lifted and row.is_alert}
    return facts, alerts
