"""Batch and transaction Bundles taken apart (https://hl7.org/fhir/R4/http.html#transaction)."""

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from models.errors import BadRequest, Invalid, Malformed, Refused
from models.fhir.codec import tree
from models.parameters import pretty, unknown
from models.patch import fhirpath_patch, json_patch
from models.problem import Problem
from models.resource_types import TYPES
from service.conditions import read, references, unresolved
from service.intake import Entry, Method, check, entry, resolved

PATH = re.compile(r"([A-Z][A-Za-z]*)(?:/([A-Za-z0-9\-.]{1,64}))?(?:\?(.*))?", re.DOTALL)
WRITES = {
    "POST": "Type",
    "PUT": "Type/id or Type?criteria",
    "PATCH": "Type/id or Type?criteria",
    "DELETE": "Type/id or Type?criteria",
}
"""Methods that write, each with the addresses that it takes."""
READS = ("GET", "HEAD")
MOST_ENTRIES = 5_000
CONDITIONS = ("ifMatch", "ifNoneMatch", "ifNoneExist")


class Part(NamedTuple):
    """One entry of a Bundle as its sender asked for it; `id` is given for a POST too.

    `where` are the criteria of a conditional request; `doc` of a patch are its operations; `ignored` is what a
    lenient client gave in vain.
    """

    at: int
    method: str
    type: str
    id: str
    full_url: str
    doc: Any
    request: Mapping[str, Any]
    where: str = ""
    ignored: tuple[Problem, ...] = ()


class Look(NamedTuple):
    """An entry that reads: `url` is relative to the base."""

    at: int
    method: str
    url: str
    request: Mapping[str, Any]


class Ready(NamedTuple):
    """An entry that can be written, and the warnings of its validation."""

    entry: Entry
    warnings: tuple[Problem, ...]


class Context(NamedTuple):
    """What entries are read against: the URLs we are known by, the time, a source of ids.

    `lenient`: parameters that are not known are passed over. `most`: entries that one Bundle may have.
    """

    bases: Sequence[str]
    now: datetime
    new_id: Callable[[], str]
    lenient: bool = False
    most: int = MOST_ENTRIES


def inside(error: Refused, at: int) -> Refused:
    """The same refusal, its expressions leading through the Bundle's entry."""
    return type(error)(placed(error.problems, at))


def placed(problems: Iterable[Problem], at: int) -> list[Problem]:
    """The same problems, their expressions leading through the Bundle's entry."""
    where = f"Bundle.entry[{at}]"
    return [
        problem._replace(
            expression=f"{where}.resource.{rest}" if (rest := _below(problem.expression)) else where
        )
        for problem in problems
    ]


def parts(bundle: Mapping[str, Any], context: Context) -> list[Part | Look | Refused]:
    """The entries of a batch or transaction, each understood or refused by itself."""
    entries = bundle.get("entry", [])
    if len(entries) > context.most:
        text = f"{len(entries)} entries; at most {context.most} are taken in one Bundle. Send several."
        raise Invalid([Problem("too-costly", text, "Bundle.entry")])
    return [_caught(at, _part, item, context) for at, item in enumerate(entries)]


def batch(bundle: Mapping[str, Any], context: Context) -> list[Ready | Look | Refused]:
    """Each entry ready to be written or read by itself, or refused by itself."""
    return [
        _caught(part.at, _ready, part, context) if isinstance(part, Part) else part
        for part in parts(bundle, context)
    ]


def transaction(bundle: Mapping[str, Any], context: Context) -> list[Ready | Look]:
    """Every entry with references among them resolved; one refusal with all that is wrong otherwise."""
    understood = parts(bundle, context)
    known = [part for part in understood if isinstance(part, Part)]
    names = {
        part.full_url: f"{part.type}/{part.id}"
        for part in known
        if part.full_url and part.id and part.method != "DELETE"
    }
    ready = [
        _caught(part.at, _referring, part._replace(doc=resolved(part.doc, names)), context)
        if isinstance(part, Part)
        else part
        for part in understood
    ]
    problems = [problem for item in ready if isinstance(item, Refused) for problem in item.problems]
    problems += _twice(known)
    if problems:
        worst = next((item for item in ready if isinstance(item, Refused)), Invalid(problems))
        raise type(worst)(problems)
    return [item for item in ready if isinstance(item, Ready | Look)]


def _caught(at: int, read: Callable[..., Any], *args: Any) -> Any:
    try:
        return read(*((at, *args) if read is _part else args))
    except Refused as error:
        return inside(error, at)


def _part(at: int, item: Mapping[str, Any], context: Context) -> Part | Look:
    request = item.get("request")
    if not isinstance(request, Mapping):
        raise Malformed(
            [Problem("required", "An entry of a batch or transaction needs `request`.", "", "bdl-3")]
        )
    method, url = str(request.get("method", "")), str(request.get("url", ""))
    path = _local_path(url, context.bases)
    match = PATH.fullmatch(path)
    if match and match[1] not in TYPES:
        raise Invalid(
            [Problem("not-supported", f"{match[1]} is not served here. Served are {', '.join(TYPES)}.")]
        )
    if method in READS:
        return Look(at, method, path, request)
    if method not in WRITES:
        known = ", ".join((*WRITES, *READS))
        raise Invalid([Problem("not-supported", f"{method or 'No method'}: entries may be {known}.")])
    if match is None or not _addressed(method, match[2], match[3]):
        raise Malformed([Problem("value", f"request.url is {url[:200]!r}; {method} needs {WRITES[method]}.")])
    doc, where = _body(method, item), match[3] or ""
    name, full_url = _id(method, match, doc, item, context)
    if method != "POST" and not match[2]:
        return Part(at, method, match[1], name, full_url, doc, request, where)
    return Part(at, method, match[1], name, full_url, doc, request, ignored=_ignored(where, context))


