"""No statement of the write path reads a whole table: what a write costs does not grow with what is kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from models.store.engine import engine
from models.store.ledger import MANY_LOCKS, Ledger
from models.store.migrate import migrate
from service.commit import Intake
from service.intake import Entry, Write, entry
from service.ruleset import load
from tests.build import panel

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _entries() -> Iterator[Entry]:
    """Low readings of many patients, two of each, so that alerts are raised, changed and looked up together."""
    for number in range(12):
        for minutes in (30, 5):
            at = (NOW - timedelta(minutes=minutes)).isoformat()
            doc = panel(84, 50, at, f"p{number}", id=f"r{number}-{minutes}")
            yield entry("PUT", doc, doc["id"], ())
        yield _patient(f"p{number}", 3)


def _patient(id: str, identifiers: int) -> Entry:
    """A Patient, some of whose identifiers others bear too."""
    given = [{"system": "urn:mrn", "value": f"{at}"} for at in range(identifiers)]
    return entry("PUT", {"resourceType": "Patient", "id": id, "identifier": given}, id, ())


@pytest.fixture
def statements(database: Engine) -> list[tuple[str, Any]]:
    """What the write path sends to the database, with its arguments."""
    sent: list[tuple[str, Any]] = []
    event.listen(
        database,
        "before_cursor_execute",
        lambda _c, _k, sql, args, _x, many: many or sent.append((sql, args)),
    )
    return sent


def test_a_batch_of_writes_reads_along_indexes_alone(
    database: Engine, statements: list[tuple[str, Any]]
) -> None:
    intake = Intake(Ledger(database), load(), lambda: NOW)
    for _ in range(2):  # the second time everything is there already
        answers = intake.commit([Write((one,)) for one in _entries()])
        assert not [answer for answer in answers if isinstance(answer, Exception)]
    read = [(sql, args) for sql, args in statements if " version " in sql and sql.startswith("SELECT")]
    assert len(read) >= 2
    scans = [sql for sql, args in read if _scans(database, sql, args)]
    assert scans == []


def test_the_identifiers_of_a_patient_are_looked_up_together(
    database: Engine, statements: list[tuple[str, Any]]
) -> None:
    sent = []
    for id, identifiers in (("p1", 1), ("p2", 1), ("p3", 50)):
        statements.clear()
        answers = Intake(Ledger(database), load(), lambda: NOW).commit([Write((_patient(id, identifiers),))])
        assert not isinstance(answers[0], Exception)
        sent.append(sum(sql.startswith("SELECT") for sql, _ in statements))
    assert sent[0] > 1
    assert sent[2] <= sent[1] + 1  # what bearers of other identifiers have may be locked


def test_no_transaction_takes_more_locks_than_a_server_has(postgresql_url: str) -> None:
    """They were counted by statement, and a transaction of many identifiers failed however often it was sent again."""
    database = engine(postgresql_url)
    migrate(database)
    with Ledger(database).turn() as turn, database.connect() as other:
        for start in range(0, 4 * MANY_LOCKS, MANY_LOCKS // 2):
            turn.lock({f"Patient/{at}" for at in range(start, start + MANY_LOCKS // 2)})
        taken = other.execute(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).scalar_one()
    database.dispose()
    assert 1 < taken <= MANY_LOCKS + 2


def _scans(database: Engine, sql: str, args: Any) -> bool:
    """Whether the planner, kept from what pays in a small table alone, would walk a whole one."""
    with database.connect() as connection:
        if database.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", args).all()
            return any(f"SCAN {table}" in str(row) for row in plan for table in "vt")
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.exec_driver_sql(f"EXPLAIN {sql}", args).all()
        return any("Seq Scan" in str(row) for row in plan)
