"""$acknowledge: POST Observation/[id]/$acknowledge, what somebody does about an alert."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.answers import fhir, location, version_headers
from api.endpoint import ID
from api.exchange import document
from api.headers import headers
from api.operations.parameters import told
from api.permitted import permissions
from api.service import base
from api.writing import submit
from models.errors import Malformed, NotFound
from models.problem import Problem
from models.times import moment, span
from service.intake import Acknowledgement, Write

KINDS: Mapping[str, tuple[type, ...]] = {
    "who": (dict,),
    "action": (str,),
    "reason": (dict, str),
    "note": (str,),
    "snoozeUntil": (str,),
}
"""The parameters, and what a value can be: a Reference, a CodeableConcept or its text, words."""


async def acknowledge(request: Request) -> Response:
    """200 with the Task as it is now; the Provenance that tells who said so is kept with it, or neither is."""
    id = request.path_params["id"]
    if not ID.fullmatch(id):
        raise NotFound(f"{id[:80]!r} is no id, so nothing is kept here.")
    said = read(await document(request), id, headers(request).get("if-match"))
    (result,) = await submit(request, Write((), acknowledgement=said, permissions=permissions(request)))
    task = result.stored
    about = {**version_headers(task), "Location": location(base(request), task)}
    return fhir(task.text(), 200, about)


def read(doc: Mapping[str, Any], alert: str, if_match: str | None) -> Acknowledgement:
    """What the Parameters say. Raises Malformed, BadRequest."""
    if doc.get("resourceType") != "Parameters":
        text = f"The body is {str(doc.get('resourceType'))[:64]!r}; send Parameters."
        raise Malformed([Problem("structure", text, "Parameters")])
    given = told(doc, KINDS)
    problems = [
        Problem("value", f"{name} is {' or '.join(map(_name, KINDS[name]))} here.", _place(name))
        for name, value in given.items()
        if not isinstance(value, KINDS[name]) or not value
    ]
    if problems:
        raise Malformed(problems)
    reason, until = given.get("reason"), given.get("snoozeUntil")
    return Acknowledgement(
        alert,
        given.get("who"),
        given.get("action", ""),
        {"text": reason} if isinstance(reason, str) else reason,
        given.get("note", ""),
        _instant(until) if until else None,
        if_match,
    )


def _instant(text: str) -> datetime:
    try:
        return moment(span(text).high)
    except (ValueError, OverflowError) as error:
        say = f"{text[:80]!r} is no instant; give 2026-11-22T10:30:00Z."
        raise Malformed([Problem("value", say, _place("snoozeUntil"))]) from error


def _name(kind: type) -> str:
    return "an object" if kind is dict else "text"


def _place(name: str) -> str:
    return f"Parameters.parameter.where(name = '{name}').value"
