"""history of an instance, of a type, of everything: GET [base][/type][/id]/_history
(https://hl7.org/fhir/R4/http.html#history).

Pages follow the change numbers downwards, so that writes meanwhile neither repeat nor drop an entry.
"""

import re
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, fhir, location
from api.endpoint import named, served
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


async def history(request: Request) -> Response:
    """All versions of a resource, newest first, deletions among them."""
    type, id = named(request)
    page = _page(request)
    answer = await _history(request, queries.Versions(type, id, page.since), page)
    if not answer.total and not await service(request).reader.rows(*queries.latest(type, id)):
        raise NotFound(f"{type}/{id} is not kept here.")
    return fhir(answer.text)


async def type_history(request: Request) -> Response:
    """All versions of all resources of a type."""
    type, page = served(request), _page(request)
    return fhir((await _history(request, queries.Versions(type, since=page.since), page)).text)


async def system_history(request: Request) -> Response:
    """All versions of everything that is kept."""
    page = _page(request)
    return fhir((await _history(request, queries.Versions(since=page.since), page)).text)


class _Answer(NamedTuple):
    total: int
    text: str


async def _history(request: Request, versions: queries.Versions, page: Page) -> _Answer:
    reader, root = service(request).reader, base(request)
    address = "/".join(part for part in (root, versions.type, versions.id, "_history") if part)
    rows = await reader.rows(*queries.history(versions, page.before, page.size + 1))
    ((total,),) = await reader.rows(*queries.how_many(versions))
    found = [Stored(*row) for row in rows]
    links = {"self": page.url(address, page.before)}
    if 0 < page.size < len(found):
        links["next"] = page.url(address, found[page.size - 1].seq)
    entries = (_entry(version, root) for version in found[: page.size])
    return _Answer(total, bundle("history", entries, links, total))


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
