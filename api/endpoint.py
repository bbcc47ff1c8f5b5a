"""What surrounds every FHIR interaction: negotiation, errors, measurement."""

import logging
import re
import time
from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api import audit
from api.access import authorize
from api.answers import fhir_document, indented, refusal, warned
from api.errors import BROKEN, outcome
from api.exchange import negotiate
from api.metrics import BEGAN, REQUESTS, SECONDS
from api.operations.named import NAMED as OPERATIONS
from api.query import IGNORED, PRETTY, TAKEN, Taken, check, ignored, present
from api.service import service
from models.errors import NotAllowed, NotFound, Refused
from models.fhir.references import IDENTIFIER
from models.problem import Problem
from models.resource_types import TYPES

log = logging.getLogger(__name__)
Interaction = Callable[[Request], Awaitable[Response]]
ID = re.compile(IDENTIFIER)
AUDITED = ("/fhir", "/auth/token", "/cds-services")
"""Below these a refusal leaves an event, whatever it was that was asked."""


def endpoint(name: str, interaction: Interaction) -> Interaction:
    """The interaction as a route: whatever it raises becomes an OperationOutcome."""
    seconds, taken = SECONDS.labels(name), TAKEN.get(name)

    async def answer(request: Request) -> Response:
        began = request.scope[BEGAN] = time.perf_counter()
        audit.begin(request, name)
        try:
            if tracing := service(request).tracing:
                response = await tracing.answer(name, request, lambda: _answer(interaction, request, taken))
            else:
                response = await _answer(interaction, request, taken)
        finally:
            service(request).bodies.release(request)
        response = await audit.closed(request, response)
        seconds.observe(time.perf_counter() - began)
        REQUESTS.labels(name, response.status_code).inc()
        return response

    answer.__name__ = name
    return answer


def plain(interaction: Interaction) -> Interaction:
    """The same for what is no FHIR: neither negotiated nor measured."""

    @wraps(interaction)
    async def answer(request: Request) -> Response:
        try:
            await authorize(request, interaction.__name__)
            return await interaction(request)
        except Refused as error:
            return refusal(error)

    return answer


async def _answer(interaction: Interaction, request: Request, taken: Taken | None) -> Response:
    response = await _caught(interaction, request, taken)
    if IGNORED in request.scope:
        warned(response, ignored(request))
    return indented(response) if PRETTY in request.scope else response


async def _caught(interaction: Interaction, request: Request, taken: Taken | None) -> Response:
    try:
        await authorize(request, interaction.__name__)
        if request.scope["query_string"]:
            pairs = request.query_params.multi_items()
            present(request, pairs)
            if taken is not None:
                check(request, pairs, taken)
        if request.scope["path"].startswith("/fhir"):
            negotiate(request)
        return await interaction(request)
    except Refused as error:
        return audit.refused(request, error)
    except ClientDisconnect:
        return Response(status_code=400)
    except Exception:
        log.exception("an interaction failed: %s", interaction.__name__)
        return fhir_document(outcome([BROKEN]), 500)


def served(request: Request) -> str:
    """The resource type in the path; NotFound for one that is not served."""
    name: str = request.path_params["type"]
    if name not in TYPES:
        raise NotFound(f"The type {name[:64]!r} is not served here. Served are {', '.join(TYPES)}.")
    return name


def named(request: Request) -> tuple[str, str]:
    """Type and id in the path; NotFound for an id that no resource can have."""
    type, id = served(request), request.path_params["id"]
    if not ID.fullmatch(id):
        raise NotFound(f"{id[:80]!r} is no id, so nothing is kept here.")
    return type, id


def _advice(path: str) -> str:
    """What is served instead: the operations, where one was asked for."""
    if not path.rpartition("/")[2].startswith("$"):
        return "/docs lists what is."
    listed = ", ".join(operation.address for operation in OPERATIONS)
    return f"the operations are {listed}."


async def unrouted(request: Request, error: Exception) -> Response:
    """The answer where no route fits: 404, or 405 with the methods that exist."""
    assert isinstance(error, HTTPException)
    path = request.url.path[:200]
    if error.status_code == 405:
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        response = refusal(NotAllowed(f"{request.method} is not served at {path}; {allowed} is."))
        response.headers["Allow"] = allowed
    elif error.status_code == 404:
        response = refusal(NotFound(f"Nothing is served at {path}; {_advice(path)}"))
    else:
        response = fhir_document(outcome([Problem("processing", str(error.detail))]), error.status_code)
    return await audit.unrouted(request, response) if path.startswith(AUDITED) else response
