"""CDS Hooks (https://cds-hooks.hl7.org/2.0/): the dose check as cards that a hospital's record system shows.

Outside /fhir and plain JSON; refusals are OperationOutcomes as everywhere else. Nothing that is sent is kept or logged.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.audit import of_patient
from api.clock import new_id, now
from api.endpoint import ID
from api.exchange import document
from api.operations.dose_check import known
from api.query import NOTHING
from api.query import check as taken
from api.service import base, bases, service
from models.errors import NotFound
from models.fhir.codec import dump, parse
from models.store import everything as statements
from models.stored import Stored
from service.dosing.cards import Place, signing, viewed
from service.dosing.check import check, treated
from service.dosing.drafts import drafted, medication_ids, prefetched, signed
from service.dosing.hooks import ORDER_SIGN, SERVICES, Asked, discovery, read

JSON = "application/json"


async def cds_services(request: Request) -> Response:
    """200 with the list of services."""
    _check_query(request)
    return Response(dump(discovery()), media_type=JSON)


async def cds_service(request: Request) -> Response:
    """200 with cards, none where there is nothing to say; 404 for a service that is not served."""
    _check_query(request)
    name = request.path_params["service"]
    called = SERVICES.get(name)
    if called is None:
        raise NotFound(f"There is no CDS service {name[:80]!r}. There are {', '.join(SERVICES)}.")
    asked = read(called, await document(request))
    at = now()
    of_patient(request, asked.patient)
    chart = await known(service(request), asked.patient, None)
    medications = await _medications(request, asked) if called.hook == ORDER_SIGN else {}

    place = Place(base(request), kept=chart is not None)

    def cards() -> list[dict[str, Any]]:
        rules, places = service(request).rules, (*bases(request), *filter(None, [asked.server]))
        record = chart or prefetched(asked.prefetched, asked.patient, at, rules, places)
        if called.hook != ORDER_SIGN:
            return viewed(check(record, at, rules), place, new_id) if treated(record, at) else []
        changes = signed(asked.drafts, asked.patient, at, medications, places)
        made = drafted(record, changes, at, rules)
        return signing(check(made.chart, at, rules), made.alerts, made.watched, place, new_id)

    return Response(dump({"cards": await asyncio.to_thread(cards)}), media_type=JSON)


def _check_query(request: Request) -> None:
    """The specification has no parameters."""
    taken(request, request.query_params.multi_items(), NOTHING)


async def _medications(request: Request, asked: Asked) -> Mapping[str, dict[str, Any]]:
    """What the drafts are orders of, where they refer to it: from the call, else as it is kept here."""
    came = [
        dict(doc) for _, doc in (*asked.drafts, *asked.prefetched) if doc.get("resourceType") == "Medication"
    ]
    ids = [id for id in medication_ids(asked.drafts, bases(request)) if ID.fullmatch(id)]
    rows = await service(request).reader.rows(*statements.medications(ids)) if ids else ()
    kept = {one.reference: parse(one.content.encode()) for one in (Stored(*row) for row in rows)}
    return {**kept, **{f"Medication/{doc.get('id')}": doc for doc in came}}
