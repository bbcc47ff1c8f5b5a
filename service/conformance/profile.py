"""The profile of alert Observations as a StructureDefinition, from the table that alerts are held to.

https://hl7.org/fhir/R4/structuredefinition.html. A differential: what it does not name is as in FHIR.
"""

from collections.abc import Iterator
from typing import Any

from models.fhir.alert_profile import ADDRESS, CONSTRAINTS, PARTS, ROOT, Part
from service.conformance.heading import heading

TYPE = "Observation"
BASE = "http://hl7.org/fhir/StructureDefinition/"
_OF_A_CODING = ("meta.tag", "code.coding")


def structure_definition() -> dict[str, Any]:
    """The StructureDefinition resource."""
    about = "An alert about a patient on clonidine: what a rule found, on which evidence, and what to do."
    return {
        **heading(
            "StructureDefinition", ADDRESS.rpartition("/")[2], "Alert about a patient on clonidine", about
        ),
        "fhirVersion": "4.0.1",
        "kind": "resource",
        "abstract": False,
        "type": TYPE,
        "baseDefinition": BASE + TYPE,
        "derivation": "constraint",
        "differential": {"element": [_root(), *_elements()]},
    }


def _root() -> dict[str, Any]:
    rules = [
        {
            "key": rule.key,
            "severity": "error",
            "human": f"{rule.about[0].upper()}{rule.about[1:]}",
            "expression": rule.expression,
            "source": ADDRESS,
        }
        for rule in CONSTRAINTS
    ]
    return {"id": TYPE, "path": TYPE, "constraint": rules}


def _elements() -> Iterator[dict[str, Any]]:
    """Each part, in the order of the elements; before the first slice of an element the element itself."""
    sliced: set[str] = set()
    for part in PARTS:
        if part.slice and part.path not in sliced:
            sliced.add(part.path)
            yield _slicing(part)
        yield _element(part)


def _slicing(part: Part) -> dict[str, Any]:
    by = {"discriminator": [{"type": "pattern", "path": "$this"}], "rules": "open"}
    path = f"{TYPE}.{part.path}"
    return {"id": path, "path": path, "slicing": by, "min": sum(other.path == part.path for other in PARTS)}


def _element(part: Part) -> dict[str, Any]:
    path = f"{TYPE}.{part.path}"
    name = (
        {"id": f"{path}:{part.slice}", "path": path, "sliceName": part.slice}
        if part.slice
        else {"id": path, "path": path}
    )
    made = {**name, "short": f"{part.about[0].upper()}{part.about[1:]}", "min": 1}
    if not part.many:
        made["max"] = "1"
    if part.path == "value[x]":
        made["type"] = [{"code": "CodeableConcept"}]
    if part.slice:
        made |= _pattern(part)
    if part.bound and not part.code:
        made["binding"] = {
            "strength": "required",
            "valueSet": f"{ROOT}/ValueSet/{part.system.rpartition('/')[2]}",
        }
    return made


def _pattern(part: Part) -> dict[str, Any]:
    mark = {"system": part.system, **({"code": part.code} if part.code else {})}
    if part.path in _OF_A_CODING:
        return {"patternCoding": mark}
    if part.path == "identifier":
        return {"patternIdentifier": mark}
    return {"patternCodeableConcept": {"coding": [mark]}}
