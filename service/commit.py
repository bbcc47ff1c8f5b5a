"""A batch of writes becomes versions, alerts and answers, in one durable transaction."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from models.access.permissions import Permissions
from models.errors import Conflict, Invalid, PreconditionFailed, Refused, Unavailable
from models.fhir.codec import alike
from models.problem import Problem
from models.store import keeping
from models.store.ledger import Clashed, InDoubt, Ledger, Turn
from models.stored import Stored
from models.times import micros
from service.aiming import aimed, check_match, exists, patched
from service.alerts.chart import Alert, Revision
from service.alerts.episodes import REPEAT
from service.audit.event import noted
from service.audit.witness import witnessed
from service.becoming import become
from service.bundles import inside, twice
from service.charts import Charts, Kept
from service.delivery import asking
from service.delivery.endpoints import Endpoints
from service.device import ENGINE
from service.intake import Entry, Write
from service.matching import matching, told
from service.moves import Held, Move
from service.pending import Pending
from service.permitted import check, known
from service.ruleset import Ruleset
from service.settling import in_turn, settled
from service.tasks.acknowledging import acknowledged
from service.tasks.reminding import reminded
from service.tasks.taking_part import part_taken
from service.tasks.task import Taken
from service.unit import Unit

log = logging.getLogger(__name__)
Outcome = Literal["created", "updated", "unchanged", "deleted", "matched"]
ATTEMPTS = 3
"""Of a write that the database ends because it and another waited for each other."""


class Written(NamedTuple):
    """What became of one entry: the version it left, the alerts that it raised (with their versions), the Task of an
    alert that it took up."""

    outcome: Outcome
    stored: Stored
    raised: tuple[tuple[Alert, Stored], ...] = ()
    warnings: tuple[Problem, ...] = ()
    taken: Taken | None = None


Answer = tuple[Written, ...]


class Missed(Conflict):
    """What a chore was about is not there, or is another by now."""


MISSED = "It was changed meanwhile; send the request again."


class _Worked(NamedTuple):
    outcome: Outcome
    row: Pending | Stored
    moves: tuple[Move, ...] = ()
    warnings: tuple[Problem, ...] = ()
    raised: tuple[Alert, ...] = ()
    taken: Taken | None = None


class Intake:
    """Commits batches of writes: `ledger` keeps them, `rules` judge them, `clock` tells the time.

    `interval` is how long a critical alert waits until it is reminded of; none: for ever. `endpoints` are those that
    Subscriptions may name.
    """

    def __init__(
        self,
        ledger: Ledger,
        rules: Ruleset,
        clock: Callable[[], datetime],
        interval: timedelta = REPEAT["critical"],
        endpoints: Endpoints = Endpoints(),  # noqa: B008 - a value
    ) -> None:
        self._ledger = ledger
        self._endpoints = endpoints
        self._rules = rules
        self._clock = clock
        self._interval = interval
        self._charts = Charts()

    def commit(self, writes: Sequence[Write], attempts: int = ATTEMPTS) -> list[Answer | Exception]:
        """One answer or exception a write; a batch that fails is tried again write by write."""
        try:
            return self._batch(writes)
        except InDoubt as error:
            return [error] * len(writes)
        except Clashed as error:
            return self.commit(writes, attempts - 1) if attempts > 1 else [error] * len(writes)
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

    def adopt(self, kept: Kept, revision: Revision) -> bool:
        """Write the alerts of a whole record judged anew; False: it was changed since it was read, judge it again."""
        now = self._clock()
        with self._ledger.turn() as turn:
            unit = Unit(turn, self._charts, self._rules, now, (), self._endpoints, self._interval)
            if not unit.adopt(kept, revision):
                return False
            _keep(turn, unit, now)
        _tell_failures(unit)
        return True

    def _batch(self, writes: Sequence[Write]) -> list[Answer | Exception]:
        now = self._clock()
        with self._ledger.turn() as turn:
            bases = tuple(dict.fromkeys(base for write in writes for base in write.bases))
            unit = Unit(turn, self._charts, self._rules, now, bases, self._endpoints, self._interval)
            due = [patient for write in writes for patient in write.due]
            told = [write.acknowledgement.alert for write in writes if write.acknowledgement]
            unit.begin([entry for write in writes for entry in write.entries], due, told)
            worked = [self._work(unit, write) for write in writes]
            asking.note(turn, writes, worked)
            missed = _done(turn, writes)
            kept = _keep(turn, unit, now)
            turn.audit([*map(noted, witnessed(writes, worked, missed))], micros(now))
        for patient, chart in kept.items():
            self._charts.keep(patient, chart)
        _tell_failures(unit)
        answers = [part if isinstance(part, Exception) else _answer(unit, part) for part in worked]
        return [missed.get(at, answer) for at, answer in enumerate(answers)]

    def _work(self, unit: Unit, write: Write) -> list[_Worked] | Refused:
        if write.due:
            unit.tick(write.due)
            reminded(unit, write.due)
            return []
        if write.acknowledgement:
            try:
                return [_Worked(*acknowledged(unit, write.acknowledgement, write.permissions))]
            except Refused as error:
                return error
        if not write.entries:  # a chore, or events for the audit alone
            return []
        if not write.transaction:
            try:
                return _judged(unit, [_one(unit, write.entries[0], write.permissions)])
            except Refused as error:
                return error
        before = unit.state.copy()
        try:
            return _judged(unit, _all(unit, settled(unit, write), write.permissions))
        except Refused as error:
            unit.state = before
            return error


def _done(turn: Turn, writes: Sequence[Write]) -> dict[int, Missed]:
    """Do the chores in the order of their keys; those that missed, each by the place of its write."""
    chores = sorted((one.chore.key, at) for at, one in enumerate(writes) if one.chore)
    works = ((at, chore.work) for _, at in chores if (chore := writes[at].chore))
    return {at: Missed(MISSED) for at, work in works if not work(turn)}


def _all(unit: Unit, entries: Sequence[Entry], permissions: Permissions | None) -> list[_Worked]:
    """Work the entries of a transaction in their order; raises Refused, naming the entry that is refused."""
    done: dict[int, _Worked] = {}
    written: dict[tuple[str, str], int] = {}
    for at in in_turn(entries):
        try:
            done[at] = _one(unit, entries[at], permissions)
            row = done[at].row
            if done[at].outcome != "matched" and row.id and written.setdefault((row.type, row.id), at) != at:
                raise Invalid([twice(row.type, row.id, entries[written[row.type, row.id]].place)])
        except Refused as error:
            raise inside(error, entries[at].place) from error
    return [done[at] for at in range(len(done))]


def _one(unit: Unit, entry: Entry, permissions: Permissions | None) -> _Worked:
    """Work one entry; raises Refused before anything of the unit has changed."""
    if entry.if_none_exist:
        matched = matching(unit, entry.if_none_exist)
        if len(matched) > 1:
            raise PreconditionFailed(
                f"If-None-Exist matches {told(len(matched))} resources; give criteria for one."
            )
        if matched:
            return _Worked("matched", matched[0])
    entry = aimed(unit, entry, permissions)
    method, held = entry.method, unit.latest(entry.target)
    previous = known(unit, entry, held, permissions)
    if entry.patch:
        exists(entry, previous)
    check_match(entry, previous)
    if (previous and previous.is_alert) or entry.target == ENGINE:
        text = f"{entry.type}/{entry.id} is written by this service alone."
        raise Invalid([Problem("business-rule", text, "", "alert-read-only")])
    found: tuple[Problem, ...] = ()
    if entry.patch and previous:
        entry, found = patched(unit, entry, previous)
    if permissions and method != "DELETE":
        check(unit, method, entry, held, previous, permissions)
    worked = _write(unit, entry, previous if method == "DELETE" else held)
    return worked._replace(warnings=(*found, *worked.warnings)) if found else worked


def _write(unit: Unit, entry: Entry, previous: Held | None) -> _Worked:
    gone = previous is None or previous.method == "DELETE"
    if entry.method == "DELETE":
        if previous is None or gone:
            return _Worked(
                "deleted", previous or Stored(0, entry.type, entry.id, 0, "DELETE", "", None, 0, None, "")
            )
    elif (
        previous
        and not gone
        and (previous.content == entry.content or alike(previous.content, entry.content))
    ):
        return _Worked("unchanged", previous)
    taken = part_taken(entry, previous, unit.now, unit.bases) if previous and previous.is_asked else None
    row, moves, warnings = unit.write(entry, previous)
    moves += become(unit, entry, previous)
    outcome: Outcome = "deleted" if entry.method == "DELETE" else "created" if gone else "updated"
    return _Worked(outcome, row, moves, warnings, taken=taken)


def _judged(unit: Unit, worked: list[_Worked]) -> list[_Worked]:
    """The entries with the alerts that they raised: an alert goes to the entry that it is about, else to the last
    one that moved its patient's record. Judged once for all of them: one by one, each would judge the rest again."""
    raised: dict[int, list[Alert]] = {}
    about = {part.row.reference: at for at, part in enumerate(worked)}
    last = {move.patient: at for at, part in enumerate(worked) for move in part.moves}
    for alert in unit.revise(move for part in worked for move in part.moves):
        patient = unit.state.alerts[alert.id][0]
        raised.setdefault(about.get(alert.about, last[patient]), []).append(alert)
    return [part._replace(raised=tuple(raised.get(at, ()))) for at, part in enumerate(worked)]


def _keep(turn: Turn, unit: Unit, now: datetime) -> dict[str, Kept]:
    """Number and insert what the unit holds; the charts as they are from now on."""
    rows, state = unit.rows(), unit.state
    turn.done(state.done)
    if not (rows or state.amended or unit.waits_otherwise()):
        return {}
    turn.amend(state.amended.values())
    current = [unit.is_current(row) for row in rows]
    versions = [
        row.columns(at, stands) for at, (row, stands) in enumerate(zip(rows, current, strict=True), 1)
    ]
    tokens = [token for at, row in enumerate(rows, 1) if current[at - 1] for token in row.tokens(at)]
    extents = [extent for at, row in enumerate(rows, 1) if current[at - 1] for extent in row.extents(at)]
    dues = {patient: kept.chart.due for patient, kept in state.charts.items()}
    heads = [(patient, micros(due) if due else None) for patient, due in sorted(dues.items())]
    head = turn.keep(keeping.Kept(versions, tokens, extents, unit.superseded(), heads), micros(now))
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
            part.taken,
        )
        for part in worked
    )
