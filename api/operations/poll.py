"""$poll: POST $poll?consumer=NAME, the next alerts of a consumer whose position is kept here.

A page is read beside the writer. What the poll tells of the consumer is then written in the writer's turn, and only
when that is durable the page leaves: a page can come twice, and none is missed.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, entry, fhir, warned
from api.audit import seen
from api.clock import now
from api.metrics import fetched
from api.operations.consumers import beginning, change, standing, whose
from api.operations.parameters import posted
from api.permitted import narrowed, permissions
from api.query import number
from api.service import Service, base, service
from models.errors import BadRequest, Conflict, Gone
from models.parameters import EVERYWHERE, Pairs, repeated
from models.problem import Problem
from models.search.question import DEFAULT_COUNT, MOST
from models.store import consumers as statements
from models.store import search
from models.store.consumers import Consumer, Move
from models.stored import Stored
from models.times import micros
from service import consumers
from service.commit import Missed

OWN = ("consumer", "from", "ack", "_count")
"""Parameters of $poll beside those of the search."""
FRESH = 5_000_000
"""Microseconds in which a poll that finds nothing new is not written down again: asking all the time costs no flush."""
ATTEMPTS = 3
"""Of a poll during which the consumer is reset."""


class Page(NamedTuple):
    """What a consumer is given: `seq` is where it has come with it, `head` where the feed stood."""

    found: Sequence[Stored]
    more: bool
    seq: int
    head: int


async def poll(request: Request) -> Response:
    """200 with a searchset of the alerts behind the position, and the links that acknowledge them."""
    pairs = await posted(request)
    asked = _asked(pairs)
    name = whose(request, asked.get("consumer", ""))
    wanted = consumers.criteria([pair for pair in pairs if pair[0] not in (*OWN, *EVERYWHERE)])
    narrowed(
        request, consumers.query(wanted, base(request), now())
    )  # whoever may not ask this begins no consumer
    size = number(asked.get("_count", str(DEFAULT_COUNT)), "_count", MOST)
    for _ in range(ATTEMPTS):
        begin = await beginning(service(request), asked.get("from", "now"))
        consumer = await _begun(request, name, wanted, begin)
        seq, problems = _acknowledged(consumer, asked.get("ack", ""))
        page = await _page(request, consumer, seq, size)
        if await _told(service(request), consumer, seq, page):
            fetched(stored.seq for stored in page.found if stored.seq > consumer.handed)
            seen(request, page.found)
            return _answer(request, consumer, page, size, problems)
    raise Conflict(f"{name} is being reset again and again; send the request again.")


def _asked(pairs: Pairs) -> dict[str, str]:
    own = [pair for pair in pairs if pair[0] in OWN]
    if problems := [*repeated(own)]:
        raise BadRequest(problems)
    return dict(own)


async def _begun(request: Request, name: str, wanted: str, position: int) -> Consumer:
    """The consumer, begun where it is not there yet. Raises Conflict, Gone."""
    of = service(request)
    known = await of.reader.rows(*statements.one(name))
    if not known:
        await _room(request)
        with suppress(Missed):  # another request has begun it, or there are too many
            await change(of, statements.begin(name, wanted, base(request), position, micros(now())))
        known = await of.reader.rows(*statements.one(name))
    if not known:
        most = statements.MOST
        raise Conflict(
            f"{most} consumers are kept, and no more can be: GET $consumers lists them, $consumer-remove one."
        )
    (consumer,) = statements.consumers(known)
    consumers.same(consumer, wanted)
    consumers.sound(consumer)
    return consumer


async def _room(request: Request) -> None:
    """Raises Conflict where the sender has as many as one client may: it could take those of all others."""
    held = permissions(request)
    rows = await service(request).reader.rows(*statements.every()) if held else ()
    mine = [
        one.name for one in statements.consumers(rows) if held and consumers.owner(one.name) == held.client
    ]
    if len(mine) >= statements.MOST_OF_CLIENT:
        raise Conflict(
            f"This client has {len(mine)} consumers, and no more may be kept for one: GET $consumers lists them, "
            "$consumer-remove one."
        )


def _acknowledged(consumer: Consumer, text: str) -> tuple[int, list[Problem]]:
    """How far the consumer is with what it acknowledges. A cursor that holds no more is passed over, with a warning:
    an engine that knows no better would send it for ever, and get no alert."""
    try:
        return max(consumers.acknowledged(consumer, text) if text else 0, consumer.position), []
    except Gone as error:
        return consumer.position, [problem._replace(severity="warning") for problem in error.problems]


async def _page(request: Request, consumer: Consumer, seq: int, size: int) -> Page:
    query = narrowed(request, consumers.behind(consumer, seq, now()))
    rows = await service(request).reader.rows(*search.page(query, size + 1))
    found = search.versions(rows[:size])
    return Page(found, len(rows) > size, found[-1].seq if found else seq, rows[0][1])


async def _told(of: Service, consumer: Consumer, seq: int, page: Page) -> bool:
    """Write down what the poll tells of the consumer; False where it was reset meanwhile. Where nothing was found,
    nothing waits up to the head of the feed either."""
    at, acknowledges = micros(now()), seq > consumer.position
    if not acknowledges and page.seq <= consumer.handed and at - consumer.fetched < FRESH:
        return True
    position = seq if page.found else page.head
    move = Move(position, max(page.seq, position), at, at if acknowledges else 0)
    try:
        await change(of, statements.move(consumer, move))
    except Missed:
        return False
    return True


def _answer(
    request: Request, consumer: Consumer, page: Page, size: int, problems: Sequence[Problem]
) -> Response:
    """With links that say all that is needed to begin the consumer again where it stands: a database can be restored
    that has never heard of it."""
    root, cursor, name = base(request), consumers.cursor(consumer, page.seq), consumers.called(consumer.name)
    asked = "&".join(filter(None, (f"consumer={name}", consumer.criteria, f"_count={size}")))
    links = {
        "self": f"{root}/$poll?{asked}",
        "next" if page.more else "monitor": f"{root}/$poll?{asked}&from={standing(page.seq)}&ack={cursor}",
        "ack": f"{root}/$ack?consumer={name}&cursor={cursor}",
    }
    entries = (entry(root, stored.reference, stored.text(), "match") for stored in page.found)
    response = fhir(bundle("searchset", entries, links))
    warned(response, problems)
    return response
