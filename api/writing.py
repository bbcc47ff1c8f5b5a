"""What create, update and delete share: handing a write on and waiting until it is durable."""

import time
from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.requests import Request

from api.access import PATIENTS
from api.clock import now
from api.headers import headers
from api.metrics import BEGAN, count
from api.service import bases, service
from models.errors import BadRequest
from models.parameters import EVERYWHERE
from models.problem import Problem
from models.search.query import Query
from service import conditions
from service.commit import Answer, Written
from service.intake import Entry, Write


async def commit(request: Request, entries: Sequence[Entry], transaction: bool = False) -> Answer:
    """Kept together, durably, or not at all."""
    return await submit(request, Write(tuple(entries), transaction=transaction))


async def submit(request: Request, write: Write) -> Answer:
    """The same for whatever is to be written."""
    answer = await service(request).writer.submit(write._replace(bases=tuple(bases(request))))
    count(answer, time.perf_counter() - request.scope[BEGAN])
    if service(request).settings.log_key:
        request.scope.setdefault(PATIENTS, set()).update(result.stored.patient for result in answer)
    return answer


async def commit_one(request: Request, entry: Entry, warnings: Sequence[Problem] = ()) -> Written:
    """The same for a single entry; `warnings` of its validation come first in the answer."""
    (result,) = await commit(request, (entry,))
    return result._replace(warnings=(*warnings, *result.warnings)) if warnings else result


def absent(request: Request, type: str) -> Query | None:
    """The search that must find nothing: of If-None-Exist, or of the address; None where there is neither."""
    header = headers(request).get("if-none-exist")
    address = urlencode([pair for pair in request.query_params.multi_items() if pair[0] not in EVERYWHERE])
    if header is None:
        return _criteria(request, type, address, "A conditional create") if address else None
    if address:
        raise BadRequest("Criteria stand in If-None-Exist and in the address too; give them in one of both.")
    return _criteria(request, type, header.partition("?")[2] or header, "If-None-Exist")


def where(request: Request, type: str) -> Query:
    """The search of a conditional request, behind the question mark of its address."""
    return _criteria(request, type, request.url.query, "A conditional request")


def _criteria(request: Request, type: str, text: str, told: str) -> Query:
    return conditions.read(type, text, told, bases(request), now())
