"""Is it alive, is it ready, how is it doing."""

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.service import service
from models.errors import Unavailable
from models.store import queries


async def live(_: Request) -> Response:
    """200 while the process answers."""
    return JSONResponse({"status": "live"})


async def ready(request: Request) -> Response:
    """200 while readings can be kept: the database answers and the writer runs; else 503."""
    try:
        await service(request).reader.rows(queries.READY, {})
    except Unavailable as error:
        return JSONResponse({"status": "not ready", "reason": str(error)}, 503)
    if not service(request).writer.alive:
        return JSONResponse({"status": "not ready", "reason": "The writer has ended."}, 503)
    return JSONResponse({"status": "ready"})


async def metrics(_: Request) -> Response:
    """Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
