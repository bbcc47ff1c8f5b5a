"""Panels posted over 32 connections for patients on therapy, against peers and the database's own limit."""

import re
import subprocess
from functools import partial
from pathlib import Path
from shutil import which
from urllib.parse import urlsplit

import psycopg

from bench.contest import Contest, Figures, Row
from bench.load import NotMeasured
from bench.stage import CONNECTIONS, Stage

SQL = Path(__file__).parent.parent / "baselines"
TPS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)


def write(stage: Stage, name: str, engine: str = "sqlite", connections: int = CONNECTIONS) -> Figures:
    """Panels posted to this server, every connection sending its next as soon as the last one is answered."""
    party = stage.party(name, engine)
    return Figures.of(party.drive(party.posts(), stage.seconds, connections, "write"))


def hot_transaction(stage: Stage) -> Figures:
    """pgbench with two reads and one insert a transaction, on the same cluster as the service."""
    program = which("pgbench", path=str(stage.postgres.binaries)) or which("pgbench")
    if program is None:
        raise NotMeasured("pgbench is not installed")
    url = stage.postgres.fresh()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((SQL / "hot_tables.sql").read_bytes())
    place = urlsplit(url)
    where = f"-h {place.hostname} -p {place.port} -U {place.username}".split()
    how = f"-n -M prepared -c {CONNECTIONS} -T {max(1, round(stage.seconds))}".split()
    script = ["-f", str(SQL / "hot_transaction.sql"), place.path[1:]]
    done = subprocess.run([program, *where, *how, *script], capture_output=True, text=True, check=False)
    found = TPS.search(done.stdout)
    if found is None:
        raise NotMeasured(f"pgbench said {done.stderr[-300:]}")
    stage.postgres.release(url)
    return Figures(rate=float(found[1]))


CONTEST = Contest(
    "post",
    {
        "service on SQLite": partial(write, name="service"),
        "service on PostgreSQL": partial(write, name="service", engine="postgresql"),
        "fhirstarter": partial(write, name="fhirstarter"),
        "naive on SQLite": partial(write, name="naive"),
        "naive on PostgreSQL": partial(write, name="naive", engine="postgresql"),
        "prototype": partial(write, name="prototype"),
        "pgbench": hot_transaction,
    },
    (
        Row("post-fhirstarter", "POST panel, 32 connections, SQLite, against fhirstarter in memory",
            4, 8, "rate", "service on SQLite", "fhirstarter"),
        Row("post-naive", "the same against the naive stack",
            10, 20, "rate", "service on SQLite", "naive on SQLite"),
        Row("post-postgresql", "the same on PostgreSQL against SQLite",
            0.8, 1, "rate", "service on PostgreSQL", "service on SQLite"),
        Row("post-pgbench", "the same on PostgreSQL against pgbench's hot transaction",
            0.3, 0.5, "rate", "service on PostgreSQL", "pgbench"),
        Row("post-p99", "p99 at 32 connections, SQLite, against the prototype",
            1.5, 1, "p99", "service on SQLite", "prototype"),
    ),
)  # fmt: skip
