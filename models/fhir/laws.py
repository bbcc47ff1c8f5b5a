"""What an invariant is, and the few forms that most invariants have.

A law says where a node breaks it, and which JSON schema a node may satisfy to be sure that it holds; the
schema may be stricter than the law (what `models.fhir.gate` refuses is left to the law itself), never laxer. It
may rely on the gate's subset: no `_` siblings, no element ids. None: no schema can tell.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from models.fhir.times import DATE_TIME, exists, later

Node = Mapping[str, Any]
Schema = dict[str, Any]
Breaks = Callable[[Node], Iterable[str]]


class Law(NamedTuple):
    """`breaks` gives the places, relative to the node, where the rule is broken; `text` says what to do."""

    rule: str
    text: str
    breaks: Breaks
    schema: Schema | None
    severity: str = "error"
    code: str = "invariant"


def has(node: Node, *keys: str) -> bool:
    """FHIRPath's exists(): one of the properties, or its `_` sibling, is there."""
    return not present(node).isdisjoint(keys)


def present(node: Node) -> set[str]:
    """The names of what is there, a value or its `_` sibling: few, where an extension could have any of 50."""
    return {key.removeprefix("_") for key in node}


def nodes(node: Any, *names: str) -> Iterator[dict[str, Any]]:
    """The objects at a path, through arrays; whatever is no object is passed over."""
    if isinstance(node, list):
        for item in node:
            yield from nodes(item, *names)
    elif isinstance(node, dict):
        if not names:
            yield node
        else:
            yield from nodes(node.get(names[0]), *names[1:])


def word(node: Node, key: str) -> str:
    """The text of a property, or "" where there is none."""
    value = node.get(key)
    return value if isinstance(value, str) else ""


def coded(concept: Any, system: str, *codes: str) -> bool:
    """Whether a CodeableConcept, or one of an array, has a coding of the system with one of the codes."""
    return any(word(c, "system") == system and word(c, "code") in codes for c in nodes(concept, "coding"))


def at(place: str, holds: Callable[[Node], bool]) -> Breaks:
    """A law that is broken at one place."""
    return lambda node: () if holds(node) else (place,)


def needs(rule: str, key: str, other: str, text: str) -> Law:
    """Where `key` is, `other` has to be."""
    schema = {"dependentRequired": {key: [other]}}
    return Law(rule, text, at("." + other, lambda node: not has(node, key) or has(node, other)), schema)


def one_of(rule: str, keys: tuple[str, ...], text: str) -> Law:
    """One of the properties has to be there."""
    schema = {"anyOf": [{"required": [key]} for key in keys]}
    return Law(rule, text, at("", lambda node: has(node, *keys)), schema)


def apart(rule: str, key: str, others: tuple[str, ...], text: str) -> Law:
    """`key` and any of the others do not go together."""
    schema = {"dependentSchemas": {key: {"properties": dict.fromkeys(others, False)}}}
    return Law(rule, text, at("." + key, lambda node: not (has(node, key) and has(node, *others))), schema)


def either(rule: str, key: str, other: str, text: str) -> Law:
    """Exactly one of two properties."""
    return Law(rule, text, at("", lambda node: has(node, key) != has(node, other)), None)


def in_order(first: str, last: str) -> Breaks:
    """Two dateTimes are not certainly in the wrong order; what is no dateTime is another rule's concern."""

    def holds(node: Node) -> bool:
        start, end = word(node, first), word(node, last)
        sound = all(DATE_TIME.fullmatch(text) and exists(text) for text in (start, end))
        return not sound or not later(start, end)

    return at("", holds)


def simple(*keys: str) -> tuple[Law, ...]:
    """sqty-1: these quantities have no comparator. https://hl7.org/fhir/R4/datatypes.html#SimpleQuantity"""

    def law(key: str) -> Law:
        exact = at(f".{key}.comparator", lambda node: not any(has(q, "comparator") for q in nodes(node, key)))
        schema = {"properties": {key: {"properties": {"comparator": False}}}}
        return Law("sqty-1", f"{key} is an exact quantity; leave out its comparator.", exact, schema)

    return tuple(law(key) for key in keys)
