"""Batch and transaction Bundles taken apart (https://hl7.org/fhir/R4/http.html#transaction)."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from models.errors import BadRequest, Invalid, Malformed, Refused
from models.problem import Problem
from models.resource_types import TYPES
from models.search.query import Query, parse
from service.intake import Entry, Method, check, entry, resolved

PATH = re.compile(r"([A-Z][A-Za-z]*)(?:/([A-Za-z0-9\-.]{1,64}))?")
NEEDS_ID = {"POST": False, "PUT": True, "DELETE": True}
MOST_ENTRIES = 5_000


class Part(NamedTuple):
    """One entry of a Bundle as its sender asked for it; `id` is given for a POST too."""

    at: int
    method: str
    type: str
    id: str
    full_url: str
    doc: Mapping[str, Any]
    request: Mapping[str, Any]


class Ready(NamedTuple):
    """An entry that can be written, and the warnings of its validation."""

    entry: Entry
    warnings: tuple[Problem, ...]


class Context(NamedTuple):
    """What entries are read against: the URLs we are known by, the time, a source of ids."""

    bases: Sequence[str]
    now: datetime
    new_id: Callable[[], str]


def inside(error: Refused, at: int) -> Refused:
    """The same refusal, its expressions leading through the Bundle's entry."""
    where = f"Bundle.entry[{at}]"
    problems = [
        problem._replace(
            expression=f"{where}.resource.{rest}" if (rest := _below(problem.expression)) else where
        )
        for problem in error.problems
    ]
    return type(error)(problems)


def parts(bundle: Mapping[str, Any], context: Context) -> list[Part | Refused]:
    """The entries of a batch or transaction, each understood or refused by itself."""
    entries = bundle.get("entry", [])
    if len(entries) > MOST_ENTRIES:
        raise Invalid(
            [Problem("too-costly", f"At most {MOST_ENTRIES} entries in one Bundle.", "Bundle.entry")]
        )
    return [_caught(at, _part, item, context) for at, item in enumerate(entries)]


def batch(bundle: Mapping[str, Any], context: Context) -> list[Ready | Refused]:
    """Each entry ready to be written by itself, or refused by itself."""
    return [
        part if isinstance(part, Refused) else _caught(part.at, _ready, part, context)
        for part in parts(bundle, context)
    ]


def transaction(bundle: Mapping[str, Any], context: Context) -> list[Ready]:
    """Every entry with references among them resolved; one refusal with all that is wrong otherwise."""
    understood = parts(bundle, context)
    known = [part for part in understood if isinstance(part, Part)]
    names = {
        part.full_url: f"{part.type}/{part.id}" for part in known if part.full_url and part.method != "DELETE"
    }
    ready = [
        part
        if isinstance(part, Refused)
        else _caught(part.at, _ready, part._replace(doc=resolved(part.doc, names)), context)
        for part in understood
    ]
    problems = [problem for item in ready if isinstance(item, Refused) for problem in item.problems]
    problems += _twice(known)
    if problems:
        worst = next((item for item in ready if isinstance(item, Refused)), Invalid(problems))
        raise type(worst)(problems)
    return [item for item in ready if isinstance(item, Ready)]


def _caught(at: int, read: Callable[..., Any], *args: Any) -> Any:
    try:
        return read(*((at, *args) if read is _part else args))
    except Refused as error:
        return inside(error, at)


def _part(at: int, item: Mapping[str, Any], context: Context) -> Part:
    request = item.get("request")
    if not isinstance(request, Mapping):
        raise Malformed(
            [Problem("required", "An entry of a batch or transaction needs `request`.", "", "bdl-3")]
        )
    method, url = str(request.get("method", "")), str(request.get("url", ""))
    path = _local_path(url, context.bases)
    match = PATH.fullmatch(path)
    if method not in NEEDS_ID:
        raise Invalid(
            [Problem("not-supported", f"{method or 'No method'}: entries may be POST, PUT or DELETE.")]
        )
    if match is None or bool(match[2]) != NEEDS_ID[method]:
        wanted = "Type/id" if NEEDS_ID[method] else "Type"
        raise Malformed([Problem("value", f"request.url is {url[:200]!r}; {method} needs {wanted}.")])
    if match[1] not in TYPES:
        raise Invalid(
            [Problem("not-supported", f"{match[1]} is not served here. Served are {', '.join(TYPES)}.")]
        )
    doc = item.get("resource", {})
    if method != "DELETE" and not (isinstance(doc, Mapping) and doc):
        raise Malformed([Problem("required", f"{method} needs a resource.")])
    id = match[2] or context.new_id()
    return Part(at, method, match[1], id, str(item.get("fullUrl", "")), doc, request)


def _ready(part: Part, context: Context) -> Ready:
    if_match = part.request.get("ifMatch")
    match = str(if_match).removeprefix("W/").strip('"') if if_match is not None else None
    if part.method == "DELETE":
        return Ready(Entry("DELETE", part.type, part.id, if_match=match), ())
    warnings = check(part.doc, part.type)
    condition = _condition(part, context)
    method: Method = "POST" if part.method == "POST" else "PUT"
    return Ready(entry(method, part.doc, part.id, context.bases, match, condition), warnings)


def _condition(part: Part, context: Context) -> Query | None:
    text = part.request.get("ifNoneExist")
    if text is None:
        return None
    query = parse(TYPES[part.type], parse_qsl(str(text), keep_blank_values=True), context.bases, context.now)
    if not query.filters:
        raise BadRequest("ifNoneExist: search parameters are needed, such as identifier=system|value.")
    return query


def _local_path(url: str, bases: Sequence[str]) -> str:
    for base in bases:
        url = url.removeprefix(base)
    return url.lstrip("/")


def _twice(known: Sequence[Part]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], int] = {}
    for part in known:
        first = seen.setdefault((part.type, part.id), part.at)
        if first != part.at:
            text = f"{part.type}/{part.id} is written by entry {first} as well; a transaction writes a resource once."
            yield Problem("invariant", text, f"Bundle.entry[{part.at}]", "transaction-unique")


def _below(expression: str) -> str:
    return expression.partition(".")[2]
