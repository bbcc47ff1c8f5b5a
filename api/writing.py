"""What create, update and delete share: handing a write on and waiting until it is durable."""

import time
from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.access_log import PATIENTS
from api.answers import written
from api.audit import taken_along
from api.clock import now
from api.exchange import preference
from api.headers import headers
from api.metrics import BEGAN, count
from api.permitted import permissions, sees
from api.service import base, bases, service
from models.access.permissions import Permissions
from models.errors import BadRequest, Refused
from models.parameters import EVERYWHERE
from models.problem import Problem
from models.search.query import Query
from service import conditions
from service.bundles import inside
from service.commit import Answer, Written
from service.intake import Entry, Write
from service.permitted import allowed


async def commit(request: Request, entries: Sequence[Entry], transaction: bool = False) -> Answer:
    """Kept together, durably, or not at all."""
    held = permissions(request)
    asked = tuple(_allowed(entry, held, transaction) for entry in entries)
    return await submit(request, Write(asked, transaction=transaction, permissions=held))


async def submit(request: Request, write: Write) -> Answer:
    """The same for whatever is to be written."""
    asked = write._replace(bases=tuple(bases(request)), events=taken_along(request))
    answer = await service(request).writer.submit(asked)
    count(answer, time.perf_counter() - request.scope[BEGAN])
    if service(request).settings.log_key:
        request.scope.setdefault(PATIENTS, set()).update(result.stored.patient for result in answer)
    return answer


def _allowed(entry: Entry, held: Permissions | None, transaction: bool) -> Entry:
    try:
        return allowed(entry, held)
    except Refused as error:
        raise inside(error, entry.place) if transaction else error from error


async def answered(request: Request, entry: Entry, warnings: Sequence[Problem] = ()) -> Response:
    """A single entry committed, and what its sender is told of it."""
    result = await commit_one(request, entry, warnings)
    return written(result, base(request), shown(request, result, preference(request)))


def shown(request: Request, result: Written, prefer: str) -> str:
    """What the sender prefers to see of a result, as far as it may read that."""
    if prefer != "representation" or result.outcome == "deleted" or sees(request, "r", result.stored):
        return prefer
    return "minimal"


async def commit_one(request: Request, entry: Entry, warnings: Sequence[Problem] = ()) -> Written:
    """The same for a single entry; `warnings` of its validation come first in the answer."""
    (result,) = await commit(request, (entry,))
    return result._replace(warnings=(*warnings, *result.warnings)) if warnings else result


def absent(request: Request, type: str) -> Query | None:
    """The search that must find nothing: of If-None-Exist, or of the address; None where there is neither."""
    header = headers(request).get("if-none-exist")
    address = ""
    if request.scope["query_string"]:
        address = urlencode(
            [pair for pair in request.query_params.multi_items() if pair[0] not in EVERYWHERE]
        )
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
