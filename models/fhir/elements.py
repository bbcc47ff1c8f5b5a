"""What elements each FHIR R4 type has: the library's models, corrected where R4 (4.0.1) differs.

https://hl7.org/fhir/R4/json.html and https://hl7.org/fhir/R4/extensibility.html#Extension
"""

from dataclasses import dataclass
from functools import cache

from models.fhir import library
from models.fhir.bindings import Binding, binding
from models.fhir.names import ELSEWHERE_DEFINED

NOT_IN_R4 = frozenset({"CodeableReference", "RatioRange"})
"""Data types that came after R4; the elements that hold them are unknown to R4."""

NOT_IN_R4_ELEMENTS = frozenset({"ActivityDefinition", "PlanDefinition", "PlanDefinitionAction"})
"""Types whose `subjectCanonical` came after R4."""

ADDED = {"Extension": (library.Field("valueMeta", "Meta", False, False, False, "value", (), ()),)}
"""What R4 has and the library's models have not."""


@dataclass(frozen=True, slots=True)
class Element:
    """One JSON property: `name` is the element in FHIRPath (`value` for `valueQuantity`).

    `sibling` is the property with its id and extensions, "" for an object and for what is an attribute in XML.
    """

    key: str
    name: str
    type: str
    primitive: bool
    sibling: str
    many: bool
    binding: Binding | None
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The elements of one type by JSON property; `choices` and `required` map names to properties."""

    type: str
    elements: dict[str, Element]
    choices: dict[str, tuple[str, ...]]
    required: dict[str, tuple[str, ...]]


def _in_r4(type_name: str, field: library.Field) -> bool:
    late = field.key == "subjectCanonical" and type_name in NOT_IN_R4_ELEMENTS
    return field.type not in NOT_IN_R4 and not late


def _element(type_name: str, field: library.Field) -> Element:
    attribute = field.key == "id" or (type_name, field.key) == ("Extension", "url")
    return Element(
        field.key,
        field.choice or field.key,
        field.type,
        field.primitive,
        "_" + field.key if field.primitive and not attribute else "",
        field.many,
        binding(type_name, field.key, field.codes),
        field.targets,
    )


def _grouped(fields: list[library.Field]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for field in fields:
        name = field.choice or field.key
        groups[name] = (*groups.get(name, ()), field.key)
    return groups


@cache
def table(type_name: str) -> Table:
    """The elements of a resource, data type or backbone element; LookupError for one that is not known."""
    if type_name in ELSEWHERE_DEFINED:
        raise LookupError(type_name)
    known = [f for f in library.fields(type_name) if _in_r4(type_name, f)] + [*ADDED.get(type_name, ())]
    return Table(
        type_name,
        {field.key: _element(type_name, field) for field in known},
        _grouped([field for field in known if field.choice]),
        _grouped([field for field in known if field.required]),
    )
