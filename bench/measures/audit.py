"""What the audit costs: the same posts and reads with it and without."""

from functools import partial
from itertools import cycle

from bench.contest import Contest, Figures, Row
from bench.measures.reads import each
from bench.stage import CONNECTIONS, Party, Stage

AUDIT = "CLONIDINE_WATCH_AUDIT"


def party(stage: Stage, audit: str, engine: str) -> Party:
    return stage.party("service", engine, f"audit {audit}", **{AUDIT: audit})


def post(stage: Stage, audit: str, engine: str = "sqlite") -> Figures:
    of = party(stage, audit, engine)
    return Figures.of(of.drive(of.posts(), stage.seconds, CONNECTIONS, "write"))


def get(stage: Stage, audit: str, engine: str = "sqlite") -> Figures:
    of = party(stage, audit, engine)
    if "get" not in of.streams:
        paths = each(of, stage)
        of.streams["get"] = (
            of.request("GET", path.removeprefix(of.server.kind.base)) for path in cycle(paths)
        )
    return Figures.of(of.drive(of.streams["get"], stage.seconds, CONNECTIONS, "get"))


CONTEST = Contest(
    "audit",
    {
        f"{what}, {engine}, audit {audit}": partial(take, audit=audit, engine=engine.lower())
        for engine in ("SQLite", "PostgreSQL")
        for what, take in (("POST", post), ("GET", get))
        for audit in ("on", "off")
    },
    (
        Row("audit-post", "POST panel, 32 connections, SQLite, audited against not",
            0.7, 0.85, "rate", "POST, SQLite, audit on", "POST, SQLite, audit off"),
        Row("audit-post-postgresql", "the same on PostgreSQL",
            0.7, 0.85, "rate", "POST, PostgreSQL, audit on", "POST, PostgreSQL, audit off"),
        Row("audit-get", "GET by id, 32 connections, SQLite, audited against not",
            0.25, 0.5, "rate", "GET, SQLite, audit on", "GET, SQLite, audit off"),
        Row("audit-get-postgresql", "the same on PostgreSQL",
            0.25, 0.5, "rate", "GET, PostgreSQL, audit on", "GET, PostgreSQL, audit off"),
    ),
)  # fmt: skip
