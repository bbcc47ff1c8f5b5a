"""$meta: GET or POST [type]/[id]/$meta, the meta of a resource (https://hl7.org/fhir/R4/resource-operation-meta.html).

Of a type or of everything it is not served: each tag and profile in use would have to be counted over every row.
"""

from starlette.requests import Request
from starlette.responses import Response

from api.answers import fhir_document, version_headers
from api.endpoint import named
from api.kept import current
from api.operations.parameters import posted
from api.query import NOTHING, check
from models.fhir.codec import parse


async def meta(request: Request) -> Response:
    """200 with Parameters: one parameter `return`, the meta as it is kept."""
    return await _answer(request)


async def meta_by_post(request: Request) -> Response:
    """The same; there is nothing to ask in the body."""
    check(request, await posted(request), NOTHING)
    return await _answer(request)


async def _answer(request: Request) -> Response:
    stored = await current(request, *named(request))
    found = {"name": "return", "valueMeta": parse(stored.text().encode())["meta"]}
    return fhir_document({"resourceType": "Parameters", "parameter": [found]}, 200, version_headers(stored))
