"""create: POST [type] (https://hl7.org/fhir/R4/http.html#create), conditionally with If-None-Exist or, as the client
fhirpy asks it, with the same criteria behind a question mark."""

from starlette.requests import Request
from starlette.responses import Response

from api.clock import new_id
from api.endpoint import served
from api.exchange import resource
from api.service import bases
from api.writing import absent, answered
from service.intake import entry


async def create(request: Request) -> Response:
    """201 with the resource as it is kept; alerts it raised stand in the Link header."""
    type = served(request)
    condition = absent(request, type)
    doc, warnings = await resource(request, type)
    new = entry("POST", doc, new_id(), bases(request), if_none_exist=condition)
    return await answered(request, new, warnings)
