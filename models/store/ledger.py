"""The write side: one transaction a batch, change numbers given at its end, under the feed's lock."""

import json
import logging
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, bindparam, text
from sqlalchemy.exc import DBAPIError

from models.errors import Unavailable
from models.search.index import Token as SearchToken
from models.search.question import Query
from models.store import chain, search
from models.store.bearers import bearers
from models.store.delivering import Deliveries
from models.store.engine import room
from models.store.keeping import Kept, keep
from models.store.statement import COLUMNS, Statement
from models.stored import REGIMEN, STANDING, Stored
from models.times import EVER

T = TypeVar("T")

log = logging.getLogger(__name__)
_CLASHES = ("40P01", "40001")
"""deadlock_detected and serialization_failure, https://www.postgresql.org/docs/current/errcodes-appendix.html."""
MANY_LOCKS = 1_000
"""More patients than this in one transaction lock everything instead (PostgreSQL's lock table is finite)."""
MANY_STATEMENTS = 100
"""More than this are worth planning anew: a plan for empty tables walks full ones, until they are analysed."""
CHUNK = 400
"""Targets a statement, well below SQLite's limit on bound variables."""

_columns = COLUMNS
_LATEST = text(
    f"SELECT {_columns} FROM version v WHERE v.type = :type AND v.id IN :ids AND NOT EXISTS "
    "(SELECT 1 FROM version n WHERE n.type = v.type AND n.id = v.id AND n.number > v.number)"
).bindparams(bindparam("ids", expanding=True))
"""A type at a time: for pairs of type and id SQLite would read the whole table."""
_FIRST = text("SELECT min(seq) FROM version WHERE type = :type AND id = :id")
_AMONG = {
    "sqlite": "patient IN (SELECT value FROM json_each(:patients))",
    "postgresql": "patient = ANY(ARRAY(SELECT json_array_elements_text(CAST(:patients AS json))))",
}
_HEADS = {
    "sqlite": text(
        f"SELECT json_group_object(patient, json_array(seq, due)) FROM head WHERE {_AMONG['sqlite']}"
    ),
    "postgresql": text(
        f"SELECT json_object_agg(patient, json_build_array(seq, due)) FROM head WHERE {_AMONG['postgresql']}"
    ),
}
"""One row for all patients: fetching row by row, SQLite would let go of the interpreter's lock as often."""
_PATIENTS = text("SELECT patient FROM head WHERE patient > :after ORDER BY patient LIMIT :limit")
_HOW_MANY_PATIENTS = text("SELECT count(*) FROM head")
_OBSERVED = (
    f"SELECT {_columns} FROM version v WHERE v.patient = :patient AND v.current AND v.kind <> 0 "
    "AND v.type = 'Observation'"
)
_TREATED = (
    f"SELECT {_columns} FROM version v WHERE v.patient = :patient AND v.current AND v.kind = {REGIMEN} "
    "AND v.type IN ('MedicationRequest', 'MedicationAdministration', 'Condition', 'AllergyIntolerance', 'Goal', "
    "'Patient')"
)
_STANDING = (
    f"SELECT {_columns} FROM version v WHERE v.patient = :patient AND v.current AND v.kind = {STANDING} "
    "AND v.low < :since"
)
_TIMELESS = f"{_OBSERVED} AND v.low IS NULL UNION ALL {_OBSERVED} AND v.low = {-EVER}"
"""What is found by no time, or by a Period without a beginning: the rules place it by `issued`, or by its arrival."""
_CHART = text(
    f"{_OBSERVED} AND v.low >= :since AND v.low > {-EVER} UNION ALL {_TIMELESS} UNION ALL {_TREATED} "
    f"UNION ALL {_STANDING}"
)
_BETWEEN = text(f"{_OBSERVED} AND v.low >= :low AND v.low < :high AND v.low > {-EVER}")
_REFERRING = text(
    f"SELECT {_columns} FROM token t JOIN version v ON v.seq = t.seq AND v.current "
    "WHERE t.param IN ('MedicationRequest.medicationReference', 'MedicationAdministration.medicationReference') "
    "AND t.code = :code"
)
_LOCK = text(
    "SELECT pg_advisory_xact_lock_shared(0), "
    "(SELECT count(pg_advisory_xact_lock(k)) FROM unnest(CAST(:keys AS bigint[])) AS k)"
)
_PLAN_ANEW = text("DISCARD PLANS")
_LOCK_ALL = text("SELECT pg_advisory_xact_lock(0)")
_OF = {
    name: text(f"SELECT {_columns} FROM version v WHERE v.current AND v.{of}") for name, of in _AMONG.items()
}
_WAITING = text(
    f"SELECT {_columns} FROM version v WHERE v.current AND v.due IS NOT NULL AND v.due <= :now "
    "AND v.patient = :patient ORDER BY v.due, v.seq"
)
_DONE = text("UPDATE version SET due = NULL WHERE seq = :seq AND patient = :patient")
_AMEND = text(
    "UPDATE version SET patient = :patient, lifted = :lifted, kind = :kind WHERE seq = :seq AND patient = :under"
)
_AMEND_ROWS = [
    text(f"UPDATE {table} SET patient = :patient WHERE seq = :seq AND patient = :under")
    for table in ("token", "extent")
]


