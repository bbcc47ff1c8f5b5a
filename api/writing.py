"""What create, update and delete share: handing a write on and waiting until it is durable."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from starlette.requests import Request

from api.clock import now
from api.metrics import count_alerts
from api.service import bases, service
from models.errors import BadRequest
from models.problem import Problem
from models.resource_types import TYPES
from models.search.query import Query, parse
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
    pairs = parse_qsl(text.partition("?")[2] or text, keep_blank_values=True)
    query = parse(TYPES[type], pairs, bases(request), now())
    if not query.filters:
        raise BadRequest("If-None-Exist: search parameters are needed, such as identifier=system|value.")
    return query
