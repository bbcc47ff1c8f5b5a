"""A search request, understood or refused (https://hl7.org/fhir/R4/search.html)."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlencode

from models.errors import BadRequest
from models.patient import BY_IDENTIFIER, identifier_key, identifier_of, local
from models.problem import Problem
from models.resource_types import ResourceType, SearchParam
from models.search.cursor import Cursor
from models.search.index import fit
from models.times import Span, micros, span

PREFIXES = ("eq", "ne", "gt", "ge", "lt", "le", "sa", "eb", "ap")
DEFAULT_COUNT, MOST = 50, 1000
MOST_VALUES = 500
"""Values of one request: what a database takes as bound variables, with room to spare."""


class TokenValue(NamedTuple):
    """`system` None: any; `code` None: any."""

    system: str | None
    code: str | None


class DateValue(NamedTuple):
    """A prefix and the span that the given date covers."""

    prefix: str
    span: Span


Value = str | TokenValue | DateValue


class Filter(NamedTuple):
    """One parameter of the request; the resource must match one of its values."""

    param: SearchParam
    values: tuple[Value, ...]


class Query(NamedTuple):
    """What was asked; `pairs` are the parameters as given but for the cursor, `text` the same for links."""

    served: ResourceType
    filters: tuple[Filter, ...] = ()
    sort: str = "_lastUpdated"
    descending: bool = False
    size: int = DEFAULT_COUNT
    total: bool = False
    only_count: bool = False
    format: str = "json"
    cursor: Cursor | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    text: str = ""


def parse(
    served: ResourceType, pairs: Iterable[tuple[str, str]], bases: Sequence[str], now: datetime
) -> Query:
    """The query that `pairs` of names and values ask; every problem at once in a BadRequest."""
    given = tuple(pairs)
    timed = any(text.startswith("ap") for _, text in given)
    return _parse(served, given, tuple(bases), now if timed else None)


@lru_cache(maxsize=1_000)
def _parse(
    served: ResourceType, pairs: tuple[tuple[str, str], ...], bases: Sequence[str], now: datetime | None
) -> Query:
    """Kept, since a client that waits for news asks the same again and again; `now` only where it matters."""
    problems: list[Problem] = []
    query = Query(served, pairs=pairs)
    values = 0
    for name, text in query.pairs:
        try:
            if "\x00" in text:
                raise ValueError("a NUL character can stand in no value")
            if name in RESULT:
                query = RESULT[name](query, text)
            else:
                found = _filter(served, name, text, bases, now)
                values += len(found.values)
                query = query._replace(filters=(*query.filters, found))
        except ValueError as error:
            problems.append(Problem("invalid", f"Parameter {name!r}: {error}", rule="search"))
    if values > MOST_VALUES:
        problems.append(
            Problem("too-costly", f"{values} values in one search; at most {MOST_VALUES} are allowed.")
        )
    if problems:
        raise BadRequest(problems)
    plain = tuple(pair for pair in query.pairs if pair[0] != "_cursor")
    return query._replace(pairs=plain, text=urlencode(plain, safe=":/,|"))


def _filter(served: ResourceType, name: str, text: str, bases: Sequence[str], now: datetime | None) -> Filter:
    name, _, modifier = name.partition(":")
    param = served.param(name)
    if param is None:
        known = ", ".join(sorted([p.name for p in served.params] + ["_id", "_lastUpdated", "_tag", *RESULT]))
        raise ValueError(f"not known for {served.name}. Known are: {known}.")
    if modifier and not (modifier == "identifier" and param.kind == "patient"):
        raise ValueError(f"the modifier ':{modifier}' is not supported here.")
    parts = [part for part in re.split(r"(?<!\\),", text) if part]
    if not parts:
        raise ValueError("a value is missing.")
    read = _READERS[param.name if param.kind == "special" else param.kind]
    return Filter(param, tuple(read(param, part, bases, now, modifier) for part in parts))


def _token(param: SearchParam, text: str, *_: object) -> TokenValue:
    parts = _parts(text)
    if len(parts) == 1:
        return TokenValue(None, fit(parts[0]))
    return TokenValue(fit(parts[0]), fit(parts[1]) if parts[1] else None)


def _parts(text: str) -> list[str]:
    parts = [_plain(part) for part in re.split(r"(?<!\\)\|", text)]
    if len(parts) > 2 or not any(parts):
        raise ValueError(f"{text!r} is none of code, system|code, |code, system|.")
    return parts


def _patient(param: SearchParam, text: str, bases: Sequence[str], _: datetime | None, modifier: str) -> str:
    """A patient's key, which is kept at its whole length."""
    if modifier == "identifier":
        *system, code = _parts(text)
        if not code:
            raise ValueError(f"{text!r} is none of value, system|value, |value.")
        return identifier_key("".join(system), code)
    key = _literal(param, text, bases)
    if key.startswith(BY_IDENTIFIER) and "\x00" in "".join(identifier_of(key)):
        raise ValueError("a NUL character can stand in no identifier.")
    return key


