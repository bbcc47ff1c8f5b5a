"""$submit: POST Observation/$submit, the round trip for simple clients."""

from starlette.requests import Request
from starlette.responses import Response

from api.answers import alert_issue, bundle, fhir
from api.answers import entry as shown
from api.clock import new_id
from api.errors import outcome
from api.exchange import resource
from api.permitted import sees
from api.service import base, bases
from api.writing import commit_one
from models.fhir.codec import dump
from service.intake import entry


async def submit(request: Request) -> Response:
    """200 with a collection: the reading as it is kept, then the alerts that it raised; those that the sender may not
    read are told of in an OperationOutcome, as to whoever creates a reading."""
    doc, warnings = await resource(request, "Observation")
    result = await commit_one(request, entry("POST", doc, new_id(), bases(request)), warnings)
    kept = [result.stored, *(version for _, version in result.raised if sees(request, "r", version))]
    told = [alert_issue(*one) for one in result.raised if not sees(request, "r", one[1])]
    entries = [shown(base(request), one.reference, one.text()) for one in kept]
    if told:
        entries.append(dump({"resource": outcome(told)}).decode())
    return fhir(bundle("collection", entries, {}))
