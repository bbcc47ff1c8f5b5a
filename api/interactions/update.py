"""update: PUT [type]/[id] (https://hl7.org/fhir/R4/http.html#update), creating under the client's id too."""

from starlette.requests import Request
from starlette.responses import Response

from api.answers import written
from api.endpoint import ID, served
from api.exchange import preference, resource, version
from api.service import base, bases
from api.writing import commit_one
from models.errors import BadRequest
from service.intake import entry


async def update(request: Request) -> Response:
    """201 where the id is new, 200 otherwise; the same content again keeps its version."""
    type, id = served(request), request.path_params["id"]
    if not ID.fullmatch(id):
        raise BadRequest(f"{id[:80]!r} is no id: 1 to 64 letters, digits, '-' or '.'.")
    doc, warnings = await resource(request, type)
    new = entry("PUT", doc, id, bases(request), if_match=version(request, "if-match"))
    return written(await commit_one(request, new, warnings), base(request), preference(request))
