"""Searches of the audit, newest first."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from models.store.chain import COLUMNS
from models.store.statement import Args, Statement, bind
from models.times import Span

_FROM = f"SELECT {', '.join(f'a.{name}' for name in COLUMNS)} FROM audit a"
DATES: Mapping[str, str] = {
    "eq": "(a.at >= {low} AND a.at <= {high})",
    "ne": "NOT (a.at >= {low} AND a.at <= {high})",
    "gt": "a.at > {high}",
    "ge": "a.at >= {low}",
    "lt": "a.at < {low}",
    "le": "a.at <= {high}",
    "sa": "a.at > {high}",
    "eb": "a.at < {low}",
}
"""Of each prefix what it asks of an event's instant."""


class Dated(NamedTuple):
    """A prefix and the span of a date."""

    prefix: str
    span: Span


class Wanted(NamedTuple):
    """What events are asked for: each of the conditions holds, of one by any of its values. `columns` by their names,
    `entities` as `Type/id` or the key of a patient; below the number `before`, where there is one."""

    numbers: tuple[Sequence[int], ...] = ()
    columns: tuple[tuple[str, Sequence[str]], ...] = ()
    entities: tuple[Sequence[str], ...] = ()
    dates: tuple[Sequence[Dated], ...] = ()
    before: int | None = None


def page(wanted: Wanted, limit: int) -> Statement:
    """Up to `limit` events, in the order of `models.store.chain.Row`."""
    args: Args = {"limit": limit}
    where = [_one_of("a.number", numbers, args) for numbers in wanted.numbers]
    where += [_one_of(f"a.{name}", values, args) for name, values in wanted.columns]
    for references in wanted.entities:
        among = _one_of("e.reference", references, args)
        where.append(f"a.number IN (SELECT e.number FROM audit_entity e WHERE {among})")
    where += [" OR ".join(_dated(one, args) for one in dates).join("()") for dates in wanted.dates]
    if wanted.before is not None:
        where.append(f"a.number < {bind(args, wanted.before)}")
    chosen = f" WHERE {' AND '.join(where)}" if where else ""
    return Statement(f"{_FROM}{chosen} ORDER BY a.number DESC LIMIT :limit", args)


def _one_of(column: str, values: Sequence[object], args: Args) -> str:
    return f"{column} IN ({', '.join(bind(args, value) for value in values)})"


def _dated(one: Dated, args: Args) -> str:
    low, high = bind(args, one.span.low), bind(args, one.span.high)
    return DATES[one.prefix].format(low=low, high=high)
