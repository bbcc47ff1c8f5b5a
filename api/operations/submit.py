"""$submit: POST Observation/$submit, the round trip for simple clients."""

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, fhir
from api.clock import new_id
from api.exchange import resource
from api.service import base, bases
from api.writing import commit_one
from models.stored import Stored
from service.intake import entry


async def submit(request: Request) -> Response:
    """200 with a collection: the reading as it is kept, then the alerts that it raised."""
    doc, warnings = await resource(request, "Observation")
    result = await commit_one(request, entry("POST", doc, new_id(), bases(request)), warnings)
    kept = [result.stored, *(version for _, version in result.raised)]
    return fhir(bundle("collection", (_entry(stored, base(request)) for stored in kept), {}))


def _entry(stored: Stored, base: str) -> str:
    return f'{{"fullUrl":"{base}/{stored.reference}","resource":{stored.text()}}}'
