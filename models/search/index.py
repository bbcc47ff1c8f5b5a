"""The values by which a resource is found."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
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
    if len(value) * 4 <= LONGEST:
        return value
    octets = value.encode()
    if len(octets) <= LONGEST:
        return value
    return octets[:100].decode(errors="ignore") + "#" + sha256(octets).hexdigest()


def index(served: ResourceType, doc: Mapping[str, Any], bases: Sequence[str]) -> Indexed:
    """What `doc` is found by; `bases` are the URLs under which this service is known."""
    tokens: dict[Token, None] = {}
    when: Span | None = None
    for name, kind, way in _plan(served):
        if way[0] not in doc:
            continue
        for value in _values(doc, way):
            if kind == "date":
                when = when or span_of(value)
                continue
            for system, code in _codes(value, bases):
                tokens[Token(name, fit(code), fit(system))] = None
    if served.name == "Patient":
        patient = f"Patient/{doc['id']}"
    else:
        patient = patient_key(doc.get(served.subject), bases) if served.subject else ""
    alert = any(token.code == ALERT_CATEGORY and token.param == "Observation.category" for token in tokens)
    return Indexed(patient, when, tuple(tokens), alert)


@lru_cache
def _plan(served: ResourceType) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """(name in the index, kind, names that lead to the elements) of each parameter that is indexed."""
    return tuple(
        (f"{served.name}.{param.name}", param.kind, tuple(way.split(".")))
        for param in (*served.params, *COMMON)
        if param.kind in ("token", "reference", "date")
        for way in param.path.split("|")
    )


def _values(doc: Any, way: tuple[str, ...]) -> Sequence[Any]:
    found = [doc]
    for name in way:
        below: list[Any] = []
        for node in found:
            value = node.get(name) if isinstance(node, dict) else None
            if isinstance(value, list):
                below += value
            elif value is not None:
                below.append(value)
        if not below:
            return ()
        found = below
    return found


def _codes(value: Any, bases: Sequence[str]) -> list[tuple[str, str]]:
    """(system, code) of a code, Coding, CodeableConcept, Identifier or Reference."""
    if isinstance(value, str):
        return [("", value)]
    if not isinstance(value, dict):
        return []
    if "coding" in value:
        return [pair for coding in value["coding"] for pair in _codes(coding, bases)]
    if isinstance(reference := value.get("reference"), str):
        return [("", local(reference, bases))]
    code = value.get("code", value.get("value"))
    return [(value.get("system", ""), code)] if isinstance(code, str) else []
