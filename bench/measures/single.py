"""One connection: what a single sender waits for, against a bare durable insert of the same bytes."""

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import islice

import psycopg

from bench import ward
from bench.contest import Contest, Figures, Row
from bench.measures.writes import write
from bench.stage import Stage

INSERTS = 400
TABLE = "CREATE TABLE raw (id INTEGER PRIMARY KEY, body TEXT NOT NULL)"


def timed(insert: Callable[[int, str], object], stage: Stage) -> Figures:
    """The latencies of durable inserts of panels, one at a time."""
    bodies: Iterator[str] = (
        ward.body(reading).decode() for reading in ward.readings(stage.patients, stage.now)
    )
    latencies = []
    for number, body in enumerate(islice(bodies, INSERTS)):
        start = time.perf_counter()
        insert(number, body)
        latencies.append(time.perf_counter() - start)
    return Figures(rate=INSERTS / sum(latencies), p50=statistics.median(latencies), p99=max(latencies))


def raw_sqlite(stage: Stage) -> Figures:
    path = stage.database("sqlite").removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(TABLE)
        return timed(lambda *row: connection.execute("INSERT INTO raw VALUES (?, ?)", row), stage)


def raw_postgresql(stage: Stage) -> Figures:
    url = stage.database("postgresql")
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute(TABLE)
        return timed(lambda *row: connection.execute("INSERT INTO raw VALUES (%s, %s)", row), stage)


CONTEST = Contest(
    "single",
    {
        "service on SQLite": partial(write, name="service", connections=1),
        "service on PostgreSQL": partial(write, name="service", engine="postgresql", connections=1),
        "prototype": partial(write, name="prototype", connections=1),
        "raw insert, SQLite": raw_sqlite,
        "raw insert, PostgreSQL": raw_postgresql,
    },
    (
        Row("single-p50", "POST panel, one connection, SQLite: p50 against the prototype",
            1.5, 1, "p50", "service on SQLite", "prototype"),
        Row("single-raw", "the same against one durable raw insert of the same bytes",
            8, 5, "p50", "service on SQLite", "raw insert, SQLite"),
        Row("single-raw-postgresql", "the same on PostgreSQL",
            8, 5, "p50", "service on PostgreSQL", "raw insert, PostgreSQL"),
    ),
)  # fmt: skip
