"""The working state of a batch: what it has read, what it will write, every patient's chart as of now."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from models.errors import Invalid
from models.fhir.codec import parse
from models.patient import local
from models.problem import Problem
from models.resource_types import TYPES
from models.search.index import index
from models.search.matching import matches
from models.search.query import Query
from models.store.ledger import Turn
from models.stored import ALERT, NOTHING, READING, REGIMEN, Stored, prepare
from models.times import EVER, micros, moment
from service.alerts.chart import Alert, Change, Chart, revise
from service.alerts.chart import encode as encode_alert
from service.alerts.observation import observation
from service.charts import Charts, Kept
from service.intake import Entry
from service.loading import load, reach, widen
from service.pending import Pending
from service.record.facts import Fact, Reading, Symptom, decode, encode
from service.record.lift import Lifted, ending, lift
from service.ruleset import Ruleset

Held = Pending | Stored


class Mark(NamedTuple):
    """A state to go back to when a transaction fails half way."""

    latest: dict[tuple[str, str], Held | None]
    charts: dict[str, Kept]
    rows: int
    alerts: dict[str, tuple[str, Alert]]


class Move(NamedTuple):
    """What a patient's record holds of a resource: what it was, what it becomes."""

    patient: str
    source: str
    old: Fact | None
    fact: Fact | None


class Unit:
    """One batch at work on an open turn; nothing is written before `rows`."""

    def __init__(
        self, turn: Turn, cache: Charts, rules: Ruleset, now: datetime, bases: Sequence[str]
    ) -> None:
        self._turn, self._cache, self._rules, self._now, self._bases = turn, cache, rules, now, bases
        self._latest: dict[tuple[str, str], Held | None] = {}
        self._rows: list[Pending] = []
        self._alerts: dict[str, tuple[str, Alert]] = {}
        self._heads: dict[str, int] = {}
        self.charts: dict[str, Kept] = {}

    def begin(self, entries: Iterable[Entry]) -> None:
        """Lock everything that the entries touch, then read what is there."""
        entries = list(entries)
        locked = {key for entry in entries for key in entry.locks()}
        self._turn.lock(locked)
        targets = {entry.target for entry in entries if entry.method != "POST"}
        self._latest = {**dict.fromkeys(targets), **(self._turn.latest(targets) if targets else {})}
        patients = {entry.indexed.patient for entry in entries if entry.indexed}
        self._watch(patients, locked)
        self._watch({held.patient for held in self._latest.values() if held} - patients, locked)

    def _watch(self, patients: set[str], locked: set[str]) -> None:
        """Lock those patients that are not locked yet, and learn where their records stand."""
        patients = {patient for patient in patients if patient and patient not in self._heads}
        if patients:
            self._turn.lock(patients - locked)
            self._heads |= {**dict.fromkeys(patients, 0), **self._turn.heads(patients)}

    def latest(self, target: tuple[str, str]) -> Held | None:
        """The newest version of a resource, those of this batch included."""
        return self._latest.get(target)

    def matching(self, query: Query) -> list[Stored]:
        """Up to two resources that answer a conditional request, those of this batch included."""
        found = [row for row in self._turn.search(query, 2) if (row.type, row.id) not in self._latest]
        now = micros(self._now)
        for held in self._latest.values():
            if held is None or held.method == "DELETE" or held.type != query.served.name:
                continue
            indexed = (
                held.indexed
                if isinstance(held, Pending)
                else index(TYPES[held.type], parse(held.content.encode()), self._bases)
            )
            if indexed and matches(query, held.id, now, indexed):
                found.append(held.stored() if isinstance(held, Pending) else held)
        return found[:2]

    def mark(self) -> Mark:
        """The present state."""
        return Mark(dict(self._latest), dict(self.charts), len(self._rows), dict(self._alerts))

    def reset(self, mark: Mark) -> None:
        """Back to that state."""
        self._latest, self.charts, self._alerts = mark.latest, mark.charts, mark.alerts
        del self._rows[mark.rows :]

    def write(
        self, entry: Entry, previous: Held | None
    ) -> tuple[Pending, tuple[Alert, ...], tuple[Problem, ...]]:
        """Take in one entry: its version, the alerts that it raises, warnings to its sender. Raises Invalid."""
        lifted = self._lift(entry, previous)
        if lifted.refusals:
            raise Invalid(lifted.refusals)
        row = Pending(
            type=entry.type,
            id=entry.id,
            number=previous.number + 1 if previous else 1,
            method=entry.method,
            patient=entry.indexed.patient if entry.indexed else previous.patient if previous else "",
            content=entry.content,
            indexed=entry.indexed,
            kind=_kind(lifted.fact),
            lifted=encode(lifted.fact) if lifted.fact else None,
            previous=previous,
        )
        raised = self._revise(_moves(row, lifted.fact, previous))
        self._rows.append(row)
        self._latest[entry.target] = row
        if entry.type == "Medication":
            raised += self._relift(entry)
        return row, raised, lifted.warnings

    def _lift(self, entry: Entry, previous: Held | None) -> Lifted:
        if entry.doc is None:
            return Lifted(None)
        lifted = lift(
            dict(entry.doc), self._recorded(previous), self._medication, ending(_fact(previous), self._now)
        )
        if lifted.fact and entry.indexed and not entry.indexed.patient:
            return lifted._replace(fact=None, refusals=(*lifted.refusals, _unwatched(entry.type)))
        return lifted

    def _medication(self, reference: str) -> dict[str, Any] | None:
        type, _, id = local(reference, self._bases).partition("/")
        if type != "Medication" or "/" in id:
            return None
        if (type, id) not in self._latest:
            self._latest |= {(type, id): None, **self._turn.latest({(type, id)})}
        held = self._latest[type, id]
        return parse(held.content.encode()) if held and held.method != "DELETE" else None

    def _revise(self, moves: Iterable[Move]) -> tuple[Alert, ...]:
        raised: tuple[Alert, ...] = ()
        for move in moves:
            kept = self._chart(move)
            revision = revise(kept.chart, [Change(move.source, move.fact)], self._now, self._rules)
            self.charts[move.patient] = kept._replace(chart=revision.chart)
            self._alerts |= {alert.id: (move.patient, alert) for alert in revision.changed}
            raised += revision.raised
        return raised

    def _chart(self, move: Move) -> Kept:
        """The patient's chart, complete as far back as the change reaches."""
        self._watch({move.patient}, set())
        head = self._heads[move.patient]
        changes = [Change(move.source, fact) for fact in (move.old, move.fact) if fact]
        kept = self.charts.get(move.patient) or self._cache.get(move.patient, head)
        if kept is None:
            kept = load(self._turn, move.patient, head, reach(changes, Chart(move.patient), self._rules))
        if kept.since == -EVER:
            return kept
        need = reach(changes, kept.chart, self._rules)
        return widen(self._turn, kept, need, self._latest) if need < kept.since else kept

    def _relift(self, entry: Entry) -> tuple[Alert, ...]:
        """Orders and doses that refer to a Medication mean something else once it has changed."""
        raised: tuple[Alert, ...] = ()
        for stored in self._turn.referring(f"Medication/{entry.id}"):
            if (stored.type, stored.id) in self._latest or not stored.patient:
                continue
            old = _fact(stored)
            doc = parse(stored.content.encode())
            fact = lift(doc, self._recorded(stored), self._medication, ending(old, self._now)).fact
            if fact != old:
                text = encode(fact) if fact else None
                self._turn.relift([stored._replace(lifted=text, kind=_kind(fact))])
                raised += self._revise([Move(stored.patient, stored.reference, old, fact)])
        return raised

    def _recorded(self, previous: Held | None) -> datetime:
        """When the first version of a resource was recorded; now, if this is the first."""
        fact = _fact(previous)
        if previous is None or fact:
            return fact.recorded if fact else self._now
        if previous.number == 1 and previous.seq:
            return moment(previous.seq)
        first = self._turn.first((previous.type, previous.id))
        return moment(first) if first else self._now

    def rows(self) -> list[Pending]:
        """Everything to be written: what was taken in, then the alerts as they stand at the end."""
        stored = self._turn.latest({("Observation", id) for id in self._alerts}) if self._alerts else {}
        for id, (patient, alert) in self._alerts.items():
            previous = stored.get(("Observation", id))
            if previous is None and alert.status != "final":
                continue
            row = _alert_row(alert, patient, previous, self._bases)
            if previous is None or previous.content != row.content:
                self._rows.append(row)
                self._latest["Observation", id] = row
            else:
                self._latest["Observation", id] = previous
                if previous.lifted != row.lifted:
                    self._turn.relift([previous._replace(lifted=row.lifted)])
        return self._rows

    def is_current(self, row: Pending) -> bool:
        """Whether a row of this batch is its resource's newest version and not a deletion."""
        return row.method != "DELETE" and self._latest.get((row.type, row.id)) is row

    def superseded(self) -> list[Stored]:
        """The stored versions that are no longer current."""
        return [row.previous for row in self._rows if isinstance(row.previous, Stored)]

    def standing(self, alert: Alert) -> Stored | None:
        """The version of an alert that is final when the batch has ended."""
        held = self._latest.get(("Observation", alert.id))
        if held is None or self._alerts[alert.id][1].status != "final":
            return None
        return held.stored() if isinstance(held, Pending) else held


