"""history of an instance: GET [type]/[id]/_history (https://hl7.org/fhir/R4/http.html#history)."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, fhir, location
from api.endpoint import named
from api.service import base, service
from models.errors import BadRequest, NotFound
from models.fhir.codec import dump
from models.search.query import MOST
from models.store import queries
from models.stored import Stored
from models.times import instant

STATUS = {"POST": "201 Created", "PUT": "200 OK", "DELETE": "204 No Content"}
NEWEST = 10**18
"""Above every version number."""
KNOWN = ("_count", "_before", "_format")
"""Parameters served here; `_before` is the page's own, in its next link."""


async def history(request: Request) -> Response:
    """All versions, newest first, deletions among them."""
    type, id = named(request)
    count, below = _number(request, "_count", 50), _number(request, "_before", NEWEST)
    unknown = [name for name in request.query_params if name not in KNOWN]
    if unknown:
        raise BadRequest(f"Parameter {unknown[0]!r} is not known for history. Known are: _count, _format.")
    count = min(max(count, 1), MOST)
    reader = service(request).reader
    rows = await reader.rows(*queries.history(type, id, below, count + 1))
    if not rows:
        raise NotFound(f"{type}/{id} is not kept here.")
    total = (await reader.rows(*queries.versions(type, id)))[0][0]
    versions = [Stored(*row) for row in rows]
    address = f"{base(request)}/{type}/{id}/_history"
    links = {"self": _page(address, count, below)}
    if len(versions) > count:
        links["next"] = _page(address, count, versions[count - 1].number)
    entries = (_entry(version, base(request)) for version in versions[:count])
    return fhir(bundle("history", entries, links, total))


def _page(address: str, count: int, below: int) -> str:
    before = {} if below == NEWEST else {"_before": below}
    return f"{address}?{urlencode({'_count': count, **before})}"


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


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise BadRequest(f"Parameter {name!r}: {text[:40]!r} is no number.")
    return min(int(text), NEWEST)
