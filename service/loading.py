"""Charts from the database: as much of a patient's record as a change can reach, no more."""

from collections.abc import Container, Iterable, Sequence

from models.store.ledger import Turn
from models.stored import ALERT, Stored
from models.times import EVER, micros
from service.alerts.chart import Alert, Chart, Change, horizon
from service.alerts.chart import decode as decode_alert
from service.charts import Kept
from service.record.facts import Fact, decode
from service.record.record import Record
from service.ruleset import Ruleset

DAY = 86_400_000_000


def since(touched: Iterable[Fact]) -> int:
    """From when on a chart is loaded for a change at hand, before its regimen is known: three days before."""
    return min(micros(fact.at) for fact in touched) - 3 * DAY


def reach(touched: Sequence[Fact], chart: Chart, rules: Ruleset) -> int:
    """From when on the chart must be complete to judge a change of these facts; microseconds."""
    need = horizon([Change(fact.source, fact) for fact in touched], chart, rules)
    return -EVER if need is None else micros(need) - DAY


def load(turn: Turn, patient: str, head: int, since: int) -> Kept:
    """A patient's chart; a patient without a head has none yet."""
    if head == 0:
        return Kept(0, -EVER, Chart(patient=patient, record=Record(), alerts={}))
    facts, alerts = _split(turn.chart(patient, since))
    chart = Chart(patient=patient, record=Record.of(facts), alerts=alerts)
    return Kept(head, since, chart)


def widen(turn: Turn, patient: str, kept: Kept, since: int, touched: Container[tuple[str, str]]) -> Kept:
    """The chart with what lies between `since` and its beginning, but for what this batch has `touched`."""
    rows = [row for row in turn.between(patient, since, kept.since) if (row.type, row.id) not in touched]
    facts, alerts = _split(rows)
    record = kept.chart.record.changed({fact.source: fact for fact in facts})
    chart = Chart(patient=patient, record=record, alerts={**alerts, **kept.chart.alerts})
    return Kept(kept.seq, since, chart)


def _split(rows: Iterable[Stored]) -> tuple[list[Fact], dict[str, Alert]]:
    facts: list[Fact] = []
    alerts: dict[str, Alert] = {}
    for row in rows:
        if row.kind == ALERT and row.lifted:
            alerts[row.id] = decode_alert(row.lifted)
        elif row.lifted:
            facts.append(decode(row.lifted))
    return facts, alerts
