"""$status and $events of Subscriptions: where they stand, and what they were told of, again.

http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/operations.html
"""

import uuid
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.answers import fhir, fhir_document
from api.audit import seen
from api.clock import now
from api.endpoint import ID
from api.kept import current
from api.operations.parameters import posted
from api.permitted import sees
from api.query import EVENTS, NOTHING, STATES, check, given
from api.service import base, service
from models.errors import BadRequest, Invalid, NotFound
from models.fhir.codec import dump, parse
from models.parameters import Pairs
from models.store import delivering
from models.stored import Stored
from service.delivery import topic
from service.delivery.subscription import CONTENTS, Subscription, read
from service.delivery.topic import Numbered

MOST = 1_000
"""Events of one answer."""
DIGITS = 18
"""Of an event number at most."""


async def subscription_status(request: Request) -> Response:
    """200 with a searchset of Parameters that tell how one stands; 404 for an unknown one."""
    return await _status(request, (("id", (await _known(request)).id),))


async def subscription_status_by_post(request: Request) -> Response:
    """The same; there is nothing to ask in the body."""
    check(request, await posted(request), NOTHING)
    return await _status(request, (("id", (await _known(request)).id),))


async def subscription_statuses(request: Request) -> Response:
    """The same for all, or for those of an id or in a state."""
    return await _status(request, request.query_params.multi_items())


async def subscription_statuses_by_post(request: Request) -> Response:
    """The same with `id` and `status` in Parameters in the body."""
    pairs = await posted(request)
    check(request, pairs, STATES)
    return await _status(request, pairs)


async def subscription_events(request: Request) -> Response:
    """200 with a notification Bundle of the events under these numbers."""
    return await _events(request, request.query_params.multi_items())


async def subscription_events_by_post(request: Request) -> Response:
    """The same with its parameters in the body."""
    pairs = await posted(request)
    check(request, pairs, EVENTS)
    return await _events(request, pairs)


async def _status(request: Request, pairs: Pairs) -> Response:
    wanted, rows = given(pairs, STATES.names), await service(request).reader.rows(delivering.LISTED, {})
    ids = {id for id in wanted.get("id", "").split(",") if id}
    states = {state for state in wanted.get("status", "").split(",") if state}
    entries = []
    for row in rows:
        stored, (_, number, *_) = Stored(*row[:10]), row[10:]
        asked = _asked(request, stored)
        if (not ids or stored.id in ids) and asked and (not states or asked.status in states):
            told = topic.status(asked, "query-status", number or 0, (), base(request))
            name = uuid.uuid5(uuid.NAMESPACE_URL, f"{base(request)}/{stored.reference}")
            entries.append({"fullUrl": f"urn:uuid:{name}", "resource": told, "search": {"mode": "match"}})
    answer = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return fhir_document({**answer, **({"entry": entries} if entries else {})})


async def _known(request: Request) -> Stored:
    """The Subscription in the path. Raises NotFound, Gone."""
    id: str = request.path_params["id"]
    if not ID.fullmatch(id):
        raise NotFound(f"{id[:80]!r} is no id, so no Subscription has it.")
    return await current(request, "Subscription", id)


async def _events(request: Request, pairs: Pairs) -> Response:
    stored, wanted = await _known(request), given(pairs, EVENTS.names)
    low = _number(wanted, "eventsSinceNumber", 1)
    high = _number(wanted, "eventsUntilNumber", 10**DIGITS - 1)
    content = wanted.get("content", "")
    if content and content not in CONTENTS:
        raise BadRequest(f"Parameter 'content': {content[:40]!r} is none of {', '.join(CONTENTS)}.")
    asked = _asked(request, stored)
    if asked is None or not asked.topical:
        raise Invalid("Events are numbered for Subscriptions to a topic alone; search the alerts instead.")
    found = await service(request).reader.rows(*delivering.events(stored.id, low, high, MOST + 1))
    rows = [row for row in found if sees(request, "r", Stored(*row[1:]))]
    if len(found) > MOST:
        raise BadRequest(
            f"More than {MOST} events are asked for; narrow eventsSinceNumber and eventsUntilNumber."
        )
    seen(request, [one.version for one in _numbered(rows)])
    shown = asked._replace(content=CONTENTS[content]) if content else asked
    total = await _total(request, stored.id)
    return fhir(dump(topic.notification(shown, "query-event", total, _numbered(rows), base(request))))


def _numbered(rows: Sequence[Sequence[object]]) -> list[Numbered]:
    return [Numbered(row[0], Stored(*row[1:])) for row in rows]  # type: ignore[arg-type]


async def _total(request: Request, id: str) -> int:
    rows = await service(request).reader.rows(delivering.NUMBER, {"id": id})
    return int(rows[0][0]) if rows else 0


def _asked(request: Request, stored: Stored) -> Subscription | None:
    doc = parse(stored.content.encode())
    return read(doc, (base(request),), service(request).endpoints, now())[0]


def _number(wanted: dict[str, str], name: str, default: int) -> int:
    text = wanted.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS):
        raise BadRequest(f"Parameter {name!r}: {text[:40]!r} is no event number.")
    return int(text)
