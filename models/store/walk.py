"""The chain of AuditEvents walked from its beginning, beside whoever adds to it, a part in memory at once."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from models.patient import patient_key
from models.store.chain import NAMES, Row, chained
from models.store.engine import reading
from models.times import instant

PART = 1_000
"""Events that are in memory at once."""
_NEXT = text(f"SELECT {NAMES} FROM audit WHERE number > :after ORDER BY number LIMIT {PART}")
_ABOUT = text("SELECT number, reference FROM audit_entity WHERE number > :low AND number <= :high")
_END = text("SELECT number, at, hash FROM audit_head")
_STRAY = text(
    "SELECT e.number, e.reference FROM audit_entity e "
    "WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.number = e.number) LIMIT 1"
)
BEFORE_ALL = -(2**63)
"""Below every number that a row can have: one below the first was put in by hand, and would be found by searches."""


class BrokenChain(Exception):
    """Where the chain is broken first, and how."""


class Told(NamedTuple):
    """What a walk has found so far: the events, the hash of the last one, whether the expected hash was met."""

    events: int
    hash: str
    met: bool


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    """A connection that reads the chain and cannot write."""
    engine = reading(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


class Head(NamedTuple):
    """Number, instant and hash of the last event, as the head of the chain tells."""

    number: int
    at: int
    hash: str


def end(connection: Connection) -> Head:
    """The head. Raises BrokenChain."""
    found = connection.execute(_END).first()
    if found is None:
        raise BrokenChain("the head of the chain is missing")
    return Head(*found)


def rows(connection: Connection, after: int = BEFORE_ALL) -> Iterator[list[Row]]:
    """All rows behind a number, part by part."""
    while found := [Row(*row) for row in connection.execute(_NEXT, {"after": after})]:
        yield found
        after = found[-1].number


def walk(connection: Connection, expected: str = "", start: str = "") -> Iterator[Told]:
    """Verify all that is there when it begins, telling after each part how far it is. Raises BrokenChain.

    `start` is the hash of the event before the first, where earlier ones were taken out for good.
    """
    last = end(connection)
    told, number = Told(0, start, expected == start != ""), 0
    for part in rows(connection):
        entities = _entities(connection, part)
        for row in part:
            number = row.number if start and not told.events else number + 1
            _check(row, number, told.hash, entities.get(row.number, set()))
            told = Told(told.events + 1, row.hash, told.met or row.hash == expected)
            if row.number == last.number and (row.at, row.hash) != last[1:]:
                raise BrokenChain(f"event {row.number} is not the one that the head of the chain tells of")
        yield told
    if number < last.number:
        raise BrokenChain(f"event {number + 1} is missing, and all behind it up to {last.number}")
    if stray := connection.execute(_STRAY).first():
        raise BrokenChain(f"{stray.reference} is said to be of event {stray.number}, and there is none")
    if expected and not told.met:
        raise BrokenChain(
            "no event has the hash that is expected: those up to it, or it, are not what they were"
        )


def _entities(connection: Connection, part: Sequence[Row]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    given = {"low": part[0].number - 1, "high": part[-1].number}
    for number, reference in connection.execute(_ABOUT, given):
        found.setdefault(number, set()).add(reference)
    return found


def _check(row: Row, number: int, before: str, entities: set[str]) -> None:
    if row.number != number:
        told = "was put in" if row.number < number else "is missing"
        raise BrokenChain(f"event {min(row.number, number)} {told}")
    if row.hash != chained(before, row.content):
        raise BrokenChain(f"event {number} is not what was written, or not where")
    doc = json.loads(row.content)
    held = (str(number), instant(row.at), ((row.agent, row.action, row.outcome, row.subtype), entities))
    if (doc["id"], doc["recorded"], found_by(doc)) != held:
        raise BrokenChain(f"event {number} is found by other values than those that it holds")


def found_by(doc: dict[str, Any]) -> tuple[tuple[str, str, str, str], set[str]]:
    """The columns that an event is found by, and what it is about, from its own text."""
    who = next(agent for agent in doc["agent"] if agent["requestor"])["who"]
    agent = who.get("reference") or who.get("identifier", {}).get("value", "")
    return (agent, doc["action"], doc["outcome"], doc["subtype"][0]["code"]), {
        about for entity in doc.get("entity", ()) if (about := _about(entity.get("what", {})))
    }


def _about(what: dict[str, Any]) -> str:
    if "reference" in what:
        reference: str = what["reference"]
        return reference.partition("/_history/")[0]
    # A patient who is known by an identifier alone; another identifier is that of a request.
    return patient_key(what, ()) if what.get("type") == "Patient" else ""
