"""Consumers: $ack moves the position that is kept for one, $consumers tells how far each is behind, $consumer-reset has
one begin elsewhere, $consumer-remove forgets it. $poll, which begins one, is in `api.operations.poll`.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.answers import fhir_document
from api.audit import taken_along
from api.clock import now
from api.operations.parameters import posted
from api.permitted import permissions
from api.query import ACKNOWLEDGED, CONSUMER, RESET, Taken, check, given
from api.query import instant as instant_of
from api.service import Service, service
from models.errors import BadRequest, NotFound
from models.store import consumers as statements
from models.store import queries
from models.store.consumers import Consumer, Move
from models.store.statement import Statement
from models.times import EVER, instant, micros
from service.audit.event import Event
from service.commit import Missed
from service.consumers import acknowledged, called, named, owned
from service.intake import Chore, Write
from service.lag import MOST, Lag, lags, of_client

BEGINNINGS = {"beginning": 0, "now": EVER}
"""Words for where to begin, each with the change number behind which that is."""
AHEAD = 60_000_000
"""Microseconds by which the clocks of others, or the numbers of a burst of writes, may be ahead of ours."""


async def consumers(request: Request) -> Response:
    """200 with Parameters: each consumer, or the one that is asked for, and how far it is behind."""
    at, of = now(), service(request)
    name = given(request.query_params.multi_items(), CONSUMER.names).get("consumer")
    held = permissions(request)
    mine = await (of_client(of.reader, at, held) if held else lags(of.reader, at))
    known = [lag._replace(name=called(lag.name)) for lag in mine if name in (None, called(lag.name))]
    if name is not None and not known:
        raise NotFound(f"There is no consumer {name[:60]!r}; GET $consumers lists them.")
    limit = of.settings.consumer_lag_seconds
    shown = [{"name": "consumer", "part": [*_parts(lag, at, limit)]} for lag in known]
    return fhir_document({"resourceType": "Parameters", **({"parameter": shown} if shown else {})})


async def ack(request: Request) -> Response:
    """200 with Parameters: how far the consumer has come."""
    asked = await _asked(request, ACKNOWLEDGED)
    consumer = await found(service(request), whose(request, asked["consumer"]))
    seq, move = acknowledged(consumer, asked["cursor"]), Move(acknowledged=micros(now()))
    moved = statements.move(consumer, move._replace(position=seq))
    await change(service(request), moved, taken_along(request))
    return _told(consumer.name, max(seq, consumer.position))


async def consumer_reset(request: Request) -> Response:
    """200 with Parameters: where the consumer goes on from now."""
    asked = await _asked(request, RESET)
    of, name = service(request), whose(request, asked["consumer"])
    position = await beginning(of, asked["from"])
    try:
        await change(of, statements.reset(name, position, micros(now())), taken_along(request))
    except Missed as error:
        raise _unknown(name) from error
    return _told(name, (await found(of, name)).position)


async def consumer_remove(request: Request) -> Response:
    """200 with Parameters: how far the consumer had come."""
    asked = await _asked(request, CONSUMER)
    consumer = await found(service(request), whose(request, asked["consumer"]))
    try:
        await change(service(request), statements.remove(consumer.name), taken_along(request))
    except Missed as error:
        raise _unknown(consumer.name) from error
    return _told(consumer.name, consumer.position)


def whose(request: Request, name: str) -> str:
    """The key of the sender's consumer of a name. Raises BadRequest."""
    held = permissions(request)
    return owned(named(name), held.client if held else "")


async def found(of: Service, name: str) -> Consumer:
    """The consumer of a name. Raises NotFound."""
    known = statements.consumers(await of.reader.rows(*statements.one(name)))
    if not known:
        raise _unknown(name)
    return known[0]


async def change(of: Service, statement: Statement, events: tuple[Event, ...] = ()) -> None:
    """Change a consumer's row, durably, with what tells the audit. Raises Missed where it is gone, or was reset."""
    chore = Chore(f"consumer/{statement.args['name']}", lambda turn: turn.change(statement))
    await of.writer.submit(Write((), chore=chore, events=events))


async def beginning(of: Service, text: str) -> int:
    """The change number behind which to begin: `beginning`, `now` or an instant. Raises BadRequest.

    The feed itself can be ahead of a clock that was set back, and a consumer's own links name where it stands in it.
    """
    if text in BEGINNINGS:
        return BEGINNINGS[text]
    try:
        at = micros(instant_of(text, "from"))
    except BadRequest as error:
        raise BadRequest(f"{error} The words {' and '.join(BEGINNINGS)} are taken too.") from error
    if at > micros(now()) + AHEAD and at > (await of.reader.rows(queries.HEAD, {}))[0][0] + AHEAD:
        raise BadRequest(
            f"Parameter 'from': {text[:40]!r} is in the future; give a time that has passed, or now."
        )
    return at - 1


def standing(position: int) -> str:
    """A position as an instant: what was committed up to then is acknowledged."""
    return instant(max(position, 0))


async def _asked(request: Request, taken: Taken) -> dict[str, str]:
    """The parameters of the address and of the body, each of which is needed. Raises BadRequest."""
    pairs = await posted(request)
    check(request, pairs, taken)
    asked = given(pairs, taken.names)
    if missing := [name for name in taken.names if name not in asked]:
        raise BadRequest(f"Parameter {missing[0]!r} is missing; needed are {', '.join(taken.names)}.")
    return asked


def _unknown(name: str) -> NotFound:
    name = called(name)
    return NotFound(
        f"There is no consumer {name}; POST $poll?consumer={name} begins one, GET $consumers lists them."
    )


def _told(name: str, position: int) -> Response:
    """How far a consumer has come."""
    told = [
        {"name": "consumer", "valueString": called(name)},
        {"name": "position", "valueInstant": standing(position)},
    ]
    return fhir_document({"resourceType": "Parameters", "parameter": told})


def _parts(lag: Lag, at: datetime, limit: int) -> Iterator[dict[str, Any]]:
    yield {"name": "name", "valueString": lag.name}
    if lag.criteria:
        yield {"name": "criteria", "valueString": lag.criteria}
    yield {"name": "position", "valueInstant": standing(lag.position)}
    yield {"name": "alerts", "valueUnsignedInt": lag.alerts}
    yield {"name": "at-least", "valueBoolean": lag.alerts >= MOST}
    yield {"name": "waiting-seconds", "valueDecimal": round(lag.waiting(at), 3)}
    for name, then in (("last-fetch", lag.fetched), ("last-acknowledgement", lag.acknowledged)):
        if then is not None:
            yield {"name": name, "valueInstant": instant(then)}
    if lag.fetched is not None:
        yield {"name": "silent-seconds", "valueDecimal": round(lag.silent(at), 3)}
    yield {"name": "late", "valueBoolean": lag.late(at, limit)}
