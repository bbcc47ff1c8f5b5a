"""What an operation reads it finds along an index: it costs what the patient's record is long, and not the ward's."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from models.resource_types import TYPES
from models.search.query import parse
from models.store import everything, search

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LASTN = [("patient", "p1"), ("_sort", "-date"), ("_count", "1000")]
STATEMENTS = {
    "bears": everything.bears("Patient/p1"),
    "everything": everything.page("Patient/p1", everything.ALL, 0, (0, -1), 201),
    "everything of some types": everything.page(
        "Patient/p1", everything.Kinds(("Observation", "Medication")), 7, (1, 9), 201
    ),
    "medications": everything.medications(("m1", "m2")),
    "lastn": search.page(parse(TYPES["Observation"], LASTN, (), NOW), 1000),
}


WARD = """
INSERT INTO version
    (seq, patient, type, id, number, method, current, alert, low, high, kind, lifted, content)
SELECT n, 'Patient/q' || n % 500, CASE WHEN n % 20 = 0 THEN 'Medication' ELSE 'Observation' END, 'r' || n, 1,
    'POST', true, false, n, n, 0, NULL, '{}'
FROM generate_series(1, 20000) n
"""
"""A ward of 500 patients: PostgreSQL's planner looks at what is there, SQLite's does not."""


@pytest.fixture
def ward(database: Engine) -> Engine:
    if database.dialect.name == "postgresql":
        with database.begin() as connection:
            connection.execute(text(WARD))
            connection.execute(text("ANALYZE version"))
    return database


def test_each_statement_goes_along_the_index_of_patients(ward: Engine) -> None:
    for name, (sql, args) in STATEMENTS.items():
        plan = _plan(ward, sql, args)
        assert ("version_of" if name == "medications" else "version_patient") in plan, (name, plan)
        assert not any(walk in plan for walk in ("SCAN v", "Seq Scan on version", "Seq Scan on token"))


def _plan(database: Engine, sql: str, args: dict[str, Any]) -> str:
    """What the planner would do."""
    explain = "EXPLAIN QUERY PLAN" if database.dialect.name == "sqlite" else "EXPLAIN"
    with database.connect() as connection:
        return str(connection.execute(text(f"{explain} {sql}"), args).all())
