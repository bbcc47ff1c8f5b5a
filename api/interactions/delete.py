"""delete: DELETE [type]/[id] (https://hl7.org/fhir/R4/http.html#delete), its alerts are retracted; and
DELETE [type]?[criteria] (https://hl7.org/fhir/R4/http.html#3.1.0.7.1)."""

from starlette.requests import Request
from starlette.responses import Response

from api.endpoint import named, served
from api.headers import headers
from api.writing import answered, where
from service.intake import Entry


async def delete(request: Request) -> Response:
    """204, for what is not there as well; 404 for what no resource can be called."""
    return await _delete(request, Entry("DELETE", *named(request)))


async def conditional_delete(request: Request) -> Response:
    """204 after the one resource that the criteria find is gone, or where they find none; 412 where several."""
    type = served(request)
    return await _delete(request, Entry("DELETE", type, "", where=where(request, type)))


async def _delete(request: Request, gone: Entry) -> Response:
    gone = gone._replace(if_match=headers(request).get("if-match"))
    return await answered(request, gone)
