"""create: POST [type] (https://hl7.org/fhir/R4/http.html#create), conditionally with If-None-Exist or, as the client
fhirpy asks it, with the same criteria behind a question mark."""

from starlette.requests import Request
from starlette.responses import Response

from api.answers import written
from api.clock import new_id
from api.endpoint import served
from api.exchange import preference, resource
from api.service import base, bases
from api.writing import absent, commit_one
from service.intake import entry


async def create(request: Request) -> Response:
    """201 with the resource as it is kept; alerts it raised stand in the Link header."""
    type = served(request)
    condition = absent(request, type)
    doc, warnings = await resource(request, type)
    new = entry("POST", doc, new_id(), bases(request), if_none_exist=condition)
    return written(await commit_one(request, new, warnings), base(request), preference(request))
