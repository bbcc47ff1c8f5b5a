"""Whether a resource that is not yet in the database answers a query: the search in plain Python."""

from collections.abc import Callable

from models.search.index import Indexed
from models.search.query import DateValue, Filter, Query, TokenValue, Value
from models.times import Span

COMPARE: dict[str, Callable[[Span, Span], bool]] = {
    "eq": lambda r, p: r.low >= p.low and r.high <= p.high,
    "ne": lambda r, p: not (r.low >= p.low and r.high <= p.high),
    "gt": lambda r, p: r.high > p.high,
    "lt": lambda r, p: r.low < p.low,
    "ge": lambda r, p: r.high > p.high or (r.low >= p.low and r.high <= p.high),
    "le": lambda r, p: r.low < p.low or (r.low >= p.low and r.high <= p.high),
    "sa": lambda r, p: r.low > p.high,
    "eb": lambda r, p: r.high < p.low,
    "ap": lambda r, p: r.low <= p.high and r.high >= p.low,
}
"""Prefix -> does the resource's span answer the parameter's (https://hl7.org/fhir/R4/search.html#prefix)."""


def matches(query: Query, id: str, seq: int, indexed: Indexed) -> bool:
    """True where the resource, committed at `seq`, is among the answers."""
    return all(
        any(_answers(query, filter, value, id, seq, indexed) for value in filter.values)
        for filter in query.filters
    )


def _answers(query: Query, filter: Filter, value: Value, id: str, seq: int, indexed: Indexed) -> bool:
    name, kind = filter.param.name, filter.param.kind
    if isinstance(value, DateValue):
        found = Span(seq, seq) if name == "_lastUpdated" else indexed.span
        return found is not None and COMPARE[value.prefix](found, value.span)
    if name == "_id":
        return id == value
    if kind == "patient":
        return indexed.patient == value
    wanted = value if isinstance(value, TokenValue) else TokenValue(None, value)
    return any(
        token.param == f"{query.served.name}.{name}"
        and (wanted.code is None or token.code == wanted.code)
        and (wanted.system is None or token.system == wanted.system)
        for token in indexed.tokens
    )
