"""Additions that the element tables allow, or nearly: together they may break a rule that looks at several."""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from models.fhir.elements import Element, Table, table

CODE_SYSTEM = "http://unitsofmeasure.org"
SAMPLES: dict[str, tuple[Any, ...]] = {
    "boolean": (True, False),
    "integer": (0, 7, -7, Decimal("1.0")),
    "positiveInt": (1, 3, Decimal("1.0"), 0),
    "unsignedInt": (0, 3, Decimal("2.0"), -1),
    "decimal": (Decimal("1.50"), 3, Decimal("0.002"), 0, Decimal(-1), Decimal("1.0")),
    "string": ("x", "two words", "é", "x\ty"),
    "markdown": ("*x*",),
    "code": ("x", "mm[Hg]", "/min", "two words"),
    "id": ("x-1",),
    "uri": (CODE_SYSTEM, "urn:oid:1.2"),
    "url": ("http://example.org",),
    "canonical": ("http://example.org|1", "#x"),
    "date": ("2026-11-22", "2026"),
    "dateTime": ("2026-11-22", "2026-11-23T08:00:00Z", "2026-11", "2028-02-29"),
    "instant": ("2026-11-22T08:00:00.5+01:00",),
    "time": ("08:00:00",),
    "oid": ("urn:oid:1.2",),
    "uuid": ("urn:uuid:c757873d-ec9a-4326-a141-556f43239520",),
    "base64Binary": ("QUJD",),
    "xhtml": ('<div xmlns="http://www.w3.org/1999/xhtml">x</div>',),
}
REFERENCES = ("Patient/p1", "Observation/o1", "Practitioner/d1", "https://h.example/fhir/Group/g1")


def _sample(element: Element, chance: random.Random, depth: int) -> Any:
    """A value that the element may have, an array of one where it repeats."""
    one = _primitive(element, chance) if element.primitive else _object(element, chance, depth)
    return [one] * chance.choice((1, 1, 2)) if element.many else one


def _primitive(element: Element, chance: random.Random) -> Any:
    if element.binding and element.binding.codes:
        return chance.choice(sorted(element.binding.codes))
    return chance.choice(SAMPLES[element.type])


def _object(element: Element, chance: random.Random, depth: int) -> Any:
    if element.type == "Resource":
        return {"resourceType": "Slot", "id": "x"}
    if element.type == "Reference":
        return {"reference": chance.choice(REFERENCES)}
    of = table(element.type)
    keys = [chance.choice(group) for group in of.required.values()]
    usual = [key for key in of.elements if key not in ("id", "extension", "modifierExtension")]
    keys += chance.sample(usual, min(len(usual), chance.choice((1, 1, 2, 3)))) if depth else usual[:1]
    return {key: _sample(of.elements[key], chance, depth - 1) for key in keys if depth > -3}


def _typed(node: Any, of: Table) -> Iterator[tuple[dict[str, Any], Table]]:
    """Every object of a body with the table of its type."""
    if not isinstance(node, dict):
        return
    yield node, of
    for key, part in node.items():
        element = of.elements.get(key)
        if element and not element.primitive and element.type != "Resource":
            for item in part if isinstance(part, list) else [part]:
                yield from _typed(item, table(element.type))


def enrich(body: dict[str, Any], chance: random.Random) -> None:
    """One more element somewhere, or another value for one, in place."""
    kind = body.get("resourceType")
    if kind in ("Observation", "MedicationRequest", "MedicationAdministration"):
        node, of = chance.choice(list(_typed(body, table(kind))))
        key = chance.choice(list(of.elements))
        node[key] = _sample(of.elements[key], chance, 2)
