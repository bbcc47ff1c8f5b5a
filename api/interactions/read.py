"""read and vread: GET [type]/[id], GET [type]/[id]/_history/[vid] (https://hl7.org/fhir/R4/http.html#read)."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from api.answers import resource, version_headers
from api.conditional import not_modified
from api.endpoint import named
from api.service import service
from models.errors import Gone, NotFound
from models.etags import names
from models.store import queries
from models.store.search import Statement
from models.stored import Stored


async def read(request: Request) -> Response:
    """The current version."""
    type, id = named(request)
    return await _one(request, queries.latest(type, id), f"{type}/{id}")


async def vread(request: Request) -> Response:
    """The version that is named."""
    (type, id), number = named(request), request.path_params["version"]
    name = f"{type}/{id}/_history/{number}"
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise NotFound(f"{name[:200]} is not kept here; versions are numbers.")
    return await _one(request, queries.version(type, id, int(number)), name)


async def _one(request: Request, statement: Statement, name: str) -> Response:
    rows = await service(request).reader.rows(*statement)
    if not rows:
        raise NotFound(f"{name[:200]} is not kept here.")
    stored = Stored(*rows[0])
    if stored.deleted:
        raise Gone(f"{name[:200]} was deleted; its earlier versions are under {stored.reference}/_history.")
    return not_modified(request, version_headers(stored), partial(names, number=stored.number)) or resource(
        stored
    )
