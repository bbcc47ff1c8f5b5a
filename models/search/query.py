"""A search request, understood or refused (https://hl7.org/fhir/R4/search.html)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlencode

from models.errors import BadRequest
from models.problem import Problem
from models.resource_types import TYPES, ResourceType
from models.search.compartment import INSIDE, compartment
from models.search.filters import Join, Unknown, filter_of, known
from models.search.question import DEFAULT_COUNT, MOST, MOST_FILTERS, MOST_JOINS, MOST_VALUES, Query
from models.search.results import MODIFIED, MOST_INCLUDES, MOST_KEYS, RESULT
from models.search.values import PREFIXES, Asked, TokenValue

__all__ = [
    "DEFAULT_COUNT",
    "MOST",
    "PREFIXES",
    "RESULT",
    "Query",
    "TokenValue",
    "parse",
    "parse_all",
    "parse_inside",
]


def parse(
    served: ResourceType,
    pairs: Iterable[tuple[str, str]],
    bases: Sequence[str],
    now: datetime,
    lenient: bool = False,
) -> Query:
    """The query that `pairs` of names and values ask; every problem at once in a BadRequest."""
    return _timed((served,), pairs, bases, now, lenient)


def parse_all(
    pairs: Iterable[tuple[str, str]],
    bases: Sequence[str],
    now: datetime,
    lenient: bool = False,
    offered: Mapping[str, ResourceType] = TYPES,
) -> Query:
    """The same for a search over several types: those of `_type`, or all that are offered where `_id` or
    `_lastUpdated` is given."""
    given = tuple(pairs)
    if not {name for name, _ in given} & {"_type", "_id", "_lastUpdated"}:
        text = "A search over all types is too much; give _type with the types that are meant, _id or _lastUpdated."
        raise BadRequest([Problem("too-costly", text)])
    return _among(offered, given, bases, now, lenient)


def parse_inside(
    patient: str,
    pairs: Iterable[tuple[str, str]],
    bases: Sequence[str],
    now: datetime,
    lenient: bool = False,
    offered: Mapping[str, ResourceType] = INSIDE,
) -> Query:
    """The same in the compartment of a patient: over all types that are offered, or those of `_type`."""
    query = _among(offered, tuple(pairs), bases, now, lenient)
    return query._replace(compartment=compartment(patient, *query.searched))


def _among(
    offered: Mapping[str, ResourceType],
    given: tuple[tuple[str, str], ...],
    bases: Sequence[str],
    now: datetime,
    lenient: bool,
) -> Query:
    """The query over the types of `_type`, all that are offered where there is none."""
    named = [type for name, text in given if name == "_type" for type in text.split(",") if type]
    unknown = [type for type in named if type not in offered]
    if unknown:
        raise BadRequest(f"Parameter '_type': {unknown[0][:64]!r} is none of {', '.join(offered)}.")
    types = tuple(offered[name] for name in dict.fromkeys(named or offered))
    query = _timed(types, [pair for pair in given if pair[0] != "_type"], bases, now, lenient)
    if not named:
        return query
    pair = ("_type", ",".join(dict.fromkeys(named)))
    return query._replace(pairs=(pair, *query.pairs), text=_text((pair, *query.pairs)))


def _timed(
    types: tuple[ResourceType, ...],
    pairs: Iterable[tuple[str, str]],
    bases: Sequence[str],
    now: datetime,
    lenient: bool,
) -> Query:
    given = tuple(pairs)
    timed = any("ap" in text for _, text in given)
    return _parse(types, given, tuple(bases), now if timed else None, lenient)


@lru_cache(maxsize=1_000)
def _parse(
    types: tuple[ResourceType, ...],
    pairs: tuple[tuple[str, str], ...],
    bases: Sequence[str],
    now: datetime | None,
    lenient: bool,
) -> Query:
    """Kept, since a client that waits for news asks the same again and again; `now` only where it matters."""
    _countable(pairs)
    problems: list[Problem] = []
    query, kept = Query(types[0], types=types if len(types) > 1 else ()), []
    for pair in pairs:
        try:
            query = _understood(query, *pair, Asked(bases, now))
            kept.append(pair)
        except Unknown as error:
            problem = Problem("not-supported", f"Parameter {pair[0][:80]!r}: {error}", rule="search")
            if lenient:
                query = query._replace(ignored=(*query.ignored, problem._replace(severity="warning")))
            else:
                problems.append(problem._replace(code="invalid"))
        except ValueError as error:
            problems.append(Problem("invalid", f"Parameter {pair[0][:80]!r}: {error}", rule="search"))
    problems += _costly(query)
    if query.cursor and not query.cursor.fits(query.keys):
        problems.append(Problem("invalid", "Parameter '_cursor': it belongs to a search in another order."))
    if problems:
        raise BadRequest(problems)
    plain = tuple(pair for pair in kept if pair[0] != "_cursor")
    return query._replace(pairs=plain, text=_text(plain))


def _text(pairs: Sequence[tuple[str, str]]) -> str:
    return urlencode(pairs, safe=":/,|$")


def _understood(query: Query, name: str, text: str, asked: Asked) -> Query:
    if "\x00" in text:
        raise ValueError("a NUL character can stand in no value")
    result, _, modifier = name.partition(":")
    if result in RESULT:
        if modifier and (result, modifier) not in MODIFIED:
            raise ValueError(f"the modifier ':{modifier}' is not supported here.")
        return RESULT[result](query, text, modifier)
    try:
        found = filter_of(query.searched, name, text, asked)
    except Unknown as error:
        if "Known are" not in str(error):
            raise
        listed = ", ".join(sorted([*known(query.searched), *RESULT]))
        raise Unknown(f"not known for {_names(query)}. Known are: {listed}.") from error
    if isinstance(found, Join):
        return query._replace(joins=(*query.joins, found))
    return query._replace(filters=(*query.filters, found))


def _names(query: Query) -> str:
    return ", ".join(served.name for served in query.searched)


def _countable(pairs: Iterable[tuple[str, str]]) -> None:
    """Refuse values before they are read, of which there are far too many: reading 100,000 takes seconds."""
    asked = [text for name, text in pairs if name.partition(":")[0] not in RESULT]
    values = sum(1 + text.count(",") - text.count("\\,") for text in asked)
    if values > MOST_VALUES:
        raise BadRequest([_too_many(values, MOST_VALUES, "values")])


def _too_many(found: int, most: int, what: str) -> Problem:
    return Problem("too-costly", f"{found} {what} in one search; at most {most} are allowed.")


def _costly(query: Query) -> list[Problem]:
    """What a database should not be asked at once."""
    filters = [*query.filters, *(join.inner for join in query.joins)]
    counted = (
        (sum(len(found.values) for found in filters), MOST_VALUES, "values"),
        (len(filters), MOST_FILTERS, "parameters"),
        (len(query.joins), MOST_JOINS, "chains and _has"),
        (len(query.includes), MOST_INCLUDES, "includes"),
        (len(query.sort), MOST_KEYS, "sort keys"),
    )
    return [_too_many(found, most, what) for found, most, what in counted if found > most]
