"""read and vread: GET [type]/[id], GET [type]/[id]/_history/[vid] (https://hl7.org/fhir/R4/http.html#read)."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from api.answers import fhir, version_headers
from api.conditional import not_modified
from api.endpoint import named
from api.kept import current, found
from api.subset import asked
from models.errors import NotFound
from models.etags import names
from models.store import queries
from models.stored import Stored


async def read(request: Request) -> Response:
    """The current version."""
    return _answer(request, await current(request, *named(request)))


async def vread(request: Request) -> Response:
    """The version that is named."""
    (type, id), number = named(request), request.path_params["version"]
    name = f"{type}/{id}/_history/{number}"
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise NotFound(f"{name[:200]} is not kept here; versions are numbers.")
    return _answer(request, await found(request, queries.version(type, id, int(number)), name))


def _answer(request: Request, stored: Stored) -> Response:
    """304, or the version; `asked` comes first, so that what is not understood is refused in either case."""
    subset, about = asked(request), version_headers(stored)
    same = partial(names, number=stored.number)
    return not_modified(request, about, same) or fhir(subset.shown(stored.text()), 200, about)
