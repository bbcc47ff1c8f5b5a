"""update: PUT [type]/[id] (https://hl7.org/fhir/R4/http.html#update), creating under the client's id too; and
PUT [type]?[criteria] (https://hl7.org/fhir/R4/http.html#cond-update)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.clock import new_id
from api.endpoint import ID, served
from api.exchange import resource
from api.headers import headers
from api.service import bases
from api.writing import answered, where
from models.errors import BadRequest
from service.intake import Entry, entry


async def update(request: Request) -> Response:
    """201 where the id is new, 200 otherwise; the same content again keeps its version."""
    type, id = served(request), request.path_params["id"]
    if not ID.fullmatch(id):
        raise BadRequest(f"{id[:80]!r} is no id: 1 to 64 letters, digits, '-' or '.'.")
    doc, warnings = await resource(request, type)
    new = _guarded(request, doc, id)
    return await answered(request, new, warnings)


async def conditional_update(request: Request) -> Response:
    """The same for the one resource that the criteria find; 201 where they find none, 412 where several."""
    type = served(request)
    criteria = where(request, type)
    doc, warnings = await resource(request, type)
    id = doc.get("id") or new_id()
    new = _guarded(request, {**doc, "id": id}, id)._replace(where=criteria, claimed="id" in doc)
    return await answered(request, new, warnings)


def _guarded(request: Request, doc: dict[str, Any], id: str) -> Entry:
    given = headers(request)
    made = entry("PUT", doc, id, bases(request), given.get("if-match"))
    tag = given.get("if-none-match")
    return made if tag is None else made._replace(if_none_match=tag)
