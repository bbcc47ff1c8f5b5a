"""What is read often walks an index: the poll, searches, histories; none reads the whole table, none sorts it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from models.resource_types import TYPES
from models.search.cursor import Cursor
from models.search.query import parse, parse_inside
from models.store import queries, search
from models.store.consumers import Consumer
from models.store.ledger import Ledger
from models.store.statement import Statement
from service.consumers import behind
from tests.build import panel
from tests.store.rows import NOW as BEGIN
from tests.store.rows import put

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MIDDLE = BEGIN + 500
"""A change number with as many before it as after it."""


def _page(asked: str) -> Statement:
    pairs = [tuple(pair.split("=")) for pair in asked.split("&") if pair]
    query = parse(TYPES["Observation"], [(name, value) for name, value in pairs], (), NOW)
    return search.page(query._replace(cursor=Cursor("e", tuple(MIDDLE for _ in query.keys), MIDDLE)), 50)


def _mixed() -> Iterator[dict[str, Any]]:
    """Readings among many more resources of another type."""
    for at in range(1_000):
        yield {"resourceType": "Patient", "id": f"p{at}"}
        if at % 20 == 0:
            yield {**panel(120, 80, patient=f"p{at}"), "id": f"r{at}"}


def _compartment(asked: str) -> Statement:
    name, _, value = asked.partition("=")
    return search.page(parse_inside("Patient/p1", [(name, value)], (), NOW), 50)


def _consumer(criteria: str) -> Consumer:
    return Consumer("pager", criteria, "", 0, MIDDLE, MIDDLE, 0, 0, "e", MIDDLE)


STATEMENTS = {
    "consumer": (search.page(behind(_consumer("_tag=new"), MIDDLE, NOW), 50), "version_alert"),
    "lag": (search.waiting(behind(_consumer(""), MIDDLE, NOW), 10), "version_alert"),
    "lag of what pages": (search.waiting(behind(_consumer("_tag=new"), MIDDLE, NOW), 10), "version_alert"),
    "poll": (_page("category=alert&_sort=_lastUpdated"), "version_alert"),
    "poll of what pages": (_page("category=alert&_tag=new,escalated,reminder"), "version_alert"),
    "feed of a type": (_page("_sort=_lastUpdated"), "version_feed"),
    "newest of a type": (_page("_sort=-_lastUpdated"), "version_feed"),
    "patient": (_page("patient=p1&_sort=-date"), "version_patient"),
    "compartment": (_compartment("_type=Observation"), "version_patient"),
    "whole compartment": (_compartment("_type=Observation,Patient"), "version_patient"),
    "history of a type": (queries.history(queries.Versions("Observation"), 10**18, 50), "version_feed"),
    "history of a type since": (
        queries.history(queries.Versions("Observation", since=MIDDLE), 10**18, 50),
        "version_feed",
    ),
    "history of everything": (queries.history(queries.Versions(), 10**18, 50), ""),
    "history of one": (queries.history(queries.Versions("Observation", "r1"), 10**18, 50), "version_of"),
    "history of one since": (
        queries.history(queries.Versions("Observation", "r1", MIDDLE), 10**18, 50),
        "version_of",
    ),
    "count of a type": (queries.how_many(queries.Versions("Observation", since=MIDDLE)), "version_feed"),
}
"""Statements, each with the index that it walks; "" is the primary key."""
PRIMARY = {"sqlite": "sqlite_autoindex_version_1", "postgresql": "version_pkey"}


@pytest.mark.parametrize("name", STATEMENTS)
def test_what_is_read_often_walks_an_index(database: Engine, name: str) -> None:
    statement, index = STATEMENTS[name]
    put(Ledger(database), _mixed())
    plan = _plan(database, statement)
    assert (index or PRIMARY[database.dialect.name]) in plan
    assert not re.search(r"SCAN v(?! USING)|Seq Scan on version|TEMP B-TREE FOR ORDER BY of v", plan), plan


def _plan(database: Engine, statement: Statement) -> str:
    with database.connect() as connection:
        if database.dialect.name == "sqlite":
            return "\n".join(
                map(str, connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement.sql}", statement.args))
            )
        connection.execute(text("ANALYZE version"))
        for way in ("seqscan", "bitmapscan", "sort"):  # what pays in a small table alone
            connection.execute(text(f"SET LOCAL enable_{way} = off"))
        return "\n".join(
            row[0] for row in connection.execute(text(f"EXPLAIN {statement.sql}"), statement.args)
        )
