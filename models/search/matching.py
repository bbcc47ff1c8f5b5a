"""Whether a resource that is not yet in the database answers a query: the search in plain Python."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from models.search.compartment import Compartment
from models.search.elements import CONVERTED
from models.search.filters import Filter, Join, Part, Ways
from models.search.index import Extent, Indexed, Token
from models.search.numbers import number_key
from models.search.question import Query
from models.search.values import DateValue, PairValue, QuantityValue, TextValue, TokenValue, Value
from models.times import Span
from models.units import UCUM

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
WEIGH: dict[str, Callable[[Extent, QuantityValue], bool]] = {
    "eq": lambda r, p: r.low >= p.low and r.high < p.high,
    "ne": lambda r, p: not (r.low >= p.low and r.high < p.high),
    "gt": lambda r, p: r.high > p.high,
    "lt": lambda r, p: r.low < p.low,
    "ge": lambda r, p: r.high >= p.high,
    "le": lambda r, p: r.low <= p.low,
    "sa": lambda r, p: r.low > p.high,
    "eb": lambda r, p: r.high < p.low,
    "ap": lambda r, p: r.low <= p.high and r.high >= p.low,
}
"""The same for numbers, whose implied range has no upper end."""


class Candidate(NamedTuple):
    """A resource and where it stands in the order of commit."""

    type: str
    id: str
    seq: int
    indexed: Indexed


def matches(
    query: Query, id: str, seq: int, indexed: Indexed, type: str = "", others: Collection[Candidate] = ()
) -> bool:
    """True where the resource, committed at `seq`, is among the answers; chains and _has look at `others`."""
    one = Candidate(type or query.served.name, id, seq, indexed)
    if one.type not in [served.name for served in query.searched]:
        return False
    if query.compartment and not _inside(query.compartment, indexed):
        return False
    ways = [found.ways for found in query.narrowings if found.type == one.type]
    return (
        all(answers(found, one) for found in query.filters)
        and all(goes(found, one) for found in ways)
        and all(any(_joined(join, one, other) for other in others) for join in query.joins)
    )


def goes(ways: Ways, one: Candidate) -> bool:
    """Whether a resource goes one of the ways."""
    return any(all(answers(found, one) for found in way) for way in ways)


def _inside(found: Compartment, indexed: Indexed) -> bool:
    """Whether a resource belongs to a patient."""
    named = (token.code for token in indexed.tokens if token.param in found.rows)
    return found.patient in (indexed.patient, *named)


def answers(filter: Filter, one: Candidate) -> bool:
    """Whether a resource meets a filter: some of its values, none of them for `:not`."""
    if filter.modifier == "missing":
        return any((value == "true") != _present(filter, one) for value in filter.values)
    met = any(_meets(filter, value, one) for value in filter.values)
    return met != (filter.modifier == "not")


def _present(filter: Filter, one: Candidate) -> bool:
    if filter.param.kind == "special":
        return True
    if filter.param.kind == "patient":
        return bool(one.indexed.patient)
    if filter.clinical:
        return one.indexed.span is not None
    named = (row.param for rows in (one.indexed.tokens, one.indexed.extents) for row in rows)
    return any(name in filter.rows for name in named)


def _meets(filter: Filter, value: Value, one: Candidate) -> bool:
    if isinstance(value, PairValue):
        return any(_paired(key, of, value, one) for key, of in filter.parts)
    if isinstance(value, DateValue) and (filter.clinical or filter.param.kind == "special"):
        found = one.indexed.span if filter.clinical else Span(one.seq, one.seq)
        return found is not None and COMPARE[value.prefix](found, value.span)
    if isinstance(value, str):
        return value == (one.id if filter.param.name == "_id" else one.indexed.patient)
    if isinstance(value, TokenValue | TextValue):
        rows = (token for token in one.indexed.tokens if token.param in filter.rows)
        return any(_holds(filter, value, token) for token in rows)
    return any(_reaches(value, row) for row in one.indexed.extents if row.param in filter.rows)


def _paired(key: Part, of: Part, value: PairValue, one: Candidate) -> bool:
    if not of.param.keyed:
        return answers(key.met(value.key), one) and answers(of.met(value.value), one)
    rows = (row for row in one.indexed.extents if row.param in of.rows)
    return any(_coded(value.key, row.code, row.system) and _reaches(value.value, row) for row in rows)


def _holds(filter: Filter, value: TokenValue | TextValue, token: Token) -> bool:
    if isinstance(value, TokenValue):
        return _coded(value, token.code, token.system)
    tests: Mapping[str, Callable[[], bool]] = {
        "text": lambda: any(words.startswith(value.folded) for words in token.text.split("\n")),
        "exact": lambda: (token.code, token.system) == (value.folded, value.exact),
        "contains": lambda: value.folded in token.code,
        "": lambda: token.code.startswith(value.folded),
    }
    return tests[filter.modifier]()


def _coded(value: Value, code: str, system: str) -> bool:
    assert isinstance(value, TokenValue)
    return value.code in (None, code) and value.system in (None, system)


def _reaches(value: Value, row: Extent) -> bool:
    if isinstance(value, TokenValue):
        return _coded(value, row.unit, row.unit_system)
    if isinstance(value, DateValue):
        ends = QuantityValue(value.prefix, number_key(value.span.low), number_key(value.span.high))
        return COMPARE[value.prefix](_Keys(row.low, row.high), _Keys(ends.low, ends.high))  # type: ignore[arg-type]
    assert isinstance(value, QuantityValue)
    return WEIGH[value.prefix](row, value) and _in_unit(value, row)


class _Keys(NamedTuple):
    low: str
    high: str


def _in_unit(value: QuantityValue, row: Extent) -> bool:
    if value.unit is None:
        return row.unit_system != CONVERTED
    systems = (value.system, CONVERTED) if value.system == UCUM else (value.system,)
    return row.unit == value.unit and (value.system is None or row.unit_system in systems)


def _joined(join: Join, one: Candidate, other: Candidate) -> bool:
    """Whether the link of a chain or _has leads from the one to the other, and the other meets what is asked."""
    holder, target = (other, one) if join.reverse else (one, other)
    if other.type != join.type or not answers(join.inner, other):
        return False
    if join.ways is not None and not goes(join.ways, other):
        return False
    reference = f"{target.type}/{target.id}"
    if join.link.param.kind == "patient":
        return holder.indexed.patient == reference
    return any(t.code == reference for t in holder.indexed.tokens if t.param in join.link.rows)
