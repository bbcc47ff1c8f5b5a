"""search and poll: GET [type]?..., POST [type]/_search, over types and in a patient's compartment
(https://hl7.org/fhir/R4/http.html#search).

Pages follow a keyset, so that writes meanwhile neither repeat nor drop an entry. The last page in the order of
`_lastUpdated` carries a link `monitor`: fetched again later, it gives whatever was committed since.
"""

from collections.abc import Iterable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, entry, fhir, paged, passed_over
from api.audit import seen
from api.clock import now
from api.endpoint import ID, served
from api.exchange import form, handling
from api.including import check_includes, included
from api.metrics import fetched
from api.permitted import narrowed, offered
from api.query import present
from api.service import base, bases, service
from api.subset import Subset
from models.errors import Gone, NotFound
from models.parameters import Pairs
from models.resource_types import TYPES, ResourceType
from models.search.compartment import INSIDE, compartment
from models.search.cursor import Cursor
from models.search.query import Query, parse, parse_all, parse_inside
from models.store import search as statements
from models.stored import Stored


async def search(request: Request) -> Response:
    """A searchset Bundle of one type."""
    return await _one_type(request, request.query_params.multi_items())


async def search_by_post(request: Request) -> Response:
    """The same with the parameters in a form, so that they stand in no log."""
    return await _one_type(request, await _fields(request))


async def search_all(request: Request) -> Response:
    """The same over several types."""
    return await _all_types(request, request.query_params.multi_items())


async def search_all_by_post(request: Request) -> Response:
    """The same over several types, with the parameters in a form."""
    return await _all_types(request, await _fields(request))


async def search_compartment(request: Request) -> Response:
    """What belongs to a patient, of one type."""
    return await _compartment(request, request.query_params.multi_items())


async def search_compartment_by_post(request: Request) -> Response:
    """The same with the parameters in a form."""
    return await _compartment(request, await _fields(request))


async def search_whole_compartment(request: Request) -> Response:
    """What belongs to a patient, of every type."""
    pairs, patient = request.query_params.multi_items(), _patient(request)
    types = _offered(request, pairs, INSIDE)
    query = parse_inside(patient, pairs, bases(request), now(), handling(request) == "lenient", types)
    return await _answer(request, query, f"{base(request)}/{patient}/*")


async def _compartment(request: Request, pairs: Pairs) -> Response:
    type, patient = served(request), _patient(request)
    if type not in INSIDE:
        told = (
            f"no patient's compartment holds any {type}; search {type} itself. It holds {', '.join(INSIDE)}."
        )
        raise NotFound(f"By the definition of FHIR R4 {told}")
    query = parse(TYPES[type], pairs, bases(request), now(), handling(request) == "lenient")
    query = query._replace(compartment=compartment(patient, TYPES[type]))
    return await _answer(request, query, f"{base(request)}/{patient}/{type}")


def _patient(request: Request) -> str:
    id = request.path_params["id"]
    if not ID.fullmatch(id):
        raise NotFound(f"{id[:80]!r} is no id, so no patient has it.")
    return f"Patient/{id}"


async def _fields(request: Request) -> Pairs:
    """The parameters of the address and of the form."""
    pairs = [*request.query_params.multi_items(), *await form(request)]
    present(request, pairs)
    return pairs


async def _one_type(request: Request, pairs: Pairs) -> Response:
    type = served(request)
    query = parse(TYPES[type], pairs, bases(request), now(), handling(request) == "lenient")
    return await _answer(request, query, f"{base(request)}/{type}")


async def _all_types(request: Request, pairs: Pairs) -> Response:
    types = _offered(request, pairs, TYPES)
    query = parse_all(pairs, bases(request), now(), handling(request) == "lenient", types)
    return await _answer(request, query, base(request))


def _offered(request: Request, pairs: Pairs, types: Mapping[str, ResourceType]) -> Mapping[str, ResourceType]:
    """The types of a search that may name its own: where it names none, those that the sender may search."""
    return types if any(name == "_type" for name, _ in pairs) else offered(request, types)


async def _answer(request: Request, query: Query, address: str) -> Response:
    query, reader = narrowed(request, query), service(request).reader
    check_includes(request, query)
    total = None
    if query.total or query.only_count:
        total = (await reader.rows(*statements.count(query)))[0][0]
    if query.only_count:
        only_self = {"self": paged(address, query.text, query.cursor)}
        return fhir(bundle("searchset", passed_over(query.ignored), only_self, total))
    rows = await reader.rows(*statements.page(query, query.size + 1))
    epoch, head = rows[0][:2]
    _check(query.cursor, epoch, head)
    page = statements.versions(rows[: query.size])
    fetched(service(request).feeds.new(query, head, page))
    more = await included(request, query, page) if query.includes else ()
    seen(request, (*page, *more))
    entries = _entries(request, query, page, "match")
    if more:
        entries += _entries(request, query, more, "include")
    links = _links(address, query, rows, epoch, head)
    return fhir(bundle("searchset", [*entries, *passed_over(query.ignored)], links, total))


def _entries(request: Request, query: Query, page: Iterable[Stored], mode: str) -> list[str]:
    root, subset = base(request), Subset(query.summary, query.elements)
    return [entry(root, stored.reference, subset.shown(stored.text()), mode) for stored in page]


def _check(cursor: Cursor | None, epoch: str, head: int) -> None:
    if cursor and (cursor.epoch != epoch or cursor.seq > head):
        raise Gone(
            "This cursor belongs to an earlier life of the database, which was restored since. Start again with "
            "_lastUpdated=gt and a time before the restore; what you know already comes once more."
        )


def _links(
    address: str, query: Query, rows: Sequence[Sequence[object]], epoch: str, head: int
) -> Mapping[str, str]:
    links = {"self": paged(address, query.text, query.cursor)}
    if len(rows) > query.size:
        links["next"] = paged(address, query.text, statements.behind(rows[query.size - 1]))
    elif query.feed:
        links["monitor"] = paged(address, query.text, Cursor(epoch, (), head))
    return links
