"""A batch of writes becomes versions, alerts and answers, in one durable transaction."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from models.errors import Invalid, PreconditionFailed, Refused, Unavailable
from models.problem import Problem
from models.store import keeping
from models.store.ledger import InDoubt, Ledger, Turn
from models.stored import ALERT, Stored
from models.times import micros
from service.alerts.chart import Alert
from service.becoming import FIRST, become
from service.bundles import inside
from service.charts import Charts, Kept
from service.intake import Entry, Write, referring
from service.pending import Pending
from service.ruleset import Ruleset
from service.unit import Unit

log = logging.getLogger(__name__)
Outcome = Literal["created", "updated", "unchanged", "deleted", "matched"]
ORDER = {"DELETE": 0, "POST": 1, "PUT": 2}
"""Entries of a transaction are worked in this order (https://hl7.org/fhir/R4/http.html#trules)."""


class Written(NamedTuple):
    """What became of one entry: the version it left, the alerts that it raised (with their versions)."""

    outcome: Outcome
    stored: Stored
    raised: tuple[tuple[Alert, Stored], ...] = ()
    warnings: tuple[Problem, ...] = ()


Answer = tuple[Written, ...]


class _Worked(NamedTuple):
    outcome: Outcome
    row: Pending | Stored
    raised: tuple[Alert, ...] = ()
    warnings: tuple[Problem, ...] = ()


class Intake:
    """Commits batches of writes: `ledger` keeps them, `rules` judge them, `clock` tells the time."""

    def __init__(self, ledger: Ledger, rules: Ruleset, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._rules = rules
        self._clock = clock
        self._charts = Charts()

    def commit(self, writes: Sequence[Write]) -> list[Answer | Exception]:
        """One answer or exception a write; a batch that fails is tried again write by write."""
        try:
            return self._batch(writes)
        except InDoubt as error:
            return [error] * len(writes)
        except Exception as error:
            if len(writes) == 1:
                if not isinstance(error, Refused):
                    log.exception("a write failed")
                return [error]
        answers: list[Answer | Exception] = []
        for write in writes:
            if answers and isinstance(answers[-1], Unavailable):
                answers.append(answers[-1])
            else:
                answers += self.commit([write])
        return answers

    def _batch(self, writes: Sequence[Write]) -> list[Answer | Exception]:
        now = self._clock()
        with self._ledger.turn() as turn:
            bases = tuple(dict.fromkeys(base for write in writes for base in write.bases))
            unit = Unit(turn, self._charts, self._rules, now, bases)
            unit.begin([entry for write in writes for entry in write.entries])
            worked = [self._work(unit, write) for write in writes]
            kept = _keep(turn, unit, now)
        for patient, chart in kept.items():
            self._charts.keep(patient, chart)
        _tell_failures(unit)
        return [part if isinstance(part, Exception) else _answer(unit, part) for part in worked]

    def _work(self, unit: Unit, write: Write) -> list[_Worked] | Refused:
        if not write.transaction:
            try:
                return [_one(unit, write.entries[0])]
            except Refused as error:
                return error
        before, entries = unit.state.copy(), _settled(unit, write)
        done: dict[int, _Worked] = {}
        for at in sorted(range(len(entries)), key=lambda at: _turn_of(entries[at])):
            try:
                done[at] = _one(unit, entries[at])
            except Refused as error:
                unit.state = before
                return inside(error, at)
        return [done[at] for at in range(len(done))]


def _settled(unit: Unit, write: Write) -> Sequence[Entry]:
    """The entries of a transaction, with references to what is there already in the place of those to its copy."""
    names: dict[str, str] = {}
    asked: dict[tuple[str, ...], str] = {}
    for entry in write.entries:
        if entry.if_none_exist is None:
            continue
        criteria = (entry.type, *sorted("=".join(pair) for pair in entry.if_none_exist.pairs))
        matched = [] if criteria in asked else unit.matching(entry.if_none_exist)
        reference = f"{entry.type}/{entry.id}"
        asked.setdefault(criteria, matched[0].reference if len(matched) == 1 else reference)
        if asked[criteria] != reference:
            names[reference] = asked[criteria]
    return [referring(entry, names, write.bases) for entry in write.entries] if names else write.entries


def _one(unit: Unit, entry: Entry) -> _Worked:
    """Work one entry; raises Refused before anything of the unit has changed."""
    if entry.if_none_exist:
        matched = unit.matching(entry.if_none_exist)
        if len(matched) > 1:
            raise PreconditionFailed(
                f"If-None-Exist matches {len(matched)} or more resources; give criteria for one."
            )
        if matched:
            return _Worked("matched", matched[0])
    previous = unit.latest(entry.target)
    _check_match(entry, previous)
    if previous and previous.kind == ALERT:
        raise Invalid(
            [Problem("business-rule", "Alerts are written by this service alone.", "", "alert-read-only")]
        )
    gone = previous is None or previous.method == "DELETE"
    if entry.method == "DELETE":
        if previous is None or gone:
            return _Worked(
                "deleted", previous or Stored(0, entry.type, entry.id, 0, "DELETE", "", None, 0, None, "")
            )
    elif previous and not gone and previous.content == entry.content:
        return _Worked("unchanged", previous)
    row, raised, warnings = unit.write(entry, previous)
    raised += become(unit, entry, previous)
    return _Worked(
        "deleted" if entry.method == "DELETE" else "created" if gone else "updated", row, raised, warnings
    )


def _turn_of(entry: Entry) -> tuple[bool, bool, int]:
    """Deletions first, then what others refer to."""
    return entry.method != "DELETE", entry.type not in FIRST, ORDER[entry.method]


def _check_match(entry: Entry, previous: Pending | Stored | None) -> None:
    if entry.if_match is None:
        return
    current = str(previous.number) if previous and previous.method != "DELETE" else "none"
    if current == "none" or entry.if_match not in (current, "*"):
        raise PreconditionFailed(
            f"If-Match asks for version {entry.if_match[:40]!r}, the current version is {current}; "
            "read it and try again."
        )


def _keep(turn: Turn, unit: Unit, now: datetime) -> dict[str, Kept]:
    """Number and insert what the unit holds; the charts as they are from now on."""
    rows, state = unit.rows(), unit.state
    if not rows:
        return {}
    turn.amend(state.amended.values())
    current = [unit.is_current(row) for row in rows]
    versions = [
        row.columns(at, stands) for at, (row, stands) in enumerate(zip(rows, current, strict=True), 1)
    ]
    tokens = [token for at, row in enumerate(rows, 1) if current[at - 1] for token in row.tokens(at)]
    extents = [extent for at, row in enumerate(rows, 1) if current[at - 1] for extent in row.extents(at)]
    head = turn.keep(
        keeping.Kept(versions, tokens, extents, unit.superseded(), list(state.charts)), micros(now)
    )
    for seq, row in enumerate(rows, head - len(rows) + 1):
        row.seq = seq
    return {patient: kept._replace(seq=head) for patient, kept in state.charts.items()}


def _tell_failures(unit: Unit) -> None:
    """A rule that failed is an alert to the ward and an error to whoever runs the service."""
    for _, alert in unit.state.alerts.values():
        if alert.rule == "rule-failure" and not alert.retracted:
            log.error("the rule %s failed: %s", alert.cause, alert.finding.text)


def _answer(unit: Unit, worked: Sequence[_Worked]) -> Answer:
    return tuple(
        Written(
            part.outcome,
            part.row.stored() if isinstance(part.row, Pending) else part.row,
            tuple((alert, version) for alert in part.raised if (version := unit.standing(alert))),
            part.warnings,
        )
        for part in worked
    )
