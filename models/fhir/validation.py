"""Whether a FHIR R4 document is acceptable, and everything that is wrong with it.

Three judges, cheapest first: the gate knows the common shapes and says yes in microseconds; the walk words
every problem; the library's own models give a second opinion on what the walk accepts. Why three:
docs/adr/0002-validation.md.
"""

from typing import Any

from models.errors import BadRequest
from models.fhir import gate, library
from models.fhir.containment import across
from models.fhir.elements import table
from models.fhir.laws import Node
from models.fhir.primitives import show
from models.fhir.profiles import HL7, PROFILES, claimed, held
from models.fhir.walk import Walk
from models.problem import Problem
from models.resource_types import TYPES as SERVED

TYPES = (*SERVED, "Bundle")
"""The resource types that are validated: those that are served, and Bundle as their carrier."""

STRUCTURAL = frozenset({"structure", "required", "value", "invalid", "not-supported"})
"""Issue codes of a document that is malformed (400); the others are broken rules (422)."""


def validate(doc: dict[str, Any]) -> list[Problem]:
    """Every problem of a document that `models.fhir.codec.parse` gave; never raises.

    An empty list, or one with warnings only, means acceptable. A Bundle is judged with the resources in it,
    each at its entry's expression.
    """
    if gate.accepts(doc):
        return []
    if doc.get("resourceType") == "Bundle":
        return validate_bundle_shell(doc) + _entries(doc)
    return closely(doc)


def against(doc: Node, canonical: str) -> list[Problem]:
    """What a document breaks of a profile, claimed or not; BadRequest for one that is not checked here."""
    kind = str(doc.get("resourceType"))
    known = (HL7 + kind, *PROFILES.get(kind, ()))
    address = canonical.partition("|")[0]
    if address not in known:
        text = f"The profile {canonical[:200]!r} is not known for {kind[:64]}. Known are {', '.join(known)}."
        raise BadRequest(text)
    return held(doc, [address])


def validate_bundle_shell(bundle: dict[str, Any]) -> list[Problem]:
    """The problems of a Bundle itself; the resources in its entries are left to the caller."""
    if bundle.get("resourceType") != "Bundle":
        text = f"resourceType is {show(bundle.get('resourceType'))}; send a Bundle."
        return [Problem("structure", text, "resourceType", "resourceType")]
    walk = Walk()
    walk.resource(bundle, "Bundle")
    return walk.problems + across(walk)


def inside(problems: list[Problem], at: str) -> list[Problem]:
    """The same problems of a resource that stands elsewhere: `Patient.name` at `Bundle.entry[0].resource`."""
    return [p._replace(expression=at + p.expression[len(p.expression.partition(".")[0]) :]) for p in problems]


def _entries(bundle: Node) -> list[Problem]:
    entries = bundle.get("entry")
    found: list[Problem] = []
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            found += inside(validate(resource), f"Bundle.entry[{index}].resource")
    return found


def closely(doc: dict[str, Any]) -> list[Problem]:
    """What `validate` says of a single resource when the gate does not know its shape."""
    kind = doc.get("resourceType")
    if not isinstance(kind, str) or kind not in TYPES:
        text = f"resourceType is {show(kind)}; send one of {', '.join(TYPES)}."
        return [Problem("structure", text, "resourceType", "resourceType")]
    walk = Walk()
    walk.resource(doc, kind)
    found = walk.problems + across(walk) + claimed(doc)
    if any(p.severity == "error" and p.code in STRUCTURAL for p in found):
        return found
    return found + _second_opinion(doc, kind)


def _second_opinion(doc: dict[str, Any], kind: str) -> list[Problem]:
    return [
        Problem("invalid", f"{kind} cannot be accepted: {text}", _expression(kind, where), "datatype")
        for where, text in library.complaints(doc)
    ]


def _expression(kind: str, where: tuple[str | int, ...]) -> str:
    """The FHIRPath of a place that the library names by JSON properties, as far as the tables know it."""
    path, of = kind, table(kind)
    for step in where:
        if isinstance(step, int):
            path += f"[{step}]"
            continue
        element = of.elements.get(step)
        if element is None:
            break
        path += "." + element.name
        if element.primitive or element.type == "Resource":
            break
        of = table(element.type)
    return path