class InDoubt(Unavailable):
    """The connection broke while committing: whether the write was kept is not known."""


class Clashed(Unavailable):
    """Two transactions waited for each other and this one gave way: nothing was kept, it can be worked again."""


class Head(NamedTuple):
    """Where a patient's record stands: its last change (0: none yet), and when the clock rules are next to be asked, in
    microseconds (None: never, if nothing changes)."""

    seq: int = 0
    due: int | None = None


class Turn:
    """One open write transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._locks = connection.dialect.name == "postgresql"
        self._locked: set[str] = set()

    def lock(self, keys: Collection[str]) -> None:
        """Wait for whoever works on one of these keys, once; SQLite has a single writer and need not."""
        if not self._locks or len(self._locked) > MANY_LOCKS or self._locked.issuperset(keys):
            return
        new = set(keys) - self._locked
        self._locked |= new
        if len(self._locked) > MANY_LOCKS:
            self._connection.execute(_LOCK_ALL)
        else:
            self._connection.execute(_LOCK, {"keys": sorted(map(_lock_number, new))})

    def expect(self, statements: int) -> None:
        """Before many statements: PostgreSQL plans anew what it planned when the tables may have been empty."""
        if self._locks and statements > MANY_STATEMENTS:
            self._connection.execute(_PLAN_ANEW)

    def heads(self, patients: Collection[str]) -> dict[str, Head]:
        """Where the records of those patients stand that have one."""
        statement = _HEADS[self._connection.dialect.name]
        given = {"patients": msgspec.json.encode(sorted(patients)).decode()}
        found: str | dict[str, list[int]] | None = self._connection.execute(statement, given).scalar_one()
        rows = (json.loads(found) if isinstance(found, str) else found) or {}
        return {patient: Head(*row) for patient, row in rows.items()}

    def patients(self, after: str, limit: int) -> list[str]:
        """Keys of patients with a record, in the database's order, behind `after`."""
        return list(self._connection.execute(_PATIENTS, {"after": after, "limit": limit}).scalars())

    def how_many_patients(self) -> int:
        """How many patients have a record."""
        found: int = self._connection.execute(_HOW_MANY_PATIENTS).scalar_one()
        return found

    def latest(self, targets: Collection[tuple[str, str]]) -> dict[tuple[str, str], Stored]:
        """The newest version, a deletion included, of each (type, id) that was ever stored."""
        found: dict[tuple[str, str], Stored] = {}
        for type, ids in groupby(sorted(targets), key=itemgetter(0)):
            for part in _chunks([id for _, id in ids]):
                for row in self._connection.execute(_LATEST, {"type": type, "ids": part}):
                    stored = Stored(*row)
                    found[stored.type, stored.id] = stored
        return found

    def first(self, target: tuple[str, str]) -> int | None:
        """The change number of a resource's first version."""
        type, id = target
        found: int | None = self._connection.execute(_FIRST, {"type": type, "id": id}).scalar_one()
        return found

    def search(self, query: Query, limit: int) -> list[Stored]:
        """Versions that answer a conditional request."""
        statement = search.found(query, limit)
        return [Stored(*row) for row in self._connection.execute(text(statement.sql), statement.args)]

    def chart(self, patient: str, since: int) -> list[Stored]:
        """What the rules know of a patient: readings and alerts since `since`, the rest from ever."""
        rows = self._connection.execute(_CHART, {"patient": patient, "since": since})
        return [Stored(*row) for row in rows]

    def between(self, patient: str, low: int, high: int) -> list[Stored]:
        """A patient's readings and alerts of a span of time."""
        args = {"patient": patient, "low": low, "high": high}
        return [Stored(*row) for row in self._connection.execute(_BETWEEN, args)]

    def referring(self, medication: str) -> list[Stored]:
        """Orders and doses that refer to a Medication."""
        return [Stored(*row) for row in self._connection.execute(_REFERRING, {"code": medication})]

    def bearers(self, identifiers: Sequence[SearchToken], limit: int) -> list[list[str]]:
        """For each identifier the ids of Patients that bear it, up to `limit`."""
        return bearers(self._connection, identifiers, limit)

    def of(self, patients: Collection[str]) -> list[Stored]:
        """Everything current that stands under the keys of those patients."""
        given = {"patients": msgspec.json.encode(sorted(patients)).decode()}
        rows = self._connection.execute(_OF[self._connection.dialect.name], given)
        return [Stored(*row) for row in rows]

    def waiting(self, patient: str, now: int) -> list[Stored]:
        """A patient's versions about which the service has something to do by now."""
        rows = self._connection.execute(_WAITING, {"patient": patient, "now": now})
        return [Stored(*row) for row in rows]

    def done(self, rows: Iterable[Stored]) -> None:
        """There is nothing left to do about these versions."""
        for row in rows:
            self._connection.execute(_DONE, {"seq": row.seq, "patient": row.patient})

    def amend(self, rows: Iterable[tuple[str, Stored]]) -> None:
        """Give versions the patient, kind and fact that stand in each row; with the patient they stood under."""
        for under, row in rows:
            named = {"seq": row.seq, "under": under, "patient": row.patient}
            self._connection.execute(_AMEND, {**named, "lifted": row.lifted, "kind": row.kind})
            if under != row.patient:
                for statement in _AMEND_ROWS:
                    self._connection.execute(statement, named)

    def deliveries(self, process: str) -> Deliveries:
        """What a process does about Subscriptions."""
        return Deliveries(self._connection, process)

    def change(self, statement: Statement) -> bool:
        """Change a row beside the record; False: it is not there, or not as the statement expects it."""
        return self._connection.execute(text(statement.sql), statement.args).rowcount > 0

    def audit(self, events: Sequence[chain.Noted], now: int) -> None:
        """Add events to the audit, behind whatever else is written: until the commit no other process can."""
        if events:
            chain.append(self._connection, events, now)

    def keep(self, kept: Kept, now: int) -> int:
        """Write all that a batch changes; the last of its change numbers."""
        return keep(self._connection, kept, now)


def chart(patient: str, since: int) -> Statement:
    """What `Turn.chart` reads, for a reader beside the writer."""
    return Statement(_CHART.text, {"patient": patient, "since": since})


class Ledger:
    """Opens write transactions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """A transaction that is durable once the block has ended, and leaves no trace if it raises."""
        try:
            with self._engine.connect() as connection:
                transaction = connection.begin()
                yield Turn(connection)
                try:
                    transaction.commit()
                except DBAPIError as error:
                    if error.connection_invalidated:
                        raise InDoubt(
                            "The connection broke while committing; send the request again."
                        ) from error
                    raise
        except (DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            state = getattr(cause, "sqlstate", None)
            log.warning("a transaction failed: %s %s", type(cause).__name__, state or "")
            kind = Clashed if state in _CLASHES else Unavailable
            raise kind("The database could not commit; send the request again.") from error

    @property
    def full(self) -> bool:
        """Whether the disk has no room left, as far as that can be told."""
        return not room(self._engine)

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()


def _lock_number(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), signed=True) or 1


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
