"""What create, update and delete share: handing a write on and waiting until it is durable."""

from collections.abc import Sequence

from starlette.requests import Request

from api.clock import now
from api.metrics import count_alerts
from api.service import bases, service
from models.problem import Problem
from models.search.query import Query
from service import conditions
from service.commit import Answer, Written
from service.intake import Entry, Write


async def commit(request: Request, entries: Sequence[Entry], transaction: bool = False) -> Answer:
    """Kept together, durably, or not at all."""
    answer = await service(request).writer.submit(Write(tuple(entries), tuple(bases(request)), transaction))
    count_alerts(answer)
    return answer


async def commit_one(request: Request, entry: Entry, warnings: Sequence[Problem] = ()) -> Written:
    """The same for a single entry; `warnings` of its validation come first in the answer."""
    (result,) = await commit(request, (entry,))
    return result._replace(warnings=(*warnings, *result.warnings)) if warnings else result


def criteria(request: Request, type: str, text: str | None) -> Query | None:
    """The search of an If-None-Exist header; None where there is none."""
    if text is None:
        return None
    return conditions.read(type, text.partition("?")[2] or text, "If-None-Exist", bases(request), now())


def where(request: Request, type: str) -> Query:
    """The search of a conditional request, behind the question mark of its address."""
    return conditions.read(type, request.url.query, "A conditional request", bases(request), now())
