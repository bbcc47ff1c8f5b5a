"""Is it alive, is it ready, how is it doing."""

import asyncio
import logging
from datetime import datetime
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.clock import now
from api.metrics import LAG, exposition
from api.service import Service, service
from models.errors import Refused, Unavailable
from models.store import queries
from models.times import micros
from service.intake import Chore, Write
from service.lag import Lag, lags

log = logging.getLogger(__name__)
ENDED = "The writer has ended."
PATIENCE = 3
"""Seconds that the database is waited for: who asks gives up after 5 or 10, and takes the service for gone."""
SILENT = f"The database has not answered within {PATIENCE} seconds."


async def live(_: Request) -> Response:
    """200 while the process answers."""
    return JSONResponse({"status": "live"})


async def startup(request: Request) -> Response:
    """200 once the rules are loaded and readings can be written; nothing answers before."""
    return JSONResponse({"status": "started"}) if service(request).writer.alive else _not_ready(ENDED)


async def ready(request: Request) -> Response:
    """200 while readings can be kept: the database answers, the writer runs and nobody has said to end; else 503."""
    if request.app.state.leaving.began:
        return _not_ready("The service is shutting down.")
    reason = await _trouble(service(request))
    return _not_ready(reason) if reason else JSONResponse({"status": "ready"})


async def health(request: Request) -> Response:
    """200 `well`, or `degraded` with those who are late with alerts; 503 where `ready` finds that no reading can be
    kept. For people and their monitoring: no reason to start the service anew, which would help nobody who is late."""
    of, at = service(request), now()
    reason = await _trouble(of)
    if reason:
        return _not_ready(reason)
    try:
        known = await lags(of.reader, at)
    except Refused as error:
        return JSONResponse({"status": "degraded", "reason": str(error)})
    limit = of.settings.consumer_lag_seconds
    late = [_told(lag, at) for lag in known if lag.late(at, limit)]
    return JSONResponse({"status": "degraded", "late": late} if late else {"status": "well"})


async def metrics(request: Request) -> Response:
    """Prometheus' text format; without the consumers where the database cannot tell of them."""
    of, at = service(request), now()
    known: list[Lag] = []
    try:
        async with asyncio.timeout(PATIENCE):
            ((due,),) = await of.reader.rows(queries.NEXT_DUE, {})
            LAG.set(max(micros(at) - due, 0) / 1_000_000 if due else 0)
            known = await lags(of.reader, at)
    except Exception as error:  # whatever a database answers: the rest is measured all the same
        LAG.set(float("nan"))
        log.warning("the metrics are without consumers: %s", type(error).__name__)
    return Response(exposition(known, at, of.settings.consumer_lag_seconds), media_type=CONTENT_TYPE_LATEST)


async def _trouble(of: Service) -> str:
    """Why no reading can be kept; "" where one can. Where the last write failed another is tried: whoever waits for
    this answer before sending readings again would wait for ever."""
    if of.ledger.full:
        return "The disk of the database is full."
    try:
        async with asyncio.timeout(PATIENCE):
            await of.reader.rows(queries.READY, {})
            if of.writer.failing:
                await of.writer.submit(Write((), chore=Chore("", lambda turn: turn.change(queries.SAME))))
    except Unavailable as error:
        return str(error)
    except TimeoutError:
        return SILENT
    return "" if of.writer.alive else ENDED


def _not_ready(reason: str) -> Response:
    return JSONResponse({"status": "not ready", "reason": reason}, 503)


def _told(lag: Lag, at: datetime) -> dict[str, Any]:
    waiting, silent = round(lag.waiting(at)), round(lag.silent(at))
    return {"consumer": lag.name, "alerts": lag.alerts, "waiting": waiting, "silent": silent}
