"""$dose-check: GET or POST Patient/[id]/$dose-check?at=INSTANT, may the next dose be given?"""

import asyncio
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from api.answers import fhir_document
from api.clock import now
from api.endpoint import ID
from api.operations.parameters import posted
from api.query import AT, given, instant
from api.query import check as taken
from api.service import Service, service
from models.errors import BadRequest, NotFound
from models.parameters import Pairs
from models.store import everything as statements
from models.store import ledger
from models.stored import Stored
from models.times import EVER, micros
from service.alerts.chart import Chart
from service.dosing.answer import parameters
from service.dosing.check import REACH, check
from service.loading import DAY, beside

AHEAD = timedelta(hours=24)
"""How far in the future a dose may be asked about: what is known now says little of later."""
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


async def dose_check(request: Request) -> Response:
    """200 with Parameters: the verdict, why, and what it rests on; 404 where nothing is kept of the patient."""
    return await _answer(request, request.query_params.multi_items())


async def dose_check_by_post(request: Request) -> Response:
    """The same with `at` in Parameters in the body."""
    pairs = await posted(request)
    taken(request, pairs, AT)
    return await _answer(request, pairs)


async def _answer(request: Request, pairs: Pairs) -> Response:
    asked = given(pairs, AT.names)
    at = _at(asked["at"]) if "at" in asked else now()
    id = request.path_params["id"]
    chart = await known(service(request), f"Patient/{id}", at) if ID.fullmatch(id) else None
    if chart is None:
        raise NotFound(f"Nothing is kept of {f'Patient/{id}'[:80]!r}.")
    found = await asyncio.to_thread(check, chart, at, service(request).rules)
    return fhir_document(parameters(found))


def _at(text: str) -> datetime:
    at = instant(text, "at")
    if not EARLIEST <= at <= now() + AHEAD:
        hours = AHEAD // timedelta(hours=1)
        raise BadRequest(
            f"Parameter 'at': give an instant from {EARLIEST.year} on, at most {hours} hours ahead."
        )
    return at


async def known(of: Service, patient: str, at: datetime | None) -> Chart | None:
    """The chart of a patient for what is asked at an instant (None: all of it); None where nothing is kept.

    Read in one statement beside the writer: it waits for nobody, and nobody for it.
    """
    since = -EVER if at is None else micros(at - REACH) - DAY
    rows = await of.reader.rows(*ledger.chart(patient, since))
    if not rows and not await of.reader.rows(*statements.bears(patient)):
        return None
    return await asyncio.to_thread(beside, patient, [Stored(*row) for row in rows])
