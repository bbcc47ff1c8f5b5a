"""create: POST [type] (https://hl7.org/fhir/R4/http.html#create), conditionally with If-None-Exist."""

from starlette.requests import Request
from starlette.responses import Response

from api.answers import written
from api.clock import new_id
from api.endpoint import served
from api.exchange import preference, resource
from api.headers import headers
from api.service import base, bases
from api.writing import commit_one, criteria
from service.intake import entry


async def create(request: Request) -> Response:
    """201 with the resource as it is kept; alerts it raised stand in the Link header."""
    type = served(request)
    condition = criteria(request, type, headers(request).get("if-none-exist"))
    doc, warnings = await resource(request, type)
    new = entry("POST", doc, new_id(), bases(request), if_none_exist=condition)
    return written(await commit_one(request, new, warnings), base(request), preference(request))
