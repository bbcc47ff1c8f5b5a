"""The chain of AuditEvents: each is hashed with the hash of the one before, so that none can be changed, taken out or
put in between without all that follow telling it.

What is hashed is the event's text as it is served, but for the extension at its end that holds the hash; number and
instant stand in it as `id` and `recorded`.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, text

from models.times import instant

HASH = "https://clonidine-watch.org/fhir/StructureDefinition/audit-hash"
COLUMNS = ("number", "at", "hash", "agent", "action", "outcome", "subtype", "content")
NAMES = ", ".join(COLUMNS)
_TURN = text("UPDATE audit_head SET number = number + :n RETURNING number, at, hash")
_HEAD = text("UPDATE audit_head SET at = :at, hash = :hash")
_ADD = (
    f"INSERT INTO audit ({NAMES}) VALUES (:number, :at, :hash, :agent, :action, :outcome, :subtype, :content)"
)
_ENTITY = "INSERT INTO audit_entity (reference, number) VALUES (:reference, :number)"
_ALL = text(
    "WITH head AS (UPDATE audit_head SET at = :at, hash = :hash), "
    f"added AS (INSERT INTO audit ({NAMES}) SELECT {NAMES} FROM json_to_recordset(CAST(:rows AS json)) AS x("
    "number bigint, at bigint, hash text, agent text, action text, outcome text, subtype text, content text)) "
    "INSERT INTO audit_entity (reference, number) SELECT reference, number FROM "
    "json_to_recordset(CAST(:entities AS json)) AS y(reference text, number bigint)"
)
"""One round trip while the head is held."""


class Noted(NamedTuple):
    """An event before it has its number: the profile that it claims ("" for none), the rest of its text, and what it
    is found by."""

    profile: str
    rest: str
    agent: str
    action: str
    outcome: str
    subtype: str
    entities: tuple[str, ...]


class Row(NamedTuple):
    """A row of the table."""

    number: int
    at: int
    hash: str
    agent: str
    action: str
    outcome: str
    subtype: str
    content: str

    def text(self) -> str:
        """The AuditEvent as it is served, with the hash at its end."""
        return f'{self.content[:-1]},"extension":[{{"url":"{HASH}","valueString":"{self.hash}"}}]}}'


def append(connection: Connection, events: Sequence[Noted], now: int) -> None:
    """Add events at the end of the chain, last of all in a transaction; `now` in microseconds."""
    number, before, last = connection.execute(_TURN, {"n": len(events)}).one()
    at = max(now, before)  # the chain does not run backwards where a clock does
    rows, entities = list[Row](), list[dict[str, Any]]()
    for place, event in enumerate(events, number - len(events) + 1):
        content = _content(event, place, at)
        last = chained(last, content)
        rows.append(Row(place, at, last, event.agent, event.action, event.outcome, event.subtype, content))
        entities += [{"reference": one, "number": place} for one in dict.fromkeys(event.entities)]
    _keep(connection, {"at": at, "hash": last}, [row._asdict() for row in rows], entities)


def chained(before: str, content: str) -> str:
    """The hash of an event behind the one whose hash is given."""
    return sha256(f"{before}\n{content}".encode()).hexdigest()


def _content(event: Noted, number: int, at: int) -> str:
    profile = f',"profile":["{event.profile}"]' if event.profile else ""
    when = instant(at)
    return (
        f'{{"resourceType":"AuditEvent","id":"{number}","meta":{{"versionId":"1","lastUpdated":"{when}"{profile}}},'
        f'"recorded":"{when}",{event.rest[1:]}'
    )


def _keep(
    connection: Connection, head: dict[str, Any], rows: list[dict[str, Any]], entities: list[dict[str, Any]]
) -> None:
    if connection.dialect.name == "postgresql":
        given = {
            "rows": msgspec.json.encode(rows).decode(),
            "entities": msgspec.json.encode(entities).decode(),
        }
        connection.execute(_ALL, head | given)
        return
    connection.execute(_HEAD, head)
    cursor = connection.connection.cursor()  # the driver's own: a statement costs half as much
    cursor.executemany(_ADD, rows)
    cursor.executemany(_ENTITY, entities)
