"""delete: DELETE [type]/[id] (https://hl7.org/fhir/R4/http.html#delete); its alerts are retracted."""

from starlette.requests import Request
from starlette.responses import Response

from api.answers import written
from api.endpoint import named
from api.exchange import preference, version
from api.service import base
from api.writing import commit_one
from service.intake import Entry


async def delete(request: Request) -> Response:
    """204, for what is not there as well; 404 for what no resource can be called."""
    gone = Entry("DELETE", *named(request), if_match=version(request, "if-match"))
    return written(await commit_one(request, gone), base(request), preference(request))
