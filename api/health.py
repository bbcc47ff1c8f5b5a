"""Is it alive, is it ready, how is it doing."""

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.clock import now
from api.metrics import LAG, exposition
from api.service import service
from models.errors import Unavailable
from models.store import queries
from models.times import micros

ENDED = "The writer has ended."


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
    try:
        await service(request).reader.rows(queries.READY, {})
    except Unavailable as error:
        return _not_ready(str(error))
    if not service(request).writer.alive:
        return _not_ready(ENDED)
    return JSONResponse({"status": "ready"})


def _not_ready(reason: str) -> Response:
    return JSONResponse({"status": "not ready", "reason": reason}, 503)


async def metrics(request: Request) -> Response:
    """Prometheus' text format."""
    try:
        ((due,),) = await service(request).reader.rows(queries.NEXT_DUE, {})
        LAG.set(max(micros(now()) - due, 0) / 1_000_000 if due else 0)
    except Unavailable:
        LAG.set(float("nan"))
    return Response(exposition(), media_type=CONTENT_TYPE_LATEST)
