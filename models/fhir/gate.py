"""A fast yes for the shapes that readings and orders usually have.

A strict JSON schema is made from the element tables, the invariants' own schemas and the profiles', for a
subset of FHIR: no contained resources, no narrative, no modifier extensions, no `_` siblings, no element ids,
plain texts, positive numbers. What it accepts has no problem at all, not even a warning
(tests/fhir/test_gate_agrees_with_the_walk.py); what it refuses may be fine and is for the walk to judge.
"""

from functools import cache
from typing import Any

import jsonschema_rs

from models.fhir.elements import Element, Table, table
from models.fhir.gate_values import VALUES, literal
from models.fhir.invariants import INVARIANTS
from models.fhir.laws import Schema
from models.fhir.profiles import PROFILES

HOT = ("Observation", "MedicationRequest", "MedicationAdministration")
"""Resource types that have a gate."""

SHAPES = frozenset(
    """
    Annotation CodeableConcept Coding Dosage DosageDoseAndRate Extension Identifier Meta Period Quantity Range
    Ratio Reference Timing TimingRepeat
    """.split()
)
"""Data types of the subset; a type with an invariant that no schema can tell is left out by itself."""

LEFT_OUT = frozenset({"id", "modifierExtension", "implicitRules", "contained", "assigner"})
"""Elements outside the subset, on every type but for a resource's own id."""


NOTHING: Schema = {"not": {}}
"""The schema of a rule that no schema can tell: nothing satisfies it."""


class _WholeNumber:
    """Keyword `whole`: 5 and not 5.0, which JSON schema calls an integer and FHIR does not."""

    def __init__(self, _schema: Schema, _value: Any, _path: Any) -> None:
        pass

    def validate(self, instance: Any) -> None:
        if type(instance) is not int:
            raise ValueError("not a whole number")


class _Definitions:
    """The schemas of the types that one resource type reaches, each made once."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.made: dict[str, Schema] = {}

    def of(self, type_name: str) -> Schema:
        """The schema of a type's objects, to be referred to by `$ref` from within themselves."""
        if type_name not in self.made:
            self.made[type_name] = {}
            self.made[type_name] = self._object(table(type_name))
        return {"$ref": f"#/$defs/{type_name}"}

    def _object(self, of: Table) -> Schema:
        made = {e.key: self._element(e, of) for e in of.elements.values()}
        properties = {key: schema for key, schema in made.items() if schema is not None}
        if of.type == self.root:
            properties["resourceType"] = {"const": self.root}
        laws = [law.schema or NOTHING for law in INVARIANTS.get(of.type, ())]
        choices = [_alone(keys) for keys in _present(of.choices, properties)]
        wanted = [_some(keys) for keys in _present(of.required, properties)]
        rules = laws + choices + wanted + (_claims(self.root) if of.type == self.root else [])
        return _closed(properties) | ({"allOf": rules} if rules else {})

    def _element(self, element: Element, of: Table) -> Schema | None:
        if element.key in LEFT_OUT and (element.key, of.type) != ("id", self.root):
            return None
        one = self._value(element) if element.primitive else self._shape(element)
        return one and ({"type": "array", "items": one, "minItems": 1} if element.many else one)

    def _value(self, element: Element) -> Schema | None:
        bound = element.binding
        if bound:
            return {"enum": sorted(bound.codes)} if bound.codes else None
        return VALUES.get(element.type)

    def _shape(self, element: Element) -> Schema | None:
        usual = element.type in SHAPES or element.type.startswith(self.root)
        told = all(law.schema for law in INVARIANTS.get(element.type, ()))
        if element.binding or not usual or not told:
            return None
        return self._reference(element.targets) if element.type == "Reference" else self.of(element.type)

    def _reference(self, targets: tuple[str, ...]) -> Schema:
        name = "Reference." + ".".join(targets)
        if name not in self.made:
            properties = {
                "reference": {"type": "string", "pattern": literal(targets)},
                "identifier": self.of("Identifier"),
                "display": VALUES["string"],
            }
            self.made[name] = _closed(properties)
        return {"$ref": f"#/$defs/{name}"}


def _closed(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}


def _present(groups: dict[str, tuple[str, ...]], properties: dict[str, Schema]) -> list[list[str]]:
    return [[key for key in keys if key in properties] for keys in groups.values()]


def _alone(keys: list[str]) -> Schema:
    """At most one of the properties of a choice."""
    others = {key: dict.fromkeys([other for other in keys if other != key], False) for key in keys}
    return {"dependentSchemas": {key: {"properties": none} for key, none in others.items()}}


def _some(keys: list[str]) -> Schema:
    """At least one of the properties."""
    return {"required": keys} if len(keys) == 1 else {"anyOf": [{"required": [key]} for key in keys]}


def _claims(resource_type: str) -> list[Schema]:
    """If a profile is claimed, its laws' schemas; one that no schema can tell is not to be claimed here."""
    parts: list[Schema] = []
    for canonical, laws in PROFILES.get(resource_type, {}).items():
        claim = {"contains": {"pattern": "^" + canonical.replace(".", "[.]") + "(?:[|].*)?$"}}
        said = {"properties": {"meta": {"properties": {"profile": claim}, "required": ["profile"]}}}
        parts.append({"if": said, "then": {"allOf": [law.schema or NOTHING for law in laws]}})
    return [{"dependentSchemas": {"meta": {"allOf": parts}}}] if parts else []


def compiled(resource_type: str) -> jsonschema_rs.Validator:
    """The gate of a resource type, made from the tables as they are."""
    definitions = _Definitions(resource_type)
    root = definitions.of(resource_type)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **root, "$defs": definitions.made}
    options = jsonschema_rs.RegexOptions()
    return jsonschema_rs.validator_for(schema, pattern_options=options, keywords={"whole": _WholeNumber})


_validator = cache(compiled)


def accepts(doc: dict[str, Any]) -> bool:
    """Whether the document is of the subset and right; False means that it has to be looked at closely."""
    kind = doc.get("resourceType")
    return isinstance(kind, str) and kind in HOT and _validator(kind).is_valid(doc)
