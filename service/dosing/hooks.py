"""What is served of CDS Hooks (https://cds-hooks.hl7.org/2.0/): the services, and what a call of one asks."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from models.errors import Malformed
from models.fhir.references import IDENTIFIER
from models.problem import Problem
from service.record.codes import SNOMED, SYMPTOMS

ORDER_SIGN, PATIENT_VIEW = "order-sign", "patient-view"
_ID = re.compile(IDENTIFIER)
_OF = "patient={{context.patientId}}"
_FELT = ",".join(f"{SNOMED}|{code}" for code in SYMPTOMS)
PREFETCH: Mapping[str, str] = {
    "patient": "Patient/{{context.patientId}}",
    "vitals": f"Observation?{_OF}&category=vital-signs&_sort=-date&_count=200",
    "symptoms": f"Observation?{_OF}&code={_FELT}&_sort=-date&_count=50",
    "orders": f"MedicationRequest?{_OF}&_count=200",
    "doses": f"MedicationAdministration?{_OF}&_sort=-effective-time&_count=200",
    "conditions": f"Condition?{_OF}&_count=200",
    "allergies": f"AllergyIntolerance?{_OF}&_count=200",
}
"""What is judged of a patient of whom nothing is kept here."""
USAGE = (
    "Post the readings, orders and doses of patients on clonidine to the FHIR base of this service: they are judged. "
    "Prefetch is read only of a patient of whom nothing is kept. Nothing that is sent here is kept, and fhirServer is "
    "never called."
)


class Service(NamedTuple):
    """A service, by the names that the specification gives its fields."""

    id: str
    hook: str
    title: str
    description: str


SERVICES: Mapping[str, Service] = {
    one.id: one
    for one in (
        Service(
            "clonidine-dose-check",
            ORDER_SIGN,
            "Clonidine: before the order is signed",
            "Says what holds a dose of clonidine now, and which alerts the draft orders would raise: doses too large, "
            "too much in a day, contraindications, interactions.",
        ),
        Service(
            "clonidine-dose-check-view",
            PATIENT_VIEW,
            "Clonidine: may the next dose be given?",
            "Of a patient on clonidine: give, measure first or hold, with the reasons and the readings.",
        ),
    )
}


class Asked(NamedTuple):
    """A call understood: the patient's key, draft orders and prefetched resources, each with where it stands."""

    patient: str
    drafts: tuple[tuple[str, Mapping[str, Any]], ...]
    prefetched: tuple[tuple[str, Mapping[str, Any]], ...]
    server: str


def discovery() -> dict[str, Any]:
    """The list of services."""
    common = {"prefetch": {**PREFETCH}, "usageRequirements": USAGE}
    return {"services": [{**one._asdict(), **common} for one in SERVICES.values()]}


def read(service: Service, doc: Mapping[str, Any]) -> Asked:
    """A call of a service. Raises Malformed with every fault."""
    faults = [*_faults(service, doc)]
    if faults:
        raise Malformed(faults)
    context = doc["context"]
    drafts = _entries(context["draftOrders"], "context.draftOrders") if service.hook == ORDER_SIGN else ()
    prefetched = (
        found
        for key, value in (doc.get("prefetch") or {}).items()
        if key in PREFETCH
        for found in _entries(value, f"prefetch.{key}")
    )
    server = doc.get("fhirServer")
    return Asked(
        f"Patient/{context['patientId']}",
        tuple(drafts),
        tuple(prefetched),
        server.rstrip("/") if isinstance(server, str) else "",
    )


def _faults(service: Service, doc: Mapping[str, Any]) -> Iterator[Problem]:
    if doc.get("hook") != service.hook:
        yield _fault(
            "hook", f"hook is {str(doc.get('hook'))[:80]!r}; {service.id} is called at {service.hook}."
        )
    if not _text(doc.get("hookInstance")):
        yield _fault("hookInstance", "hookInstance is missing; give the UUID of this call.")
    if not isinstance(doc.get("prefetch", {}), Mapping | None):
        yield _fault("prefetch", "prefetch is an object of resources by the keys of the discovery.")
    context = doc.get("context")
    if not isinstance(context, Mapping):
        yield _fault("context", "context is missing; it is an object.")
        return
    if not _ID.fullmatch(str(context.get("patientId"))) or not _text(context.get("patientId")):
        yield _fault("context.patientId", "context.patientId is missing or no id; give that of the Patient.")
    if not _text(context.get("userId")):
        yield _fault("context.userId", "context.userId is missing; give such as Practitioner/123.")
    if service.hook == ORDER_SIGN:
        yield from _no_bundle(context.get("draftOrders"))


def _no_bundle(drafts: Any) -> Iterator[Problem]:
    bundle = isinstance(drafts, Mapping) and drafts.get("resourceType") == "Bundle"
    if not bundle or not isinstance(drafts.get("entry", []), list):
        yield _fault(
            "context.draftOrders", "context.draftOrders is missing; it is a Bundle of the draft orders."
        )


def _fault(expression: str, text: str) -> Problem:
    return Problem("structure", text, expression, "cds-hooks")


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _entries(value: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A resource, or those of a Bundle; null, which stands for nothing found, and what is none are passed over."""
    if not isinstance(value, Mapping):
        return
    if value.get("resourceType") != "Bundle":
        found = [(place, value)]
    else:
        listed = value.get("entry")
        entries = enumerate(listed if isinstance(listed, list) else ())
        held = ((at, entry.get("resource")) for at, entry in entries if isinstance(entry, Mapping))
        found = [(f"{place}.entry[{at}].resource", one) for at, one in held if isinstance(one, Mapping)]
    yield from ((where, one) for where, one in found if isinstance(one.get("resourceType"), str))