def _addressed(method: str, id: str | None, where: str | None) -> bool:
    """Whether an address fits its method."""
    return not id if method == "POST" else bool(id or where)


def _ignored(query: str, context: Context) -> tuple[Problem, ...]:
    """The parameters that are passed over of a request that has no criteria. Raises BadRequest, NotAcceptable."""
    pairs = parse_qsl(query, keep_blank_values=True)
    pretty(pairs)
    found = tuple(problem._replace(severity="warning") for problem in unknown(pairs))
    if found and not context.lenient:
        raise BadRequest([*unknown(pairs)])
    return found


def _id(
    method: str, match: re.Match[str], doc: Any, item: Mapping[str, Any], context: Context
) -> tuple[str, str]:
    """The id of what is written, as far as it is known yet, and the fullUrl."""
    claimed = doc.get("id") if method == "PUT" and match[3] else ""
    id = match[2] or (claimed if isinstance(claimed, str) else "")
    return id or (context.new_id() if method in ("POST", "PUT") else ""), str(item.get("fullUrl", ""))


def _body(method: str, item: Mapping[str, Any]) -> Any:
    """The resource of an entry; of a patch its operations, for which a Binary may be the carrier."""
    doc = item.get("resource", {})
    if method != "DELETE" and not (isinstance(doc, Mapping) and doc):
        raise Malformed([Problem("required", f"{method} needs a resource.")])
    if method != "PATCH" or doc.get("resourceType") != "Binary":
        return doc
    if doc.get("contentType") != json_patch.MEDIA_TYPE:
        text = f"A Binary with a patch has the contentType {json_patch.MEDIA_TYPE}."
        raise Malformed([Problem("value", text, "Binary.contentType")])
    try:
        operations = tree(base64.b64decode(str(doc.get("data")), validate=True))
    except ValueError as error:
        raise Malformed([Problem("value", "Binary.data is no base64.", "Binary.data")]) from error
    return json_patch.read(operations).operations


def _referring(part: Part, context: Context) -> Ready:
    """An entry of a transaction, whose conditional references are to be resolved, or are told of."""
    ready = _ready(part, context)
    if told := tuple(unresolved(part.doc, part.type)):
        ready = ready._replace(warnings=(*ready.warnings, *told))
    found = tuple(dict(references(part.doc, context.bases, context.now)).items())
    return ready._replace(entry=ready.entry._replace(references=found)) if found else ready


def _ready(part: Part, context: Context) -> Ready:
    if part.method in ("DELETE", "PATCH"):
        return Ready(_asked(part, _bare(part), context), part.ignored)
    warnings = (*part.ignored, *check(part.doc, part.type))
    if part.where:
        made = entry("PUT", {**part.doc, "id": part.id}, part.id, context.bases)
        return Ready(_asked(part, made._replace(claimed="id" in part.doc), context), warnings)
    method: Method = "POST" if part.method == "POST" else "PUT"
    return Ready(_asked(part, entry(method, part.doc, part.id, context.bases), context), warnings)


def _bare(part: Part) -> Entry:
    """A deletion or a patch."""
    if part.method == "DELETE":
        return Entry("DELETE", part.type, part.id)
    kind = json_patch if isinstance(part.doc, list) else fhirpath_patch
    return Entry("PATCH", part.type, part.id, patch=kind.read(part.doc))


def _asked(part: Part, made: Entry, context: Context) -> Entry:
    """The entry with its place and its conditions."""
    given = {name: str(part.request[name]) for name in CONDITIONS if part.request.get(name) is not None}
    exist = given.get("ifNoneExist")
    bases, now = context.bases, context.now
    return made._replace(
        place=part.at,
        named=bool(part.full_url),
        if_match=given.get("ifMatch"),
        if_none_match=given.get("ifNoneMatch"),
        if_none_exist=None if exist is None else read(part.type, exist, "ifNoneExist", bases, now),
        where=read(part.type, part.where, "request.url", bases, now) if part.where else None,
    )


def _local_path(url: str, bases: Sequence[str]) -> str:
    for base in bases:
        url = url.removeprefix(base)
    return url.lstrip("/")


def _twice(known: Sequence[Part]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], int] = {}
    for part in known:
        if part.id:
            first = seen.setdefault((part.type, part.id), part.at)
            if first != part.at:
                yield twice(part.type, part.id, first)._replace(expression=f"Bundle.entry[{part.at}]")


def twice(type: str, id: str, first: int) -> Problem:
    """That a resource is written by an entry that came before."""
    text = f"{type}/{id} is written by entry {first} as well; a transaction writes a resource once."
    return Problem("invariant", text, "", "transaction-unique")


def _below(expression: str) -> str:
    return expression.partition(".")[2]
