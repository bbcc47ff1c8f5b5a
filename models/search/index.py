"""The values by which a resource is found."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from models.patient import local, patient_key
from models.resource_types import COMMON, ResourceType
from models.times import Span, span_of

LONGEST = 200
"""Octets of an indexed value; a B-tree entry has room for little more (PostgreSQL: 2,704 octets a row)."""
ALERT_CATEGORY = "alert"


class Token(NamedTuple):
    """One row of the index: a coded value or a reference under a parameter such as `Observation.code`."""

    param: str
    code: str
    system: str


class Indexed(NamedTuple):
    """All that a resource is found by."""

    patient: str
    span: Span | None
    tokens: tuple[Token, ...]
    alert: bool


def fit(value: str) -> str:
    """`value`, or for a longer one its beginning and a digest: equal values stay equal."""
    octets = value.encode()
    if len(octets) <= LONGEST:
        return value
    return octets[:100].decode(errors="ignore") + "#" + sha256(octets).hexdigest()


def index(served: ResourceType, doc: Mapping[str, Any], bases: Sequence[str]) -> Indexed:
    """What `doc` is found by; `bases` are the URLs under which this service is known."""
    tokens: dict[Token, None] = {}
    when: Span | None = None
    for param in (*served.params, *COMMON):
        if param.kind == "token" or param.kind == "reference":
            name = f"{served.name}.{param.name}"
            for value in _values(doc, param.path):
                for system, code in _codes(value, bases):
                    tokens[Token(name, fit(code), fit(system))] = None
        elif param.kind == "date":
            when = next((found for found in map(span_of, _values(doc, param.path)) if found), None)
    if served.name == "Patient":
        patient = f"Patient/{doc['id']}"
    else:
        patient = patient_key(doc.get(served.subject), bases) if served.subject else ""
    alert = any(t.param == "Observation.category" and t.code == ALERT_CATEGORY for t in tokens)
    return Indexed(fit(patient), when, tuple(tokens), alert)


def _values(doc: Any, path: str) -> Iterator[Any]:
    for way in path.split("|"):
        found = [doc]
        for name in way.split("."):
            found = [
                item
                for node in found
                if isinstance(node, Mapping) and (below := node.get(name)) is not None
                for item in (below if isinstance(below, list) else (below,))
            ]
        yield from found


def _codes(value: Any, bases: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(system, code) of a code, Coding, CodeableConcept, Identifier or Reference."""
    if isinstance(value, str):
        yield "", value
    elif isinstance(value, Mapping):
        for coding in value.get("coding", ()):
            yield from _codes(coding, bases)
        code = value.get("code", value.get("value"))
        if isinstance(code, str):
            yield value.get("system", ""), code
        if isinstance(reference := value.get("reference"), str):
            yield "", local(reference, bases)
