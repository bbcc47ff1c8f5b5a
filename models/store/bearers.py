"""Who bears an identifier."""

import json
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, text

from models.search.index import Token


def _bearers(given: str) -> str:
    """A subquery for one token, along its index; `given` is one of its parts, by place."""
    param, code, system = (given.format(place) for place in range(3))
    return (
        "SELECT v.id FROM token t JOIN version v ON v.seq = t.seq AND v.current "
        f"WHERE t.param = {param} AND t.code = {code} AND t.system = {system} LIMIT :limit"
    )


_PART = "json_extract(n.value, '$[{}]')"
_BEARERS = {
    "sqlite": text(
        f"SELECT json_group_array(json((SELECT json_group_array(id) FROM ({_bearers(_PART)})))) "
        "FROM json_each(:tokens) n"
    ),
    "postgresql": text(
        f"SELECT json_agg(ARRAY({_bearers('n.value ->> {}')}) ORDER BY n.at) "
        "FROM json_array_elements(CAST(:tokens AS json)) WITH ORDINALITY AS n(value, at)"
    ),
}
"""All in one row: fetching row by row, SQLite would let go of the interpreter's lock as often."""


def bearers(connection: Connection, identifiers: Sequence[Token], limit: int) -> list[list[str]]:
    """For each identifier the ids of resources that bear it, up to `limit`."""
    given = {"tokens": msgspec.json.encode([token[:3] for token in identifiers]).decode(), "limit": limit}
    found = connection.execute(_BEARERS[connection.dialect.name], given).scalar_one()
    rows: list[list[str]] = (json.loads(found) if isinstance(found, str) else found) or []
    return rows
