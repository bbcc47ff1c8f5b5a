"""patch: PATCH [type]/[id] and PATCH [type]?[criteria] (https://hl7.org/fhir/R4/http.html#patch).

The patch is worked in the transaction that keeps the result, on the version that is current there: of two patches
at once none undoes the other.
"""

from starlette.requests import Request
from starlette.responses import Response

from api.endpoint import named, served
from api.exchange import patch as body
from api.headers import headers
from api.writing import answered, where
from service.intake import Entry


async def patch(request: Request) -> Response:
    """200 with the patched resource; 404 and 410 where there is none."""
    return await _patch(request, Entry("PATCH", *named(request)))


async def conditional_patch(request: Request) -> Response:
    """The same for the one resource that the criteria find; 404 where they find none, 412 where several."""
    type = served(request)
    return await _patch(request, Entry("PATCH", type, "", where=where(request, type)))


async def _patch(request: Request, asked: Entry) -> Response:
    given = headers(request)
    asked = asked._replace(
        patch=await body(request), if_match=given.get("if-match"), if_none_match=given.get("if-none-match")
    )
    return await answered(request, asked)
