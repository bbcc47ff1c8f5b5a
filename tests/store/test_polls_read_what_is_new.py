"""A poll costs as much as there is news, however much there was before and whatever it is found by."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from models.resource_types import TYPES
from models.search.cursor import Cursor
from models.search.query import parse
from models.store import delivering, search
from models.store.ledger import Ledger
from models.store.statement import Statement
from models.times import moment
from service.record.codes import ALERT_CATEGORY
from tests.build import panel
from tests.store.rows import NOW, put

NEVER = datetime(2026, 1, 1, tzinfo=UTC)
ALERT = {"coding": [{"system": ALERT_CATEGORY, "code": "alert"}]}
MANY, NEWS = 2_000, 5
LAST = NOW + MANY - NEWS


def _alerts() -> Iterator[dict[str, Any]]:
    for at in range(MANY):
        doc = panel(84, 50, patient=f"p{at % 7}")
        tag = {"tag": [{"system": "http://example.org/tags", "code": "new"}]}
        yield {**doc, "id": f"a{at}", "category": [*doc["category"], ALERT], "meta": tag}


ASKED = {
    "alerts": "category=alert",
    "alerts by system": f"category={ALERT_CATEGORY}|alert",
    "alerts by tag": "category=alert&_tag=new,escalated",
    "a code": "code=85354-9",
    "all but a code": "code:not=8867-4",
    "a component": "component-code=8480-6",
    "a limit of a component": "component-code-value-quantity=8480-6$lt90",
}


def _query(asked: str) -> Any:
    pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in asked.split("&"))]
    return parse(TYPES["Observation"], pairs, (), NEVER)


WAYS = {
    "cursor": lambda asked: search.page(_query(asked)._replace(cursor=Cursor("e", (), LAST)), 50),
    "date": lambda asked: search.page(_query(f"{asked}&_lastUpdated=gt{moment(LAST).isoformat()[:-6]}Z"), 50),
    "subscription": lambda asked: delivering.page(_query(asked), LAST, 50),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_was_before_is_not_read(database: Engine, way: str) -> None:
    put(Ledger(database), _alerts())
    for analyzed in (False, True):
        for name, asked in ASKED.items():
            found, read = READ[database.dialect.name](database, WAYS[way](asked))
            assert found == NEWS, name
            assert read < MANY / 2, f"{name} reads {read}, analyzed: {analyzed}"
        with database.connect() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()


def _of_sqlite(database: Engine, statement: Statement) -> tuple[int, int]:
    """The rows of an answer, and the tens of instructions that it took for each of them."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with database.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(step, 10)
        found = connection.exec_driver_sql(statement.sql, statement.args).fetchall()
        driver.set_progress_handler(None, 0)
    return len(found), steps


def _of_postgresql(database: Engine, statement: Statement) -> tuple[int, int]:
    """The rows of an answer, and the most that any part of the plan has given; planned for any values."""
    with database.connect() as connection:
        connection.execute(text("SET plan_cache_mode = force_generic_plan"))
        found = connection.execute(text(statement.sql), statement.args).fetchall()
        plan = connection.execute(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}"), statement.args)
        (told,) = plan.one()
    (top,) = told if isinstance(told, list) else json.loads(told)
    return len(found), max(_rows(top["Plan"]))


def _rows(node: Mapping[str, Any]) -> Iterator[int]:
    yield int(node["Actual Rows"] * node["Actual Loops"]) + int(node.get("Rows Removed by Filter", 0))
    for below in node.get("Plans", ()):
        yield from _rows(below)


READ = {"sqlite": _of_sqlite, "postgresql": _of_postgresql}
