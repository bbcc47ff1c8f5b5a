"""One pass over a document along the element tables: structure, values, bindings and invariants, all at once.

Nothing in here raises, whatever the tree holds, as long as it is nested no deeper than `codec.MAX_DEPTH`.
https://hl7.org/fhir/R4/json.html
"""

import re
from typing import Any, NamedTuple

from models.fhir.elements import Element, Table, table
from models.fhir.invariants import INVARIANTS
from models.fhir.laws import Node, coded, present
from models.fhir.names import RESOURCE_TYPES
from models.fhir.narrative import faults
from models.fhir.primitives import PRIMITIVES, show
from models.problem import Problem

ENVELOPES = frozenset({"BundleEntry", "BundleEntryResponse"})
"""Types whose resources are documents of their own, validated one by one."""

ANCHORED = frozenset({"uri", "url", "canonical"})
SIMPLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class Link(NamedTuple):
    """A Reference met on the way: where, what it holds, the types it may lead to."""

    at: str
    node: dict[str, Any]
    targets: tuple[str, ...]


class Contained(NamedTuple):
    """A contained resource met on the way; `nested` when it stands in another contained one."""

    at: str
    node: dict[str, Any]
    nested: bool


class Walk:
    """Collects the problems of one document, and what the rules that look across it need."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.links: list[Link] = []
        self.anchors: set[str] = set()
        self.contained: list[Contained] = []

    def add(self, code: str, rule: str, at: str, text: str, severity: str = "error") -> None:
        self.problems.append(Problem(code, text, at, rule, severity))

    def resource(self, node: Any, at: str) -> None:
        """A resource of whatever type it says it is."""
        if not isinstance(node, dict):
            self.add("structure", "datatype", at, f"{at} has to be a resource, not {show(node)}.")
            return
        known = self._table(node.get("resourceType"), at)
        if known:
            self.node(node, known, at)

    def _table(self, name: Any, at: str) -> Table | None:
        if not isinstance(name, str) or name not in RESOURCE_TYPES:
            text = f"{at} needs a resourceType that FHIR R4 has, not {show(name)}."
            self.add("structure", "resourceType", at, text)
            return None
        try:
            return table(name)
        except LookupError:
            text = f"A {name} inside another resource cannot be checked here; refer to it by its address."
            self.add("not-supported", "resourceType", at, text)
            return None

    def node(self, node: Node, of: Table, at: str, valued: bool = False) -> None:
        """An object: its elements, what is missing, and its type's invariants.

        `valued` when it stands beside a primitive's value, so that an id alone is enough.
        """
        for key in node:
            element = of.elements.get(key)
            if element is not None:
                self._element(element, node, of, f"{at}.{element.name}")
            elif key != "resourceType" or of.type not in RESOURCE_TYPES:
                self._no_element(key, node, of, at)
        if not node.keys() - (() if valued else {"id"}):
            self.add("structure", "ele-1", at, f"{at} is empty; give it a value or leave it out.")
        self._cardinality(node, of, at)
        for law in INVARIANTS.get(of.type, ()):
            for place in law.breaks(node):
                self.add(law.code, law.rule, at + place, f"{at} breaks {law.rule}: {law.text}", law.severity)

    def _cardinality(self, node: Node, of: Table, at: str) -> None:
        there = present(node)
        for name, keys in of.required.items():
            if there.isdisjoint(keys):
                text = f"{at} needs {' or '.join(keys)}; it is mandatory."
                self.add("required", "cardinality", f"{at}.{name}", text)
        for name, keys in of.choices.items():
            if len(there.intersection(keys)) > 1:
                sent = [key for key in keys if key in there]
                text = f"{at} has {' and '.join(sent)}; keep one, {name}[x] holds one value."
                self.add("structure", "cardinality", f"{at}.{name}", text)

    def _no_element(self, key: str, node: Node, of: Table, at: str) -> None:
        """A property that is no element: the `_` sibling of a primitive, or unknown."""
        element = of.elements.get(key[1:]) if key[:1] == "_" else None
        if element is not None and element.sibling:
            if element.key not in node:
                self._element(element, node, of, f"{at}.{element.name}")
            return
        place = f"{at}.{key}" if SIMPLE_NAME.fullmatch(key) else at
        hint = "put comments in note" if key == "fhir_comments" else "remove it, or send it as an extension"
        text = f"{at} has no element {show(key)} in FHIR R4; {hint}."
        self.add("structure", "unknown-element", place, text)

    def _element(self, element: Element, node: Node, of: Table, at: str) -> None:
        sent = [key for key in (element.key, element.sibling) if key and key in node]
        filled = [self._filled(key, element, node[key], at) for key in sent]
        if not all(filled):
            return
        value, sibling = node.get(element.key), node.get(element.sibling) if element.sibling else None
        if element.many:
            self._items(element, value or [], sibling or [], at)
        elif element.type == "Resource" and of.type in ENVELOPES:
            if not isinstance(value, dict):
                self.add("structure", "datatype", at, f"{at} has to be a resource, not {show(value)}.")
        else:
            self._item(element, value, sibling, at)

    def _filled(self, key: str, element: Element, value: Any, at: str) -> bool:
        """Whether there is something to look at, of the right JSON kind: an array or not."""
        if value is None or value == [] or value == "":
            text = f"{key} of {at} is {show(value)}; give it a value or leave it out."
            self.add("structure", "ele-1", at, text)
            return False
        if isinstance(value, list) != element.many:
            wanted = "an array" if element.many else "a single value, not an array"
            self.add("structure", "cardinality", at, f"{key} of {at} has to be {wanted}.")
            return False
        return True

    def _items(self, element: Element, values: list[Any], siblings: list[Any], at: str) -> None:
        if values and siblings and len(values) != len(siblings):
            text = f"{element.key} has {len(values)} items and _{element.key} {len(siblings)}; pair them by null."
            self.add("structure", "cardinality", at, text)
            return
        for index in range(max(len(values), len(siblings))):
            value = values[index] if values else None
            sibling = siblings[index] if siblings else None
            place = f"{at}[{index}]"
            if value is None and sibling is None:
                self.add("structure", "ele-1", place, f"{place} is null; give it a value or leave it out.")
            else:
                self._item(element, value, sibling, place)

    def _item(self, element: Element, value: Any, sibling: Any, at: str) -> None:
        if element.primitive:
            if sibling is not None:
                self._sibling(element, value, sibling, at)
            if value is not None:
                self._primitive(element, value, at)
        elif element.type == "Resource":
            if element.key == "contained" and isinstance(value, dict):
                self.contained.append(Contained(at, value, at.count(".contained[") > 1))
            self.resource(value, at)
        elif isinstance(value, dict):
            self._complex(element, value, at)
        else:
            text = f"{element.key} of {at} has to be an object ({element.type}), not {show(value)}."
            self.add("structure", "datatype", at, text)

    def _complex(self, element: Element, value: dict[str, Any], at: str) -> None:
        if element.type == "Reference":
            self.links.append(Link(at, value, element.targets))
        self.node(value, table(element.type), at)
        bound = element.binding
        if bound and bound.system and not coded(value, bound.system, *bound.codes):
            text = f"{at} needs a coding of {bound.system}: {bound.advice} ({bound.name} is required)."
            self.add("code-invalid", bound.name, at, text)

    def _primitive(self, element: Element, value: Any, at: str) -> None:
        kind, bound = PRIMITIVES[element.type], element.binding
        if not kind.test(value):
            text = f"{element.key} is {show(value)}, no {element.type}; send {kind.advice}."
            self.add("value", "datatype", at, text)
        elif bound and not bound.holds(value):
            text = (
                f"{element.key} is {show(value)}, no code of the required {bound.name}; send {bound.advice}."
            )
            self.add("code-invalid", bound.name, at, text)
        elif element.type in ANCHORED and value[:1] == "#":
            self.anchors.add(value)
        elif element.type == "xhtml":
            for rule, fault in faults(value):
                text = f"The narrative breaks {rule}: {fault}; send safe XHTML or leave the narrative out."
                self.add("invariant", rule, at, text)

    def _sibling(self, element: Element, value: Any, sibling: Any, at: str) -> None:
        """The `_` property beside a primitive: an id, extensions, or both."""
        if isinstance(sibling, dict):
            self.node(sibling, table("Element"), at, valued=value is not None)
        else:
            text = f"_{element.key} of {at} has to be an object, not {show(sibling)}."
            self.add("structure", "datatype", at, text)
