"""The last step of a write: the feed's turn, numbers for everything, and all rows at once.

On PostgreSQL it is a single statement, so that the turn is held for no longer than it and the COMMIT take; rows
travel as JSON, which the server takes apart faster than a client binds them one by one.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, text, update

from models.search.index import Extent as IndexedExtent
from models.search.index import Token as IndexedToken
from models.store.tables import Extent, Token, Version
from models.stored import Stored

_VERSION, _TOKEN, _EXTENT = Version.__table__, Token.__table__, Extent.__table__  # type: ignore[attr-defined]
_TURN_SQL = "UPDATE feed SET seq = CASE WHEN seq >= :now THEN seq + :n ELSE :now + :n END RETURNING seq"
_TURN = text(_TURN_SQL)
MOST_ROWS = 256
"""Rows a statement on SQLite, which binds 32,766 values at most."""
_SET_HEADS_SQL = "ON CONFLICT (patient) DO UPDATE SET seq = excluded.seq, due = excluded.due"
_SUPERSEDE = (
    update(_VERSION)
    .where(_VERSION.c.seq == bindparam("old_seq"), _VERSION.c.patient == bindparam("old_patient"))
    .values(current=False)
)


def _from_json(table: Any, name: str) -> str:
    """INSERT of JSON rows into a table; `at`, from 1 on, is the place of a row's change number."""
    columns = [column for column in table.columns if column.name != "seq"]
    names = ", ".join(column.name for column in columns)
    given = ", ".join(f"x.{column.name}" for column in columns)
    shapes = ", ".join(f"{column.name} {column.type.compile()}" for column in columns)
    rows = f"json_to_recordset(CAST(:{name} AS json)) AS x(at bigint, {shapes})"
    return f"INSERT INTO {table.name} (seq, {names}) SELECT turn.seq - :n + x.at, {given} FROM turn, {rows}"


_ALL = text(
    f"WITH turn AS ({_TURN_SQL}), "
    "superseded AS (UPDATE version v SET current = false "
    "FROM json_to_recordset(CAST(:superseded AS json)) AS o(seq bigint, patient text) "
    "WHERE v.seq = o.seq AND v.patient = o.patient), "
    f"versions AS ({_from_json(_VERSION, 'versions')}), "
    f"tokens AS ({_from_json(_TOKEN, 'tokens')}), "
    f"extents AS ({_from_json(_EXTENT, 'extents')}), "
    "heads AS (INSERT INTO head (patient, seq, due) SELECT h.patient, turn.seq, h.due FROM turn, "
    f"json_to_recordset(CAST(:heads AS json)) AS h(patient text, due bigint) {_SET_HEADS_SQL}) "
    "SELECT seq FROM turn"
)


class Kept(NamedTuple):
    """What a batch changes: rows of `version`, `token` and `extent`, each with `at` (1, 2 ...), the place of its change
    number; the versions that are current no more; the patients whose records have changed, in their order, each
    with when the clock rules are next to be asked (microseconds)."""

    versions: Sequence[dict[str, Any]]
    tokens: Sequence[tuple[int, str, IndexedToken]]
    extents: Sequence[tuple[int, str, IndexedExtent]]
    superseded: Sequence[Stored]
    heads: Sequence[tuple[str, int | None]]


def keep(connection: Connection, kept: Kept, now: int) -> int:
    """Write everything under consecutive change numbers, none below `now`; the last of them.

    Without versions it takes one all the same: the patients' heads tell that their records have changed.
    """
    return _WAYS[connection.dialect.name](connection, kept, now)


def _at_once(connection: Connection, kept: Kept, now: int) -> int:
    superseded = [{"seq": row.seq, "patient": row.patient} for row in kept.superseded]
    heads = [{"patient": patient, "due": due} for patient, due in kept.heads]
    rows = {
        "versions": kept.versions,
        "tokens": _named(kept.tokens),
        "extents": _named(kept.extents),
        "superseded": superseded,
        "heads": heads,
    }
    texts = {name: msgspec.json.encode(value).decode() for name, value in rows.items()}
    last: int = connection.execute(_ALL, {"n": _numbers(kept), "now": now, **texts}).scalar_one()
    return last


def _table_by_table(connection: Connection, kept: Kept, now: int) -> int:
    last: int = connection.execute(_TURN, {"n": _numbers(kept), "now": now}).scalar_one()
    before = last - len(kept.versions)
    if kept.superseded:
        old = [{"old_seq": row.seq, "old_patient": row.patient} for row in kept.superseded]
        connection.execute(_SUPERSEDE, old)
    _insert(connection, "version", [_numbered(row, before) for row in kept.versions])
    for into, names, index_rows in (
        ("token", IndexedToken._fields, kept.tokens),
        ("extent", IndexedExtent._fields, kept.extents),
    ):
        found = [(before + at, patient, *row) for at, patient, row in index_rows]
        _insert_rows(connection, f"{into} (seq, patient, {', '.join(names)})", found)
    heads = [(patient, last, due) for patient, due in kept.heads]
    _insert_rows(connection, "head (patient, seq, due)", heads, _SET_HEADS_SQL)
    return last


def _numbers(kept: Kept) -> int:
    return max(len(kept.versions), 1)


def _named(rows: Sequence[tuple[int, str, IndexedToken | IndexedExtent]]) -> list[dict[str, Any]]:
    return [{"at": at, "patient": patient, **row._asdict()} for at, patient, row in rows]


def _numbered(row: dict[str, Any], before: int) -> dict[str, Any]:
    row["seq"] = before + row.pop("at")
    return row


def _insert(connection: Connection, into: str, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        _insert_rows(connection, f"{into} ({', '.join(rows[0])})", [tuple(row.values()) for row in rows])


def _insert_rows(
    connection: Connection, into: str, rows: Sequence[tuple[Any, ...]], conflict: str = ""
) -> None:
    """Many rows a statement: the interpreter's lock changes hands with each, and others do not give it back soon.

    Their numbers are powers of two, so that few different statements are prepared.
    """
    cursor, at = connection.connection.cursor(), 0  # the driver's own: a statement costs half as much
    while at < len(rows):
        number = min(MOST_ROWS, 1 << (len(rows) - at).bit_length() - 1)
        part = rows[at : at + number]
        values = ", ".join([f"({', '.join('?' * len(part[0]))})"] * number)
        cursor.execute(f"INSERT INTO {into} VALUES {values} {conflict}", tuple(chain.from_iterable(part)))
        at += number


_WAYS: Mapping[str, Callable[[Connection, Kept, int], int]] = {
    "postgresql": _at_once,
    "sqlite": _table_by_table,
}
