"""$validate: is this resource acceptable? (https://hl7.org/fhir/R4/resource-operation-validate.html)

POST [type]/$validate judges a resource as a create would, POST [type]/[id]/$validate as an update would, GET the
one that is kept; POST Bundle/$validate a Bundle as the base would. Nothing is written.
"""

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from starlette.requests import Request
from starlette.responses import Response

from api.answers import fhir_document
from api.clock import new_id, now
from api.endpoint import named, served
from api.errors import outcome
from api.exchange import document
from api.kept import current
from api.operations.parameters import told
from api.query import JUDGED, given
from api.service import bases
from models.errors import BadRequest
from models.fhir.codec import parse
from models.problem import Problem
from service.bundles import Context
from service.judging import Mode, bundle_problems, problems

MODES = ("create", "update", "delete", "profile")
BODY = ("resource", "mode", "profile")
FINE = Problem("informational", "All OK: nothing is wrong with it. Nothing was kept.", severity="information")


class Asked(NamedTuple):
    """What a request asks: `mode` and `profile` "" where it does not say."""

    resource: dict[str, Any] | None = None
    mode: str = ""
    profile: str = ""


async def validate_new(request: Request) -> Response:
    """200 with an OperationOutcome of all problems of a resource that has no id yet."""
    type = served(request)
    asked = await _sent(request)
    if asked.mode in ("update", "delete"):
        raise BadRequest(f"Parameter 'mode': {asked.mode} is asked at the resource: {type}/[id]/$validate.")
    if asked.resource is None:
        raise BadRequest("Parameter 'resource' is missing; send the resource, or Parameters that hold it.")
    return _answer(await _judged(request, type, asked.resource, asked.mode or "create", asked.profile))


async def validate_bundle(request: Request) -> Response:
    """The same of a Bundle and every part of it."""
    asked = await _sent(request)
    if asked.mode in ("update", "delete"):
        raise BadRequest(
            f"Parameter 'mode': {asked.mode} is nothing that a Bundle can be asked for; none is kept."
        )
    if asked.resource is None:
        raise BadRequest("Parameter 'resource' is missing; send the Bundle, or Parameters that hold it.")
    how, context = cast(Mode, asked.mode or "create"), Context(bases(request), now(), new_id)
    return _answer(await asyncio.to_thread(bundle_problems, asked.resource, how, asked.profile, context))


async def validate_sent(request: Request) -> Response:
    """The same of a new version; without a resource in the body, of what is kept."""
    type, id = named(request)
    asked = await _sent(request)
    if asked.resource is None or asked.mode == "delete":
        return await _of_the_kept(request, asked)
    mode = asked.mode or "update"
    found = await _judged(request, type, asked.resource, mode, asked.profile)
    return _answer([*_misnamed(asked.resource, type, id), *found] if mode == "update" else found)


def _misnamed(doc: dict[str, Any], type: str, id: str) -> Iterator[Problem]:
    if doc.get("id") != id:
        text = f"The id in the body is {str(doc.get('id'))[:80]!r}, the address says {id!r}; they must agree."
        yield Problem("invalid", text, f"{type}.id", "id")


async def validate_kept(request: Request) -> Response:
    """The same of the current version, by GET."""
    return await _of_the_kept(request, _asked(request))


async def _of_the_kept(request: Request, asked: Asked) -> Response:
    stored = await current(request, *named(request))
    if asked.mode in ("create", "update"):
        raise BadRequest(f"Parameter 'mode': {asked.mode} needs the resource, in the body of a POST.")
    doc = parse(stored.text().encode())
    return _answer(await _judged(request, stored.type, doc, "profile", asked.profile))


async def _sent(request: Request) -> Asked:
    """The query and the body: a resource, or Parameters; a deletion needs no body."""
    asked = _asked(request)
    if asked.mode == "delete" and not await request.body():
        return asked
    doc = await document(request)
    if doc.get("resourceType") != "Parameters":
        return asked._replace(resource=doc)
    body = told(doc, BODY)
    if any(name in body and name in request.query_params for name in JUDGED.names):
        raise BadRequest("mode and profile stand in the address or in the Parameters; give each once.")
    mode, profile = body.get("mode", asked.mode), body.get("profile", asked.profile)
    return _understood(body.get("resource"), mode, profile)


def _asked(request: Request) -> Asked:
    query = given(request.query_params.multi_items(), JUDGED.names)
    return _understood(None, query.get("mode", ""), query.get("profile", ""))


def _understood(resource: Any, mode: Any, profile: Any) -> Asked:
    if resource is not None and not isinstance(resource, dict):
        raise BadRequest("Parameter 'resource' is no resource; put the resource itself under `resource`.")
    if mode != "" and mode not in MODES:
        raise BadRequest(f"Parameter 'mode': {str(mode)[:80]!r} is none of {', '.join(MODES)}.")
    if not isinstance(profile, str):
        raise BadRequest("Parameter 'profile' is the canonical address of a profile, as valueCanonical.")
    return Asked(resource, mode, profile)


async def _judged(request: Request, type: str, doc: dict[str, Any], mode: str, profile: str) -> list[Problem]:
    """Aside: a resource can be large."""
    how = cast(Mode, mode)
    return await asyncio.to_thread(problems, doc, type, how, profile, now(), bases(request))


def _answer(found: list[Problem]) -> Response:
    return fhir_document(outcome(found or [FINE]))
