"""Searches as SQL: one statement a page, keyset paging, the same text for both databases."""

from typing import Any, NamedTuple

from models.patient import BY_IDENTIFIER, identifier_of
from models.search.index import fit
from models.search.query import DateValue, Filter, Query, TokenValue, Value
from models.times import EVER

COLUMNS = "v.seq, v.type, v.id, v.number, v.method, v.patient, v.low, v.kind, v.lifted, v.content"
"""In the order of `models.stored.Stored`."""

NO_DATE = -EVER
"""Where what has no clinical time stands in the order of `date`."""

COMPARE = {
    "eq": "({low} >= {a} AND {high} <= {b})",
    "ne": "NOT ({low} >= {a} AND {high} <= {b})",
    "gt": "{high} > {b}",
    "lt": "{low} < {a}",
    "ge": "({high} > {b} OR ({low} >= {a} AND {high} <= {b}))",
    "le": "({low} < {a} OR ({low} >= {a} AND {high} <= {b}))",
    "sa": "{low} > {b}",
    "eb": "{high} < {a}",
    "ap": "({low} <= {b} AND {high} >= {a})",
}
"""Prefix -> SQL; the same table as `models.search.matching.COMPARE`, in the other language."""


class Statement(NamedTuple):
    """SQL with `:name` parameters, and their values."""

    sql: str
    args: dict[str, Any]


def page(query: Query, limit: int) -> Statement:
    """Up to `limit` versions after the cursor, each row led by the feed's epoch and number.

    There is always a row, so that an empty page still tells the feed's state in the same snapshot.
    """
    args: dict[str, Any] = {"limit": limit}
    where = _where(query, args)
    key = "v.seq" if query.sort == "_lastUpdated" else f"coalesce(v.low, {NO_DATE})"
    order = "DESC" if query.descending else "ASC"
    if query.cursor:
        args |= {"after": query.cursor.seq}
        sign = "<" if query.descending else ">"
        if query.sort == "_lastUpdated":
            where.append(f"v.seq {sign} :after")
        else:
            args |= {"after_key": query.cursor.key}
            where.append(f"({key} {sign} :after_key OR ({key} = :after_key AND v.seq {sign} :after))")
    by = f"v.seq {order}" if query.sort == "_lastUpdated" else f"{key} {order}, v.seq {order}"
    outer = by.replace("v.", "r.")
    if _selective(query):
        by = by.replace(
            "v.seq", "v.seq + 0"
        )  # so that no planner walks the feed instead of the few that match
    inner = f"SELECT {COLUMNS} FROM version v WHERE {' AND '.join(where)} ORDER BY {by} LIMIT :limit"
    return Statement(
        f"SELECT f.epoch, f.seq, r.* FROM feed f LEFT JOIN ({inner}) r ON 1 = 1 ORDER BY {outer}", args
    )


def count(query: Query) -> Statement:
    """How many resources answer the query."""
    args: dict[str, Any] = {}
    where = _where(query, args)
    return Statement(f"SELECT count(*) FROM version v WHERE {' AND '.join(where)}", args)


def found(query: Query, limit: int) -> Statement:
    """Up to `limit` versions that answer the query, without the feed: for conditional requests."""
    args: dict[str, Any] = {"limit": limit}
    where = _where(query, args)
    return Statement(f"SELECT {COLUMNS} FROM version v WHERE {' AND '.join(where)} LIMIT :limit", args)


def _where(query: Query, args: dict[str, Any]) -> list[str]:
    where = ["v.current"]
    alerts = any(_is_alert(filter) for filter in query.filters)
    if alerts:
        where.append("v.alert")
    if not alerts or _selective(
        query
    ):  # without the type, a poll has but one index to walk: that of the alerts
        args["type"] = query.served.name
        where.append("v.type = :type")
    where += [_test(query, filter, args) for filter in query.filters]
    return where


def _test(query: Query, filter: Filter, args: dict[str, Any]) -> str:
    """One filter: some value of it must be met."""
    if filter.param.kind in ("token", "reference"):
        return _token(query, filter, args)
    parts = [_part(filter, value, args) for value in filter.values]
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _selective(query: Query) -> bool:
    """Whether a filter leaves so few that they are best found first and sorted then."""
    return any(filter.param.rare or filter.param.name == "_id" for filter in query.filters)


def _is_alert(filter: Filter) -> bool:
    return filter.param.name == "category" and all(
        isinstance(value, TokenValue) and value.code == "alert" for value in filter.values
    )


def _part(filter: Filter, value: Value, args: dict[str, Any]) -> str:
    name = filter.param.name
    if isinstance(value, DateValue):
        low, high = ("v.seq", "v.seq") if name == "_lastUpdated" else ("v.low", "v.high")
        a, b = _bind(args, value.span.low), _bind(args, value.span.high)
        return COMPARE[value.prefix].format(low=low, high=high, a=a, b=b)
    return f"v.id = {_bind(args, value)}" if name == "_id" else _patient(str(value), args)


def _token(query: Query, filter: Filter, args: dict[str, Any]) -> str:
    """One subquery for all values, so that the planner can walk either way."""
    tests = []
    for value in filter.values:
        system, code = value if isinstance(value, TokenValue) else (None, value)
        parts = [] if code is None else [f"t.code = {_bind(args, code)}"]
        parts += [] if system is None else [f"t.system = {_bind(args, system)}"]
        tests.append(" AND ".join(parts))
    test = f"t.param = {_bind(args, f'{query.served.name}.{filter.param.name}')} AND ({' OR '.join(tests)})"
    if filter.param.rare:
        return f"v.seq IN (SELECT t.seq FROM token t WHERE {test})"
    return f"EXISTS (SELECT 1 FROM token t WHERE {test} AND t.seq = v.seq)"


def _patient(key: str, args: dict[str, Any]) -> str:
    """A patient of whom an identifier is given may be known by it, or by the Patient that bears it."""
    test = f"v.patient = {_bind(args, key)}"
    if not key.startswith(BY_IDENTIFIER):
        return test
    system, value = (_bind(args, fit(part)) for part in identifier_of(key))
    return (
        f"({test} OR v.patient IN (SELECT 'Patient/' || b.id FROM token t JOIN version b ON b.seq = t.seq "
        f"AND b.current WHERE t.param = 'Patient.identifier' AND t.code = {value} AND t.system = {system}))"
    )


def _bind(args: dict[str, Any], value: object) -> str:
    name = f"p{len(args)}"
    args[name] = value
    return f":{name}"