def _moves(row: Pending, fact: Fact | None, previous: Held | None) -> Iterator[Move]:
    """How the facts change: twice where a resource has moved from one patient to another."""
    source, old = f"{row.type}/{row.id}", _fact(previous)
    if old and previous and previous.patient != row.patient:
        yield Move(previous.patient, source, old, None)
        old = None
    if old or fact:
        yield Move(row.patient, source, old, fact)


def _fact(previous: Held | None) -> Fact | None:
    """What the rules know of the version that is superseded."""
    return decode(previous.lifted) if previous and previous.lifted and previous.kind != ALERT else None


def _unwatched(type: str) -> Problem:
    text = (
        f"{type}.subject names a contained resource, which stands for no patient that could be watched; "
        "refer to the patient by Type/id, by an absolute URL or by identifier."
    )
    return Problem("business-rule", text, f"{type}.subject", "watchable-subject")


def _kind(fact: Fact | None) -> int:
    return NOTHING if fact is None else READING if isinstance(fact, Reading | Symptom) else REGIMEN


def _alert_row(alert: Alert, patient: str, previous: Stored | None, bases: Sequence[str]) -> Pending:
    doc = observation(alert, patient)
    return Pending(
        type="Observation",
        id=alert.id,
        number=previous.number + 1 if previous else 1,
        method="PUT" if previous else "POST",
        patient=patient,
        content=prepare(doc, alert.id),
        indexed=index(TYPES["Observation"], doc, bases),
        kind=ALERT,
        lifted=encode_alert(alert),
        previous=previous,
    )
