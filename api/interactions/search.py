"""search and poll: GET [type]?... (https://hl7.org/fhir/R4/http.html#search).

Pages follow a keyset, so that writes meanwhile neither repeat nor drop an entry. The last page in the order of
`_lastUpdated` carries a link `monitor`: fetched again later, it gives whatever was committed since.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, fhir
from api.clock import now
from api.endpoint import served
from api.service import base, bases, service
from models.errors import Gone
from models.resource_types import TYPES
from models.search.cursor import Cursor
from models.search.query import Query, parse
from models.store import search as statements
from models.stored import Stored


async def search(request: Request) -> Response:
    """A searchset Bundle."""
    type = served(request)
    query = parse(TYPES[type], request.query_params.multi_items(), bases(request), now())
    reader, address = service(request).reader, f"{base(request)}/{type}"
    total = None
    if query.total or query.only_count:
        total = (await reader.rows(*statements.count(query)))[0][0]
    if query.only_count:
        return fhir(bundle("searchset", (), {"self": _url(address, query, query.cursor)}, total))
    rows = await reader.rows(*statements.page(query, query.size + 1))
    epoch, head = rows[0][:2]
    _check(query.cursor, epoch, head)
    found = [Stored(*row[2:]) for row in rows if row[2] is not None]
    prefix = f'{{"fullUrl":"{base(request)}/'
    entries = [
        f'{prefix}{stored.type}/{stored.id}","resource":{stored.text()},"search":{{"mode":"match"}}}}'
        for stored in found[: query.size]
    ]
    return fhir(bundle("searchset", entries, _links(address, query, found, epoch, head), total))


def _check(cursor: Cursor | None, epoch: str, head: int) -> None:
    if cursor and (cursor.epoch != epoch or cursor.seq > head):
        raise Gone(
            "This cursor belongs to an earlier life of the database, which was restored since. Start again with "
            "_lastUpdated=gt and a time before the restore; what you know already comes once more."
        )


def _links(address: str, query: Query, found: list[Stored], epoch: str, head: int) -> Mapping[str, str]:
    links = {"self": _url(address, query, query.cursor)}
    if len(found) > query.size:
        last = found[query.size - 1]
        key = (
            last.seq if query.sort == "_lastUpdated" else statements.NO_DATE if last.low is None else last.low
        )
        links["next"] = _url(address, query, Cursor(epoch, key, last.seq))
    elif query.sort == "_lastUpdated" and not query.descending:
        links["monitor"] = _url(address, query, Cursor(epoch, head, head))
    return links


def _url(address: str, query: Query, cursor: Cursor | None) -> str:
    parts = [part for part in (query.text, f"_cursor={cursor.text()}" if cursor else "") if part]
    return f"{address}?{'&'.join(parts)}" if parts else address
