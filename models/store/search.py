"""Searches as SQL: one statement a page, keyset paging, the same text for both databases."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from models.search.cursor import Cursor
from models.search.question import Query
from models.search.sorting import Sort
from models.store.conditions import conditions, selective
from models.store.statement import COLUMNS, Statement, bind, rows_of
from models.stored import Stored
from models.times import EVER

_LED, _WIDTH = 2, len(Stored._fields)
"""Columns in front of the version in each row, and those of the version."""
NO_DATE = -EVER
"""Where what has no clinical time stands in the order of `date`."""


@lru_cache(maxsize=1_000)
def page(query: Query, limit: int) -> Statement:
    """Up to `limit` versions after the cursor, each row led by the feed's epoch and number, and followed by the
    values of the sort keys.

    There is always a row, so that an empty page still tells the feed's state in the same snapshot. Kept, as the
    query is: whoever waits for news asks the same again.
    """
    args: dict[str, Any] = {"limit": limit}
    where = conditions(query, args)
    keys = [_key(key, args) for key in query.keys]
    if query.cursor:
        where.append(_after(query, keys, args))
    signs = ["DESC" if key.descending else "ASC" for key in query.keys]
    last = "DESC" if query.backwards else "ASC"
    # In sums no planner walks the feed instead of the few that match.
    seq = "v.seq + 0" if selective(query) else "v.seq"
    by = [f"{key} {sign}" for key, sign in zip(keys, signs, strict=True)] + [f"{seq} {last}"]
    outer = [f"r.k{at} {sign}" for at, sign in enumerate(signs)] + [f"r.seq {last}"]
    columns = ", ".join([COLUMNS, *(f"{key} AS k{at}" for at, key in enumerate(keys))])
    inner = (
        f"SELECT {columns} FROM version v WHERE {' AND '.join(where)} ORDER BY {', '.join(by)} LIMIT :limit"
    )
    return Statement(
        f"SELECT f.epoch, f.seq, r.* FROM feed f LEFT JOIN ({inner}) r ON 1 = 1 ORDER BY {', '.join(outer)}",
        args,
    )


def versions(rows: Sequence[Sequence[Any]]) -> list[Stored]:
    """The versions of a page."""
    return [Stored(*row[_LED : _LED + _WIDTH]) for row in rows if row[_LED] is not None]


def behind(row: Sequence[Any]) -> Cursor:
    """The cursor that goes on behind a row of a page."""
    return Cursor(row[0], tuple(row[_LED + _WIDTH :]), row[_LED])


def count(query: Query) -> Statement:
    """How many resources answer the query."""
    args: dict[str, Any] = {}
    where = conditions(query, args)
    return Statement(f"SELECT count(*) FROM version v WHERE {' AND '.join(where)}", args)


def waiting(query: Query, most: int) -> Statement:
    """How many answer the query behind its cursor, counted up to `most`, and the change number of the first."""
    args: dict[str, Any] = {"most": most}
    where = conditions(query, args)
    where.append(_after(query, (), args))
    seq = "v.seq + 0" if selective(query) else "v.seq"
    inner = f"SELECT v.seq FROM version v WHERE {' AND '.join(where)} ORDER BY {seq} LIMIT :most"
    return Statement(f"SELECT count(*), min(r.seq) FROM ({inner}) r", args)


def found(query: Query, limit: int) -> Statement:
    """Up to `limit` versions that answer the query, without the feed: for conditional requests."""
    args: dict[str, Any] = {"limit": limit}
    where = conditions(query, args)
    return Statement(f"SELECT {COLUMNS} FROM version v WHERE {' AND '.join(where)} LIMIT :limit", args)


def _key(key: Sort, args: dict[str, Any]) -> str:
    if key.by == "extent":
        named = rows_of("e", key.rows, args)
        return f"coalesce((SELECT min(e.low) FROM extent e WHERE {named} AND e.seq = v.seq), '')"
    return "v.id" if key.by == "id" else f"coalesce(v.low, {NO_DATE})"


def _after(query: Query, keys: Sequence[str], args: dict[str, Any]) -> str:
    """Behind the cursor: further by some key, alike in those before it."""
    assert query.cursor
    expressions = [*keys, "v.seq"]
    given = [bind(args, value) for value in (*query.cursor.key, query.cursor.seq)]
    signs = ["<" if key.descending else ">" for key in query.keys] + ["<" if query.backwards else ">"]
    ways = []
    for at, sign in enumerate(signs):
        alike = [f"{expressions[before]} = {given[before]}" for before in range(at)]
        ways.append(" AND ".join([*alike, f"{expressions[at]} {sign} {given[at]}"]))
    return ways[0] if len(ways) == 1 else f"(({') OR ('.join(ways)}))"
