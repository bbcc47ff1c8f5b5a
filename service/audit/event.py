"""An AuditEvent (https://hl7.org/fhir/R4/auditevent.html): references and codes, and no content of any resource."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from models.fhir.codec import dump
from models.patient import BY_IDENTIFIER, subject_of
from models.store.chain import Noted
from service.audit.kinds import Code, Kind
from service.device import ENGINE

PROFILES = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit"
OURS = {"reference": "/".join(ENGINE)}
"""This service, as Provenances name it."""
OBSERVER = {
    "observer": OURS,
    "type": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/security-source-type",
            "code": "4",
            "display": "Application Server",
        }
    ],
}
PERSON = ("http://terminology.hl7.org/CodeSystem/audit-entity-type", "1", "Person")
OBJECT = ("http://terminology.hl7.org/CodeSystem/audit-entity-type", "2", "System Object")
REQUEST = ("https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType", "XrequestId", "X-Request-Id")
_ROLES = "http://terminology.hl7.org/CodeSystem/object-role"
PATIENT, RESOURCE, QUERY = (
    (_ROLES, "1", "Patient"),
    (_ROLES, "4", "Domain Resource"),
    (_ROLES, "24", "Query"),
)
DONE, REFUSED, FAILED = "0", "4", "8"
"""https://hl7.org/fhir/R4/valueset-audit-event-outcome.html."""
HOST, IP, URI = "1", "2", "5"
"""https://hl7.org/fhir/R4/valueset-network-type.html."""


class Who(NamedTuple):
    """Who asks: the client ("" where nobody is told apart) and its address; the id of the request, and the URL under
    which this service is reached."""

    client: str
    address: str
    request: str
    server: str


class Event(NamedTuple):
    """One access or refusal. `resources` are references, with the version where there is one, `patients` keys of
    patients, `query` what was asked as it came, `told` says how it failed, in codes."""

    kind: Kind
    who: Who
    outcome: str = DONE
    told: str = ""
    resources: tuple[str, ...] = ()
    patients: tuple[str, ...] = ()
    query: str = ""
    delivered: bool = False


def noted(event: Event) -> Noted:
    """The event as it is kept."""
    doc: dict[str, Any] = {
        "type": _coding(event.kind.type),
        "subtype": [_coding(event.kind.subtype)],
        "action": event.kind.action,
        "outcome": event.outcome,
        **({"outcomeDesc": event.told} if event.told else {}),
        "agent": [*(_delivering(event) if event.delivered else _asking(event))],
        "source": OBSERVER,
    }
    if entities := [*_entities(event)]:
        doc["entity"] = entities
    profile = _profile(event)
    return Noted(
        f"{PROFILES}.{profile}" if profile else "",
        dump(doc).decode(),
        OURS["reference"] if event.delivered else event.who.client,
        event.kind.action,
        event.outcome,
        event.kind.subtype[1],
        (*(reference.partition("/_history/")[0] for reference in event.resources), *event.patients),
    )


def _profile(event: Event) -> str:
    """The BALP profile that the event follows: it is of successes, and of one patient at most."""
    kind, local = event.kind, [key for key in event.patients if not key.startswith(BY_IDENTIFIER)]
    about = event.query if kind.profile == "Query" else event.resources
    if event.outcome != DONE or not kind.profile or not about or not event.who.address:
        return ""
    return f"Patient{kind.profile}" if len(local) == len(event.patients) == 1 else kind.profile


def _asking(event: Event) -> Iterator[dict[str, Any]]:
    who, (client, server) = event.who, event.kind.roles
    named = {"identifier": {"value": who.client}} if who.client else {"display": "unknown"}
    yield _agent(client, named, True, who.address, IP)
    yield _agent(server, OURS, False, who.server, URI)


def _delivering(event: Event) -> Iterator[dict[str, Any]]:
    """This service of its own accord, to an endpoint."""
    source, recipient = event.kind.roles
    yield _agent(source, OURS, True, event.who.server, URI)
    yield _agent(recipient, {"display": event.who.address}, False, event.who.address, HOST)


def _agent(type: Code, who: Mapping[str, Any], requestor: bool, address: str, kind: str) -> dict[str, Any]:
    network = {"network": {"address": address, "type": kind}} if address else {}
    return {"type": {"coding": [_coding(type)]}, "who": who, "requestor": requestor, **network}


def _entities(event: Event) -> Iterator[dict[str, Any]]:
    for reference in event.resources:
        yield {"what": {"reference": reference}, "type": _coding(OBJECT), "role": _coding(RESOURCE)}
    for key in event.patients:
        yield {"what": subject_of(key), "type": _coding(PERSON), "role": _coding(PATIENT)}
    if event.query:
        query = base64.b64encode(event.query.encode("utf-8", "replace")).decode()
        yield {"type": _coding(OBJECT), "role": _coding(QUERY), "query": query}
    if event.who.request:
        yield {"what": {"identifier": {"value": event.who.request}}, "type": _coding(REQUEST)}


def _coding(code: Code) -> dict[str, str]:
    return dict(zip(("system", "code", "display"), code, strict=True))
