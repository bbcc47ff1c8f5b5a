"""The working state of a batch: what it has read, what it will write, every patient's chart as of now."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from models.errors import Invalid
from models.fhir.codec import parse
from models.patient import BY_IDENTIFIER, identifier_of, local
from models.problem import Problem
from models.search.index import Token, fit
from models.store.ledger import Head, Turn
from models.stored import ASKED, Stored
from models.times import EVER, moment
from service.alerts.chart import Alert, Change, Chart, Revision, revise
from service.alerts.chart import encode as encode_alert
from service.charts import Charts, Kept
from service.delivery.endpoints import Endpoints
from service.delivery.subscription import refusals
from service.identified import Identified
from service.intake import Entry, nobodys
from service.loading import as_before, deepen, due, load, reach, widen
from service.moves import Held, Move, fact_of, kind_of, moves
from service.pending import Pending
from service.record.facts import Fact, encode
from service.record.lift import Lifted, ending, lift
from service.ruleset import Ruleset
from service.state import State
from service.tasks.rows import Desk, alert_rows

TakenIn = tuple[Pending, tuple[Move, ...], tuple[Problem, ...]]
SOME, MANY = 3, 100
"""Bearers of an identifier that are told: SOME are enough, but a batch may have taken it from those that are kept."""


class Unit:
    """One batch at work on an open turn; nothing is written before `rows` and `amended`."""

    def __init__(
        self,
        turn: Turn,
        cache: Charts,
        rules: Ruleset,
        now: datetime,
        bases: Sequence[str],
        endpoints: Endpoints,
        interval: timedelta = timedelta(),
    ) -> None:
        self.turn, self.now, self.bases = turn, now, bases
        self._endpoints = endpoints
        self.desk = Desk(now, bases, interval)
        self._cache, self._rules = cache, rules
        self._heads: dict[str, Head] = {}
        self.identified = Identified()
        self.state = State()

    def begin(
        self, entries: Iterable[Entry], patients: Iterable[str] = (), alerts: Iterable[str] = ()
    ) -> None:
        """Lock the patients and all that the entries touch, or will probably turn out to touch; read what is there.
        Likewise the `alerts` of these ids, with their Tasks."""
        entries = list(entries)
        told = {(type, id) for id in alerts for type in ("Observation", "Task")}
        self.turn.expect(len(entries))
        wanted = [row for entry in entries if entry.where for row in self.turn.search(entry.where, 2)]
        if unsaid := told | {entry.target for entry in entries if entry.indexed is None and entry.id}:
            wanted += self.turn.latest(unsaid).values()
        locked = {key for entry in entries for key in entry.locks()}
        locked |= {key for row in wanted for key in (row.reference, row.patient)} | set(patients)
        self.turn.lock(locked)
        self._watch({entry.indexed.patient for entry in entries if entry.indexed})
        targets = {entry.target for entry in entries if entry.method != "POST" and entry.id}
        self.hold(targets | told | {(row.type, row.id) for row in wanted})

    def hold(self, targets: set[tuple[str, str]]) -> None:
        """Lock resources and read their newest versions."""
        if not targets:
            return
        self.turn.lock({f"{type}/{id}" for type, id in targets})
        newest = self.turn.latest(targets)
        self.state.latest |= {**dict.fromkeys(targets), **newest}
        self._watch({held.patient for held in newest.values()})

    def _watch(self, patients: set[str]) -> None:
        """Lock those patients that are not locked yet, and learn where their records stand."""
        patients = {patient for patient in patients if patient and patient not in self._heads}
        if patients:
            self.turn.lock(patients)
            self._heads |= {**dict.fromkeys(patients, Head()), **self.turn.heads(patients)}

    def latest(self, target: tuple[str, str]) -> Held | None:
        """The newest version of a resource, those of this batch included."""
        return self.state.latest.get(target)

    def touched(self, target: tuple[str, str]) -> bool:
        """Whether this batch has written a resource, or put it under another patient."""
        held = self.state.latest.get(target)
        return isinstance(held, Pending) or (held is not None and held.seq in self.state.amended)

    def write(self, entry: Entry, previous: Held | None) -> TakenIn:
        """Take in one entry: its version, what moves in the records, warnings to its sender. Raises Invalid."""
        lifted = self._lift(entry, previous)
        if lifted.refusals:
            raise Invalid(lifted.refusals)
        under = (
            self.known_as(entry.indexed.patient) if entry.indexed else previous.patient if previous else ""
        )
        asked = previous if previous and previous.is_asked and entry.doc else None
        row = Pending(
            type=entry.type,
            id=entry.id,
            number=previous.number + 1 if previous else 1,
            method=entry.method,
            patient=under,
            content=entry.content,
            indexed=entry.indexed,
            kind=ASKED if asked else kind_of(lifted.fact),
            lifted=asked.lifted if asked else encode(lifted.fact) if lifted.fact else None,
            previous=previous,
            due=self.desk.wakes(entry.doc, asked),
        )
        self.add([row])
        self.identified.add(row)
        return row, tuple(moves(row, lifted.fact, previous)), lifted.warnings

    def add(self, rows: Iterable[Pending]) -> None:
        """Take versions that will be written."""
        for row in rows:
            self.state.rows.append(row)
            self.state.latest[row.type, row.id] = row

    def _lift(self, entry: Entry, previous: Held | None) -> Lifted:
        if entry.doc is None or entry.own:
            return Lifted(None)
        if entry.type == "Subscription":
            return Lifted(None, (), refusals(entry.doc, self.bases, self._endpoints, self.now))
        lifted = self.lift(dict(entry.doc), previous)
        return lifted if entry.indexed and entry.indexed.patient else nobodys(lifted, entry.type)

    def lift(self, doc: dict[str, Any], previous: Held | None) -> Lifted:
        """The fact of a document whose version before is `previous`."""
        return lift(doc, self._recorded(previous), self._medication, ending(fact_of(previous), self.now))

    def _medication(self, reference: str) -> dict[str, Any] | None:
        type, _, id = local(reference, self.bases).partition("/")
        if type != "Medication" or "/" in id:
            return None
        if (type, id) not in self.state.latest:
            self.state.latest |= {(type, id): None, **self.turn.latest({(type, id)})}
        held = self.state.latest[type, id]
        return parse(held.content.encode()) if held and held.method != "DELETE" else None

    def _recorded(self, previous: Held | None) -> datetime:
        """When the first version of a resource was recorded; now, if this is the first."""
        fact = fact_of(previous)
        if previous is None or fact:
            return fact.recorded if fact else self.now
        if previous.number == 1 and previous.seq:
            return moment(previous.seq)
        first = self.turn.first((previous.type, previous.id))
        return moment(first) if first else self.now

    def known_as(self, patient: str) -> str:
        """The patient's key: where only an identifier is given, the Patient that bears it, if there is one."""
        if not patient.startswith(BY_IDENTIFIER):
            return patient
        if patient not in self.state.names:
            self.rename({patient})
        return self.state.names[patient]

    def rename(self, names: set[str]) -> dict[str, set[str]]:
        """Look again which Patients bear the identifiers that the names give, and tell them: each name from now on
        stands for its Patient, or for itself where not exactly one bears it."""
        self._watch(names)  # whoever is about to bear one has done so, or waits
        bearers = self._bearers(sorted(names))
        self.state.names |= {name: min(of) if len(of) == 1 else name for name, of in bearers.items()}
        self._watch({self.state.names[name] for name in names})
        return bearers

    def _bearers(self, names: Sequence[str]) -> dict[str, set[str]]:
        """The Patients that bear each identifier, as this batch has left them; of many, not all."""
        pairs = map(identifier_of, names)
        tokens = [Token("Patient.identifier", fit(value), fit(system)) for system, value in pairs]
        stored = self.turn.bearers(tokens, min(SOME + len(self.state.rows), MANY))
        found = {}
        for name, token, ids in zip(names, tokens, stored, strict=True):
            left = [id for id in ids if not self.touched(("Patient", id))]
            new = islice(self.identified.newest(token, self.state), SOME)
            found[name] = {f"Patient/{id}" for id in (*left, *new)}
        return found

    def revise(self, moves: Iterable[Move]) -> tuple[Alert, ...]:
        """Bring the alerts up to date, each patient's at once; those that were raised."""
        raised: tuple[Alert, ...] = ()
        by_patient: dict[str, list[Move]] = {}
        for move in moves:
            by_patient.setdefault(move.patient, []).append(move)
        for patient, told in by_patient.items():
            kept = self._chart(patient, told)
            raised += self._revised(patient, kept, [Change(move.source, move.fact) for move in told])
        return raised

    def _revised(self, patient: str, kept: Kept, changes: Sequence[Change]) -> tuple[Alert, ...]:
        revision = revise(kept.chart, changes, self.now, self._rules)
        self.state.charts[patient] = kept._replace(chart=revision.chart)
        self.state.alerts |= {alert.id: (patient, alert) for alert in revision.changed}
        return revision.raised

    def tick(self, patients: Iterable[str]) -> None:
        """Judge what has become true by now, unless another process has done so already."""
        for patient in patients:
            self._watch({patient})
            waiting = due(self._heads[patient])
            if waiting and waiting <= self.now and patient not in self.state.charts:
                self._revised(patient, self._chart(patient, ()), ())

    def waits_otherwise(self) -> bool:
        """Whether the clock rules next have something to say at another instant than is stored."""
        return any(kept.chart.due != due(self._heads[patient]) for patient, kept in self.state.charts.items())

    def adopt(self, kept: Kept, revision: Revision) -> bool:
        """Take over the alerts of a whole record judged anew, unless somebody has changed it since it was read."""
        patient = kept.chart.patient
        self._watch({patient})
        if self._heads[patient].seq != kept.seq:
            return False
        self.state.charts[patient] = kept._replace(chart=revision.chart)
        self.state.alerts |= {alert.id: (patient, alert) for alert in revision.changed}
        return True

    def _chart(self, patient: str, told: Sequence[Move]) -> Kept:
        """The patient's chart, complete as far back as the moves reach."""
        self._watch({patient})
        head = self._heads[patient]
        changes = [Change(move.source, fact) for move in told for fact in (move.old, move.fact) if fact]
        kept = self.state.charts.get(patient) or self._cache.get(patient, head.seq)
        if kept is None:
            bare = Chart(patient, due=due(head))
            kept = load(self.turn, patient, head, reach(changes, bare, self._rules))
        if kept.since == -EVER:
            return kept
        need = reach(changes, kept.chart, self._rules)
        if need < kept.since:
            kept = widen(self.turn, kept, need, self.touched)
        return as_before(deepen(self.turn, kept, need, self._rules, self.touched), told)

    def amend(self, held: Held, patient: str, fact: Fact | None) -> tuple[Move, ...]:
        """Give a version that stands another patient or another fact; its text and number stay. What moves by it."""
        old, text = fact_of(held), encode(fact) if fact else None
        target = held.type, held.id
        if isinstance(held, Pending):
            amended = replace(held, patient=patient, lifted=text, kind=kind_of(fact))
            self.state.rows[self.state.rows.index(held)] = self.state.latest[target] = amended
        else:
            under, _ = self.state.amended.get(held.seq, (held.patient, held))
            new = held._replace(patient=patient, lifted=text, kind=kind_of(fact))
            self.state.amended[held.seq] = under, new
            self.state.latest[target] = new
        source = f"{held.type}/{held.id}"
        both = (Move(held.patient, source, old, None), Move(patient, source, None, fact))
        told = (Move(patient, source, old, fact),) if held.patient == patient else both
        return tuple(move for move in told if move.old or move.fact)

    def rows(self) -> list[Pending]:
        """Everything to be written: what was taken in, then the alerts as they stand at the end, with their Tasks."""
        state = self.state
        targets = {(type, id) for id in state.alerts for type in ("Observation", "Task")}
        stored = self.turn.latest(targets) if targets else {}
        for id, (patient, alert) in state.alerts.items():
            previous, task = (
                self.latest((type, id)) or stored.get((type, id)) for type in ("Observation", "Task")
            )
            rows = alert_rows(self.desk, alert, patient, previous, task)
            self.add(rows)
            if previous and not any(row.type == "Observation" for row in rows):
                state.latest["Observation", id] = previous
                text = encode_alert(alert)
                if isinstance(previous, Pending):
                    previous.lifted = text
                elif previous.lifted != text:
                    state.amended[previous.seq] = patient, previous._replace(lifted=text)
        return state.rows

    def is_current(self, row: Pending) -> bool:
        """Whether a row of this batch is its resource's newest version and not a deletion."""
        return row.method != "DELETE" and self.state.latest.get((row.type, row.id)) is row

    def superseded(self) -> list[Stored]:
        """The stored versions that are no longer current."""
        return [row.previous for row in self.state.rows if isinstance(row.previous, Stored)]

    def standing(self, alert: Alert) -> Stored | None:
        """The version of an alert that is final when the batch has ended."""
        held = self.state.latest.get(("Observation", alert.id))
        if held is None or self.state.alerts[alert.id][1].status != "final":
            return None
        return held.stored() if isinstance(held, Pending) else held
