"""$lastn: GET or POST Observation/$lastn?patient=...&max=n, the newest of each code.

https://hl7.org/fhir/R4/observation-operation-lastn.html. Newest is by date, then by the order of commit; what has
no date is older than all. The patient's Observations are read along their index, a page at a time.
"""

from collections.abc import AsyncIterator
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, entry, fhir, passed_over
from api.audit import seen
from api.clock import now
from api.exchange import handling
from api.operations.parameters import posted
from api.permitted import narrowed
from api.query import number
from api.service import base, bases, service
from models.errors import BadRequest
from models.parameters import EVERYWHERE, Pairs
from models.resource_types import TYPES
from models.search.query import MOST, RESULT, Query, parse
from models.store import search as statements
from models.stored import Stored
from service.latest import Latest

NEWEST_FIRST = (("_sort", "-date"), ("_count", str(MOST)))


async def lastn(request: Request) -> Response:
    """200 with a searchset, newest first; 400 where no patient is named."""
    return await _answer(request, request.query_params.multi_items())


async def lastn_by_post(request: Request) -> Response:
    """The same with Parameters in the body."""
    return await _answer(request, await posted(request))


async def _answer(request: Request, given: Pairs) -> Response:
    pairs, most = _asked(given)
    lenient = handling(request) == "lenient"
    query = parse(TYPES["Observation"], [*pairs, *NEWEST_FIRST], bases(request), now(), lenient)
    if not any(filter.param.kind == "patient" for filter in query.filters):
        raise BadRequest("Parameter 'patient' is missing: $lastn looks at one patient.")
    latest, reached = Latest(most), narrowed(request, query)
    found = {one.id: one async for one in _newest_first(request, reached) if latest.takes(one.content)}
    seen(request, found.values())
    understood = [*query.pairs[: -len(NEWEST_FIRST)], ("max", most)]
    address = f"{base(request)}/Observation/$lastn?{urlencode(understood, safe=':/,|')}"
    entries = [entry(base(request), one.reference, one.text(), "match") for one in found.values()]
    return fhir(bundle("searchset", [*entries, *passed_over(query.ignored)], {"self": address}, len(found)))


def _asked(pairs: Pairs) -> tuple[list[tuple[str, str]], int]:
    """The search parameters, and how many of each code are wanted."""
    shaping = [name for name, _ in pairs if name in RESULT and name not in EVERYWHERE]
    if shaping:
        raise BadRequest(
            f"Parameter {shaping[0]!r} is not known for $lastn, whose order and number are its own."
        )
    most = [text for name, text in pairs if name == "max"] or ["1"]
    if len(most) > 1:
        raise BadRequest("Parameter 'max' is given twice; give it once.")
    return [pair for pair in pairs if pair[0] != "max"], number(most[0], "max", MOST)


async def _newest_first(request: Request, query: Query) -> AsyncIterator[Stored]:
    """All that the query finds."""
    while True:
        rows = await service(request).reader.rows(*statements.page(query, MOST))
        found = statements.versions(rows)
        for stored in found:
            yield stored
        if len(found) < MOST:
            return
        query = query._replace(cursor=statements.behind(rows[-1]))
