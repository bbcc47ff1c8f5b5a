"""$evaluate: POST $evaluate?at=INSTANT, the rules over a Bundle that is not kept."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, entry, fhir
from api.clock import now
from api.exchange import document
from api.query import instant
from api.service import base, bases, service
from models.errors import Invalid, Malformed, Refused
from models.fhir.codec import dump
from models.fhir.validation import validate_bundle_shell
from models.problem import Problem
from models.resource_types import TYPES
from service.bundles import inside
from service.evaluate import evaluate as judge
from service.evaluate import watchable
from service.intake import check, resolved


async def evaluate(request: Request) -> Response:
    """200 with a collection of the alerts that the record in the Bundle implies up to `at`."""
    at = _at(request)
    doc = await document(request)
    resources = await asyncio.to_thread(_resources, doc, bases(request))
    alerts = await asyncio.to_thread(judge, resources, at, service(request).rules, bases(request))
    root = base(request)
    entries = (entry(root, f"Observation/{alert['id']}", dump(alert).decode()) for alert in alerts)
    return fhir(bundle("collection", entries, {}))


def _at(request: Request) -> datetime:
    text = request.query_params.get("at")
    return now() if text is None else instant(text, "at")


def _resources(doc: Mapping[str, Any], bases: Sequence[str]) -> list[dict[str, Any]]:
    if doc.get("resourceType") != "Bundle" or doc.get("type") != "collection":
        raise Invalid([Problem("invalid", "$evaluate takes a Bundle of type collection.", "Bundle.type")])
    problems = [problem for problem in validate_bundle_shell(dict(doc)) if problem.severity == "error"]
    if problems:
        raise Malformed(problems)
    given: dict[str, dict[str, Any]] = {}
    names, refused = dict[str, str](), list[Refused]()
    for at, item in enumerate(doc.get("entry", [])):
        try:
            resource = _resource(at, item, bases)
            reference = f"{resource['resourceType']}/{resource['id']}"
            if given.setdefault(reference, resource) != resource:
                raise Invalid([_twice(reference)])
            names[str(item.get("fullUrl", reference))] = reference
        except Refused as error:
            refused.append(inside(error, at))
    if refused:
        raise type(refused[0])([problem for error in refused for problem in error.problems])
    return [resolved(resource, names) for resource in given.values()]


def _resource(at: int, item: Mapping[str, Any], bases: Sequence[str]) -> dict[str, Any]:
    resource = item.get("resource")
    type = resource.get("resourceType") if isinstance(resource, Mapping) else None
    if not isinstance(resource, Mapping) or not isinstance(type, str) or type not in TYPES:
        text = f"{str(type)[:80]} is not judged here. Judged are {', '.join(TYPES)}."
        raise Invalid([Problem("not-supported", text)])
    check(resource, type)
    watchable(resource, bases)
    name = str(item.get("fullUrl", "")).rstrip("/").rpartition("/")[2].removeprefix("urn:uuid:")
    return {**resource, "id": resource.get("id") or name or f"entry-{at}"}


def _twice(reference: str) -> Problem:
    text = f"{reference} stands in an earlier entry with other content; give each resource an id of its own."
    return Problem("duplicate", text, "", "evaluate-unique")
