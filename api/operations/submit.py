"""$submit: POST Observation/$submit, the round trip for simple clients."""

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, fhir
from api.answers import entry as shown
from api.clock import new_id
from api.exchange import resource
from api.service import base, bases
from api.writing import commit_one
from service.intake import entry


async def submit(request: Request) -> Response:
    """200 with a collection: the reading as it is kept, then the alerts that it raised."""
    doc, warnings = await resource(request, "Observation")
    result = await commit_one(request, entry("POST", doc, new_id(), bases(request)), warnings)
    kept = [result.stored, *(version for _, version in result.raised)]
    return fhir(bundle("collection", (shown(base(request), one.reference, one.text()) for one in kept), {}))