def _reference(param: SearchParam, text: str, bases: Sequence[str], *_: object) -> str:
    return fit(_literal(param, text, bases))


def _literal(param: SearchParam, text: str, bases: Sequence[str]) -> str:
    reference = local(_plain(text), bases)
    if "/" in reference or reference.startswith(("urn:", BY_IDENTIFIER)):
        return reference
    if len(param.targets) == 1 or param.kind == "patient":
        return f"{param.targets[0]}/{reference}"
    raise ValueError(f"{text!r} names no type; give Type/id.")


def _date(
    _: SearchParam, text: str, _bases: Sequence[str], now: datetime | None, _modifier: str
) -> DateValue:
    prefix, rest = (text[:2], text[2:]) if text[:2].isalpha() else ("eq", text)
    if prefix not in PREFIXES:
        raise ValueError(f"the prefix {prefix!r} is none of {', '.join(PREFIXES)}.")
    try:
        found = span(rest.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{rest!r} is no date; give YYYY, YYYY-MM, YYYY-MM-DD or a dateTime.") from error
    if prefix == "ap" and now:
        slack = abs(micros(now) - found.low) // 10
        found = Span(found.low - slack, found.high + slack)
    return DateValue(prefix, found)


def _id(_: SearchParam, text: str, *_rest: object) -> str:
    if not re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", text):
        raise ValueError(f"{text!r} is no id: 1 to 64 letters, digits, '-' or '.'.")
    return text


def _plain(text: str) -> str:
    return re.sub(r"\\([,|$\\])", r"\1", text)


_READERS: dict[str, Callable[..., Value]] = {
    "token": _token,
    "patient": _patient,
    "reference": _reference,
    "date": _date,
    "_id": _id,
    "_lastUpdated": _date,
}


def _sort(query: Query, text: str) -> Query:
    descending, name = text.startswith("-"), text.lstrip("-")
    date = next((param.name for param in query.served.params if param.kind == "date"), "_lastUpdated")
    if name not in ("_lastUpdated", date):
        raise ValueError(
            f"{text!r} cannot be sorted by; _lastUpdated and {date} can, with '-' for descending."
        )
    return query._replace(sort="_lastUpdated" if name == "_lastUpdated" else "date", descending=descending)


def _count(query: Query, text: str) -> Query:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError(f"{text!r} is no number of entries; give 0 to {MOST}.")
    count = min(int(text), MOST)
    return query._replace(size=count, only_count=query.only_count or count == 0)


def _choice(*allowed: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{text!r} is none of {', '.join(allowed)}.")
        return text

    return check


_total = _choice("none", "estimate", "accurate")
_summary = _choice("count", "false")
_format = _choice("json", "application/json", "application/fhir+json")

RESULT: dict[str, Callable[[Query, str], Query]] = {
    "_sort": _sort,
    "_count": _count,
    "_total": lambda query, text: query._replace(total=_total(text) != "none"),
    "_summary": lambda query, text: query._replace(only_count=query.only_count or _summary(text) == "count"),
    "_format": lambda query, text: query._replace(format=_format(text)),
    "_cursor": lambda query, text: query._replace(cursor=Cursor.read(text)),
}
"""Parameters that shape the answer, each with how it changes the query."""
