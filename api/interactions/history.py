"""history of an instance, of a type, of everything: GET [base][/type][/id]/_history
(https://hl7.org/fhir/R4/http.html#history).

Pages follow the change numbers downwards, so that writes meanwhile neither repeat nor drop an entry.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, fhir, location
from api.audit import seen as shown
from api.endpoint import named, served
from api.kept import reached
from api.permitted import narrowings
from api.service import base, service
from models.errors import BadRequest, NotFound
from models.fhir.codec import dump
from models.search.query import DEFAULT_COUNT, MOST
from models.store import queries
from models.stored import Stored
from models.times import instant, span

STATUS = {"POST": "201 Created", "PUT": "200 OK", "DELETE": "204 No Content"}
NEWEST = 10**18
"""Above every change number."""
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


class Page(NamedTuple):
    """What of a history is asked for; `text` is `since` as it was given."""

    size: int
    before: int
    since: int
    text: str

    def url(self, address: str, before: int) -> str:
        """The address of this page, or of the one that ends at `before`."""
        given = {"_since": self.text} if self.text else {}
        cut = {} if before == NEWEST else {"_before": before}
        return f"{address}?{urlencode({**given, '_count': self.size, **cut}, safe=':')}"


FIRST = Page(1, NEWEST, 0, "")
LOOK, MOST_LOOKS = 500, 10
"""Versions looked at together, and how often, for a sender who may know some of them only."""


async def history(request: Request) -> Response:
    """All versions of a resource, newest first, deletions among them."""
    type, id = named(request)
    page = _page(request)
    seen = await _seen(request, "r", queries.Versions(type, id, page.since), page)
    anything = seen.found or (await _seen(request, "r", queries.Versions(type, id), FIRST)).found
    if not anything:
        raise NotFound(f"{type}/{id} is not kept here.")
    return _answer(request, f"{type}/{id}/_history", page, seen)


async def type_history(request: Request) -> Response:
    """All versions of all resources of a type."""
    type, page = served(request), _page(request)
    seen = await _seen(request, "s", queries.Versions(type, since=page.since), page)
    return _answer(request, f"{type}/_history", page, seen)


async def system_history(request: Request) -> Response:
    """All versions of everything that is kept."""
    page = _page(request)
    return _answer(
        request, "_history", page, await _seen(request, "s", queries.Versions(since=page.since), page)
    )


class _Seen(NamedTuple):
    """What a page holds, the change number that the next one ends at, how many there are; None: none, not counted."""

    found: Sequence[Stored]
    next: int | None
    total: int | None = None


async def _seen(request: Request, letter: str, versions: queries.Versions, page: Page) -> _Seen:
    """A page of versions, as far as the sender may know them."""
    if any(versions.type in ("", one.type) for one in narrowings(request, letter)):
        return await _picked(request, letter, versions, page)
    reader = service(request).reader
    rows = await reader.rows(*queries.history(versions, page.before, page.size + 1))
    ((total,),) = await reader.rows(*queries.how_many(versions))
    return _cut([Stored(*row) for row in rows], page.size, None, total)


async def _picked(request: Request, letter: str, versions: queries.Versions, page: Page) -> _Seen:
    """The same where only some may be known: each is looked at, up to a limit, behind which the next page begins."""
    found, before = list[Stored](), page.before
    for _ in range(MOST_LOOKS):
        rows = await service(request).reader.rows(*queries.history(versions, before, LOOK))
        found += await reached(request, letter, [Stored(*row) for row in rows])
        if len(found) > page.size or len(rows) < LOOK:
            return _cut(found, page.size, None)
        before = rows[-1][0]
    return _cut(found, page.size, before)


def _cut(found: Sequence[Stored], size: int, further: int | None, total: int | None = None) -> _Seen:
    return _Seen(found[:size], found[size - 1].seq if 0 < size < len(found) else further, total)


def _answer(request: Request, address: str, page: Page, seen: _Seen) -> Response:
    root = base(request)
    shown(request, seen.found)
    links = {"self": page.url(f"{root}/{address}", page.before)}
    if seen.next is not None and page.size:
        links["next"] = page.url(f"{root}/{address}", seen.next)
    entries = (_entry(version, root) for version in seen.found)
    return fhir(bundle("history", entries, links, seen.total))


def _entry(version: Stored, base: str) -> str:
    made = {
        "request": {
            "method": version.method,
            "url": version.type if version.method == "POST" else version.reference,
        },
        "response": {
            "status": "201 Created" if version.number == 1 else STATUS[version.method],
            "location": location(base, version),
            "etag": f'W/"{version.number}"',
            "lastModified": instant(version.seq),
        },
    }
    about = dump({"fullUrl": f"{base}/{version.reference}", **made}).decode()
    return about if version.deleted else f'{about[:-1]},"resource":{version.text()}}}'


def _page(request: Request) -> Page:
    """The page that the parameters ask for; BadRequest for what is not understood."""
    text = request.query_params.get("_since", "").replace(" ", "+")
    count = min(_number(request, "_count", DEFAULT_COUNT), MOST)
    return Page(count, _number(request, "_before", NEWEST), _since(text), text)


def _since(text: str) -> int:
    try:
        if not text or INSTANT.fullmatch(text):
            return span(text).low if text else 0
    except (ValueError, OverflowError):
        pass
    raise BadRequest(f"Parameter '_since': {text[:40]!r} is no instant; give YYYY-MM-DDThh:mm:ssZ.")


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise BadRequest(f"Parameter {name!r}: {text[:40]!r} is no number.")
    return min(int(text), NEWEST)
