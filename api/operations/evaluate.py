"""$evaluate: POST $evaluate?at=INSTANT, the rules over a Bundle that is not kept."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, fhir
from api.clock import now
from api.exchange import document
from api.service import base, service
from models.errors import BadRequest, Invalid, Malformed, Refused
from models.fhir.codec import dump
from models.fhir.validation import validate_bundle_shell
from models.problem import Problem
from models.resource_types import TYPES
from models.times import moment, span
from service.bundles import inside
from service.evaluate import evaluate as judge
from service.intake import check


async def evaluate(request: Request) -> Response:
    """200 with a collection of the alerts that the record in the Bundle implies up to `at`."""
    at = _at(request)
    doc = await document(request)
    resources = await asyncio.to_thread(_resources, doc)
    alerts = await asyncio.to_thread(judge, resources, at, service(request).rules)
    prefix = f'{{"fullUrl":"{base(request)}/Observation/'
    entries = (f'{prefix}{alert["id"]}","resource":{dump(alert).decode()}}}' for alert in alerts)
    return fhir(bundle("collection", entries, {}))


def _at(request: Request) -> datetime:
    unknown = [name for name in request.query_params if name not in ("at", "_format")]
    if unknown:
        raise BadRequest(f"Parameter {unknown[0][:80]!r} is not known for $evaluate. Known is: at.")
    text = request.query_params.get("at")
    if text is None:
        return now()
    try:
        return moment(span(text.replace(" ", "+")).low)
    except (ValueError, OverflowError) as error:
        raise BadRequest(
            f"Parameter 'at': {text[:80]!r} is no instant; give 2026-11-22T10:00:00Z."
        ) from error


def _resources(doc: Mapping[str, Any]) -> list[dict[str, Any]]:
    if doc.get("resourceType") != "Bundle" or doc.get("type") != "collection":
        raise Invalid([Problem("invalid", "$evaluate takes a Bundle of type collection.", "Bundle.type")])
    problems = [problem for problem in validate_bundle_shell(dict(doc)) if problem.severity == "error"]
    if problems:
        raise Malformed(problems)
    resources, refused = [], list[Refused]()
    for at, item in enumerate(doc.get("entry", [])):
        try:
            resources.append(_resource(at, item))
        except Refused as error:
            refused.append(inside(error, at))
    if refused:
        raise type(refused[0])([problem for error in refused for problem in error.problems])
    return resources


def _resource(at: int, item: Mapping[str, Any]) -> dict[str, Any]:
    resource = item.get("resource")
    type = resource.get("resourceType") if isinstance(resource, Mapping) else None
    if not isinstance(resource, Mapping) or type not in TYPES:
        raise Invalid(
            [Problem("not-supported", f"{type} is not judged here. Judged are {', '.join(TYPES)}.")]
        )
    check(resource, type)
    name = str(item.get("fullUrl", "")).rstrip("/").rpartition("/")[2].removeprefix("urn:uuid:")
    return {**resource, "id": resource.get("id") or name or f"entry-{at}"}
