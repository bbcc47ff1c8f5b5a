"""Reading a request: what the client accepts, prefers and sends (https://hl7.org/fhir/R4/http.html)."""

import asyncio
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from starlette.requests import Request

from api import audit
from api.bodies import SMALL
from api.headers import headers
from api.service import service
from models.errors import Malformed, NotAcceptable, TooLarge, WrongMediaType
from models.fhir.codec import parse, tree
from models.patch import fhirpath_patch, json_patch
from models.patch.patch import Patch
from models.problem import Problem
from service.intake import check

T = TypeVar("T")

FHIR_JSON = "application/fhir+json"
JSON_TYPES = frozenset({FHIR_JSON, "application/json", "text/json"})
PATCHES: Mapping[str, Callable[[Any], Patch]] = {
    json_patch.MEDIA_TYPE: json_patch.read,
    FHIR_JSON: fhirpath_patch.read,
}
"""Media types of a patch, each with what reads it."""
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS, MOST_FORM = 1_000, 128 * 1024
"""Fields of a form, and its octets: it is read while others wait, and no search that is taken needs as many."""
LARGE = 64 * 1024
"""Octets of a body that is read and checked aside; the least that MAX_BODY_VALUES can be."""
STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""A string of a JSON text, also one that does not end; each octet is looked at once."""
ACCEPTED = JSON_TYPES | {"*/*", "application/*", "text/*"}
RETURNS = frozenset({"representation", "minimal", "OperationOutcome"})


@lru_cache(maxsize=500)
def accepts(header: str) -> bool:
    """Whether an Accept header takes FHIR JSON with a quality above zero."""
    for part in header.split(",") if header.strip() else ("*/*",):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        refused = any(
            parameter.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for parameter in parameters
        )
        if media in ACCEPTED and not refused:
            return True
    return False


def negotiate(request: Request) -> None:
    """Refuse a client that takes no JSON; `_format`, which was looked at before, counts for more than the header."""
    header = headers(request).get("accept", "*/*")
    if not accepts(header) and "_format" not in request.query_params:
        raise NotAcceptable(f"Accept: {header[:200]!r} names no format served here; ask for {FHIR_JSON}.")


@lru_cache(maxsize=200)
def prefers(header: str) -> str:
    """`return=` of a Prefer header; unknown wishes are passed over, as RFC 7240 asks."""
    for wish in header.replace(",", ";").split(";"):
        name, _, value = wish.strip().partition("=")
        if name.strip().lower() == "return" and value.strip() in RETURNS:
            return value.strip()
    return "representation"


@lru_cache(maxsize=200)
def handles(header: str) -> str:
    """`handling=` of a Prefer header: strict, which is the default here, or lenient."""
    wishes = (wish.strip().partition("=") for wish in header.replace(",", ";").split(";"))
    found = [value.strip() for name, _, value in wishes if name.strip().lower() == "handling"]
    return "lenient" if "lenient" in found else "strict"


def handling(request: Request) -> str:
    """What is done with parameters that are not known (https://hl7.org/fhir/R4/search.html#errors)."""
    return handles(headers(request).get("prefer", ""))


def preference(request: Request) -> str:
    """What the client wants back of a write: representation, minimal or OperationOutcome."""
    return prefers(headers(request).get("prefer", ""))


async def document(request: Request) -> dict[str, Any]:
    """The body, parsed without loss. Raises WrongMediaType, TooLarge, Malformed."""
    return await _aside(request, await _body(request), parse)


async def sent_document(request: Request) -> dict[str, Any]:
    """The same for a body that may be empty, which is no document, whatever type it is said to have: {}."""
    if headers(request).get("content-length") == "0":
        return {}
    raw = await _body(request)
    return await _aside(request, raw, parse) if raw else {}


async def form(request: Request, most: int = MOST_FORM) -> list[tuple[str, str]]:
    """The names and values of a body that is a form, of up to `most` octets. Raises WrongMediaType, TooLarge,
    Malformed."""
    header = headers(request).get("content-type", FORM)
    if header.partition(";")[0].strip().lower() != FORM:
        raise WrongMediaType(f"Content-Type: {header[:200]!r} is not read here; send {FORM}.")
    raw = await _received(request, min(most, service(request).settings.max_body_bytes))
    audit.sent(request, raw.decode(errors="replace"))
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Malformed(f"The body is no form of up to {MOST_FIELDS} fields in UTF-8.") from error


async def resource(request: Request, type: str) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The body as a resource of that type, and the warnings of its validation. Raises Invalid too."""
    return await _aside(request, await _body(request), lambda raw: _checked(parse(raw), type))


def _checked(doc: dict[str, Any], type: str) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    return doc, check(doc, type)


async def _aside(request: Request, raw: bytes, work: Callable[[bytes], T]) -> T:
    """What `work` makes of a body; a large one in a thread, so that nobody waits for it. Raises TooLarge."""
    if len(raw) < LARGE:
        return work(raw)
    return await asyncio.to_thread(_bounded, raw, service(request).settings.max_body_values, work)


def _bounded(raw: bytes, most: int, work: Callable[[bytes], T]) -> T:
    """The same for a body that could hold more values than can be checked in good time."""
    if marks(raw) > most and more(raw, most):
        text = f"The body holds more than {most} values; send it in several Bundles, or ask the operator."
        raise TooLarge([Problem("too-costly", text)])
    return work(raw)


def marks(raw: bytes, start: int = 0, end: int | None = None) -> int:
    """Commas and opening brackets; every value of a JSON text but the first comes with one."""
    return raw.count(b",", start, end) + raw.count(b"[", start, end) + raw.count(b"{", start, end)


def more(raw: bytes, most: int) -> bool:
    """Whether a text has more of them outside of its strings. String by string: a replacement of all at once would
    keep every other thread waiting, and hold a piece for each."""
    found = at = 0
    for string in STRING.finditer(raw):
        found += marks(raw, at, string.start())
        if found > most:
            return True
        at = string.end()
    return found + marks(raw, at) > most


async def _body(request: Request, types: frozenset[str] = JSON_TYPES) -> bytes:
    _check_type(headers(request).get("content-type", ""), types)
    return await _received(request, service(request).settings.max_body_bytes)


@lru_cache(maxsize=200)
def _check_type(header: str, types: frozenset[str]) -> None:
    media, _, rest = header.partition(";")
    if header and media.strip().lower() not in types:
        raise WrongMediaType(f"Content-Type: {header[:200]!r} is not read here; send {FHIR_JSON}.")
    charset = rest.lower().partition("charset=")[2].split(";")[0].strip().strip('"')
    if charset and charset not in ("utf-8", "utf8", "us-ascii"):
        raise WrongMediaType(f"The charset {charset[:40]!r} is not read here; FHIR JSON is UTF-8.")


async def _received(request: Request, most: int) -> bytes:
    sent = headers(request)
    if sent.get("content-encoding", "identity").lower() != "identity":
        raise WrongMediaType("Compressed bodies are not read; send the body without Content-Encoding.")
    if sent.get("transfer-encoding", "chunked").lower() != "chunked":
        raise WrongMediaType("Compressed bodies are not read; send the body with Transfer-Encoding: chunked.")
    length = sent.get("content-length", "0")
    if length.isdigit() and int(length) > most:
        raise _too_large(most)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise _too_large(most)
        if size > SMALL:
            service(request).bodies.hold(request, size)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(most: int) -> TooLarge:
    return TooLarge(
        f"The body is larger than the {most} octets allowed; send smaller Bundles, or ask the operator."
    )


async def patch(request: Request) -> Patch:
    """The body as a patch, of the kind that its media type names. Raises WrongMediaType for any other."""
    header = headers(request).get("content-type", "")
    read = PATCHES.get(header.partition(";")[0].strip().lower())
    if read is None:
        raise WrongMediaType(
            f"Content-Type: {header[:200]!r} is no patch; send {' or '.join(PATCHES)} (Parameters)."
        )
    return await _aside(request, await _body(request, frozenset(PATCHES)), lambda raw: read(tree(raw)))
