"""US Core's Patient: https://hl7.org/fhir/us/core/StructureDefinition-us-core-patient.html."""

from collections.abc import Callable, Iterator
from typing import Any

from models.fhir.laws import Breaks, Law, Node, at, has, nodes, word

ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def _each(key: str, place: str, holds: Callable[[dict[str, Any]], bool]) -> Breaks:
    """A law of every item of an array; `place` is the element in it that is at fault, "" the item itself."""

    def breaks(node: Node) -> Iterator[str]:
        items = node.get(key)
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict) and not holds(item):
                yield f".{key}[{index}]{place}"

    return breaks


def _mandatory(key: str) -> Law:
    return Law(
        "cardinality",
        f"a Patient needs {key}.",
        at(f".{key}", lambda n: has(n, key)),
        None,
        code="business-rule",
    )


def _mandatory_in(key: str, part: str) -> Law:
    text = f"every {key} needs its {part}."
    return Law(
        "cardinality", text, _each(key, f".{part}", lambda item: has(item, part)), None, code="business-rule"
    )


def _called(name: dict[str, Any]) -> bool:
    """us-core-6."""
    unknown = any(word(extension, "url") == ABSENT for extension in nodes(name, "extension"))
    return has(name, "family", "given") != unknown


PATIENT: tuple[Law, ...] = (
    *(_mandatory(key) for key in ("identifier", "name", "gender")),
    *(_mandatory_in(key, part) for key in ("identifier", "telecom") for part in ("system", "value")),
    Law(
        "us-core-6",
        f"a name has a family or given name, or else the extension {ABSENT}.",
        _each("name", "", _called),
        None,
    ),
)
