"""The audit of a request: what is noted of it while it is answered, and kept before the answer leaves.

A write takes its event along and is kept with it or not at all. Whatever else is answered, a refusal too, waits until
its event is durable; where that fails the answer is 503, and nothing is told.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import Response

from api import permitted
from api.access_log import address
from api.answers import refusal
from api.envelope import REQUEST_ID
from api.errors import status
from api.service import service
from models.errors import Refused, Unavailable
from models.fhir.references import IDENTIFIER
from models.resource_types import TYPES
from models.stored import Stored
from service.audit.event import DONE, FAILED, REFUSED, Event, Who
from service.audit.kinds import BUNDLE, KINDS, LOGIN, OF_METHOD, OPERATION, UNROUTED, Kind
from service.intake import Write

PLACE = "clonidine_watch.audit"
"""Where the scope of a request holds its trail; None: somebody else tells of it."""
ID = re.compile(IDENTIFIER)
OF_PATIENTS = ("patient", "subject", "patient:Patient", "subject:Patient")
"""Parameters of a search that name a patient."""
SECRET = re.compile(r"(?<![^&])((?:access_token|client_assertion|client_secret)=)[^&]*")
"""A token that was sent where none is taken could still be used by whoever reads the audit."""
MOST_CODES, MOST_OCTETS = 10, 64 * 1024
"""Codes of a refusal, and octets of a form, that one event holds."""


@dataclass(slots=True)
class Trail:
    """What is known of a request so far; `told`: its event is kept with what it wrote, or each entry has its own."""

    kind: Kind
    sent: str = ""
    client: str = ""
    resources: dict[str, None] = field(default_factory=dict)
    patients: dict[str, None] = field(default_factory=dict)
    codes: dict[str, None] = field(default_factory=dict)
    told: bool = False


def begin(request: Request, name: str) -> None:
    """Begin the trail of an interaction, where it is audited."""
    if service(request).audited and PLACE not in request.scope and (kind := KINDS.get(name)):
        request.scope[PLACE] = Trail(kind)


def trail(request: Request) -> Trail | None:
    """That of a request; None where it is not audited."""
    found: Trail | None = request.scope.get(PLACE)
    return found


def seen(request: Request, versions: Iterable[Stored]) -> None:
    """The sender is shown these."""
    if found := trail(request):
        found.patients.update(dict.fromkeys(one.patient for one in versions if one.patient))


def shown(request: Request, stored: Stored) -> None:
    """The sender is shown this one, which is what was asked for."""
    if noted := trail(request):
        noted.resources[f"{stored.reference}/_history/{stored.number}"] = None
        seen(request, [stored])


def of_patient(request: Request, key: str) -> None:
    """The request is about a patient."""
    if noted := trail(request):
        noted.patients[key] = None


def sent(request: Request, text: str) -> None:
    """The form in which a search was sent."""
    if noted := trail(request):
        noted.sent = text[:MOST_OCTETS]


def known_as(request: Request, client: str) -> None:
    """Who asks has been proved otherwise than by a token."""
    if noted := trail(request):
        noted.client = client


def refused(request: Request, error: Refused) -> Response:
    """The answer to a refusal, whose codes are noted: its words may quote what was sent."""
    if noted := trail(request):
        noted.codes.update(_codes(error))
    return refusal(error)


def taken_along(request: Request) -> tuple[Event, ...]:
    """The event that a write of this request is to be kept with."""
    noted = trail(request)
    if noted is None:
        return ()
    noted.told = True
    resources = _asked(request) if noted.kind not in (BUNDLE, *OF_METHOD.values()) else ()
    return (Event(noted.kind, _who(request, noted), resources=resources, patients=_patients(request, noted)),)


async def closed(request: Request, response: Response) -> Response:
    """The answer, once what the sender is told is durably noted; 503 where it cannot be."""
    noted = trail(request)
    if noted is None or (noted.told and response.status_code < 400):
        return response
    try:
        await keep(request, _event(request, noted, response.status_code))
    except Unavailable as error:
        return refusal(error)
    return response


async def unrouted(request: Request, response: Response) -> Response:
    """The same of a request that no address serves."""
    if service(request).audited and PLACE not in request.scope:
        request.scope[PLACE] = Trail(UNROUTED)
    return await closed(request, response)


async def not_let_in(request: Request, error: Refused, client: str) -> Response:
    """The refusal of a request that was not looked at, once it is noted; `client` is who asks, "" where unknown."""
    if service(request).audited:
        request.scope[PLACE] = Trail(UNROUTED, client=client)
    return await closed(request, refused(request, error))


async def entry_refused(request: Request, error: Refused, method: str = "", reference: str = "") -> Refused:
    """The refusal of an entry of a batch, once it is noted; the one that says why it could not be."""
    noted = trail(request)
    if noted is None:
        return error
    noted.told = True
    event = Event(
        OF_METHOD.get(method, BUNDLE),
        _who(request, noted),
        *_outcome(status(error), _codes(error)),
        resources=(reference,) if reference else (),
    )
    try:
        await keep(request, event)
    except Unavailable as unavailable:
        return unavailable
    return error


async def keep(request: Request, event: Event) -> None:
    """Note an event durably, together with whatever waits to be written. Raises Unavailable."""
    try:
        await service(request).writer.submit(Write((), events=(event,)))
    except Unavailable:
        raise
    except Exception as error:
        raise Unavailable("The audit cannot be written; send the request again.") from error


def _event(request: Request, noted: Trail, status: int) -> Event:
    outcome, told = _outcome(status, noted.codes)
    query = _query(request, noted) if noted.kind.action == "E" and noted.kind is not LOGIN else ""
    resources = (*noted.resources,) or _asked(request)
    return Event(noted.kind, _who(request, noted), outcome, told, resources, _patients(request, noted), query)


def _outcome(status: int, codes: Iterable[str]) -> tuple[str, str]:
    if status < 400:
        return DONE, ""
    return FAILED if status >= 500 else REFUSED, " ".join([str(status), *codes][: MOST_CODES + 1])


def _codes(error: Refused) -> dict[str, None]:
    return dict.fromkeys(problem.rule or problem.code for problem in error.problems)


def _who(request: Request, noted: Trail) -> Who:
    held = request.scope.get(permitted.PLACE)
    client = request.scope["client"]
    return Who(
        noted.client or (held.client if held else ""),
        address(client[0]).strip("-") if client else "",
        REQUEST_ID.get(),
        service(request).audited,
    )


def _query(request: Request, noted: Trail) -> str:
    """The search as it came, but for secrets: the address, and the form behind it where there is one."""
    asked = "&".join(filter(None, [request.url.query, noted.sent]))
    told = SECRET.sub(r"\1", asked)
    return f"{request.method} {request.scope['path']}?{told}"


def _asked(request: Request) -> tuple[str, ...]:
    """The resource that the address names, as a reference."""
    type, id, *rest = [*request.scope["path"].removeprefix("/fhir").strip("/").split("/"), "", ""][:4]
    if type not in (*TYPES, "AuditEvent") or not ID.fullmatch(id):
        return ()
    version = request.path_params.get("version", "")
    known = rest[:1] == ["_history"] and version.isascii() and version.isdigit()
    return (f"{type}/{id}/_history/{version}" if known and len(version) < 16 else f"{type}/{id}",)


def _patients(request: Request, noted: Trail) -> tuple[str, ...]:
    """Those that were shown, and the one that was asked about."""
    asked = [one for one in _asked(request) if one.startswith("Patient/")]
    of = [reference.partition("/_history/")[0] for reference in asked]
    return (*dict.fromkeys((*noted.patients, *of, *_searched(request, noted))),)


def _searched(request: Request, noted: Trail) -> Sequence[str]:
    """The patients that a search, or an operation, names in its parameters."""
    if noted.kind.profile != "Query" and noted.kind.subtype != OPERATION.subtype:
        return ()
    pairs = [pair.partition("=") for pair in f"{request.url.query}&{noted.sent}".split("&")]
    values = [unquote_plus(value) for name, _, value in pairs if unquote_plus(name) in OF_PATIENTS]
    ids = [one.removeprefix("Patient/") for value in values for one in value.split(",")]
    return [f"Patient/{id}" for id in ids if ID.fullmatch(id)]
