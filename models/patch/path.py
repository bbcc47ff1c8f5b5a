"""FHIRPath as patches use it: names, `[0]`, `.where(name = 'literal')`, `.first()`, `.last()`, `.ofType(Type)`,
`.extension('url')` (https://hl7.org/fhirpath/N1/, https://hl7.org/fhir/R4/fhirpath.html).
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from models.fhir.codec import MAX_DEPTH
from models.fhir.elements import Element, table
from models.patch.patch import Tree, malformed, same

NAME = r"`?[A-Za-z][A-Za-z0-9]*`?"
STEP = re.compile(
    rf"\s*({NAME})\s*(\((?:[^()']|'(?:[^'\\]|\\.)*')*\))?\s*((?:\[\s*\d{{1,9}}\s*\])*)\s*(?:\.|$)"
)
TEST = re.compile(rf"\s*({NAME}(?:\.{NAME})*)\s*=\s*('(?:[^'\\]|\\.)*'|true|false|-?\d+(?:\.\d+)?)\s*(and|$)")
KNOWN = "element names, [0], where(name = 'literal'), first(), last(), ofType(Type), extension('url')"


class Spot(NamedTuple):
    """A place in a tree: the object that holds it, the property, the index in an array (-1: it is none).

    `name` is the element's, `value` for `valueQuantity`.
    """

    holder: dict[str, Any]
    key: str
    at: int
    type: str
    name: str = ""

    @property
    def value(self) -> Tree:
        """What stands there."""
        return self.holder[self.key] if self.at < 0 else self.holder[self.key][self.at]


class Step(NamedTuple):
    """One step of a path: a name or a function with its argument, and an index behind it."""

    name: str
    argument: str | None
    number: int | None


Spots = list[Spot]


def steps(text: str) -> list[Step]:
    """A path taken apart; Malformed with what is known for anything else."""
    found, at = [], 0
    while at < len(text):
        match = STEP.match(text, at)
        if match is None:
            malformed(f"{text[:200]!r} is no path that is understood here; known are {KNOWN}.")
        name, argument, indexes = match.groups()
        numbers = [int(number) for number in re.findall(r"\d+", indexes)]
        found.append(
            Step(name.strip("`"), argument and argument[1:-1].strip(), numbers[0] if numbers else None)
        )
        if len(numbers) > 1 or (argument is not None and found[-1].name not in FUNCTIONS):
            malformed(f"{text[:200]!r}: {match[0][:80]!r} is not understood here; known are {KNOWN}.")
        at = match.end()
    if len(found) > MAX_DEPTH:
        malformed(f"A path may have {MAX_DEPTH} steps; one has {len(found)}.")
    if not found or text.rstrip().endswith("."):
        malformed(f"{text[:200]!r} is no path; begin with the type, such as Observation.status.")
    return found


def spots(doc: dict[str, Any], path: list[Step]) -> Spots:
    """The places that a path leads to, in order; the first step is the resource's type or an element of it."""
    root = Spot({"": doc}, "", -1, doc["resourceType"])
    named = path[0].name in (doc["resourceType"], "Resource", "DomainResource") and path[0].argument is None
    found = [root]
    for step in path[1:] if named else path:
        found = (
            FUNCTIONS[step.name](found, step.argument)
            if step.argument is not None
            else reached(found, step.name)
        )
        if step.number is not None:
            found = found[step.number : step.number + 1]
    return found


def reached(found: Spots, name: str) -> Spots:
    """The same as `named_in` for a step of the path itself, which has to be one that leads to values."""
    for spot in found:
        if not isinstance(spot.value, dict):
            if name in ("id", "extension"):
                _beside(spot.name, spot.key)
        else:
            for element in elements(spot, name):
                if element.key not in spot.value and f"_{element.key}" in spot.value:
                    _beside(name, element.key)
    return named_in(found, name)


def _beside(name: str, key: str) -> None:
    malformed(
        f"The id and extensions of a primitive stand beside it, those of {name} under _{key}. A FHIRPath Patch does "
        f"not reach them here; send a JSON Patch of _{key}, or PUT the resource."
    )


def named_in(found: Spots, name: str) -> Spots:
    """The elements of that name, `value` meaning whichever of valueQuantity, valueString ... there is."""
    return [below for spot in found for below in _below(spot, name)]


def _below(spot: Spot, name: str) -> Iterator[Spot]:
    node = spot.value
    if not isinstance(node, dict):
        return
    for element in elements(spot, name):
        value = node.get(element.key)
        if isinstance(value, list):
            yield from (Spot(node, element.key, at, element.type, element.name) for at in range(len(value)))
        elif value is not None:
            yield Spot(node, element.key, -1, element.type, element.name)


def elements(spot: Spot, name: str) -> list[Element]:
    """The elements that a name can mean below a place; Malformed for one that FHIR does not know."""
    type = spot.type
    if type == "Resource" and isinstance(spot.value, dict):
        type = str(spot.value.get("resourceType"))
    try:
        known = table(type)
    except LookupError:
        malformed(f"{type[:80]} has no element {name!r}.")
    found = [known.elements[key] for key in known.choices.get(name, (name,)) if key in known.elements]
    if not found:
        malformed(
            f"{type} has no element {name[:80]!r}; its elements are {', '.join(_names(known.elements))}."
        )
    return found


def _names(known: dict[str, Element]) -> list[str]:
    return list(dict.fromkeys(element.name for element in known.values() if element.name != "resourceType"))


def _where(found: Spots, argument: str) -> Spots:
    at, tests = 0, []
    while match := TEST.match(argument, at):
        tests.append((match[1].replace("`", "").split("."), _literal(match[2])))
        at = match.end()
        if match[3] == "":
            break
    if not tests or at < len(argument) or argument.rstrip().endswith(" and"):
        malformed(f"where({argument[:200]}) is not understood here; write where(name = 'literal').")
    return [spot for spot in found if all(_holds(spot, names, value) for names, value in tests)]


def _holds(spot: Spot, names: list[str], value: Tree) -> bool:
    reached = [spot]
    for name in names:
        reached = named_in(reached, name)
    return len(reached) == 1 and same(reached[0].value, value)


def _literal(text: str) -> Tree:
    if text.startswith("'"):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return {"true": True, "false": False}[text] if text in ("true", "false") else Decimal(text)


def _of_type(found: Spots, argument: str) -> Spots:
    wanted = argument.removeprefix("FHIR.").strip("`")
    return [spot for spot in found if spot.type == wanted]


def _extension(found: Spots, argument: str) -> Spots:
    if not re.fullmatch(r"'(?:[^'\\]|\\.)*'", argument):
        malformed(f"extension({argument[:200]}) is not understood here; give the url in quotation marks.")
    given = [spot for spot in reached(found, "extension") if isinstance(spot.value, dict)]
    return [spot for spot in given if spot.value.get("url") == _literal(argument)]


def _end(which: int) -> Callable[[Spots, str], Spots]:
    def take(found: Spots, argument: str) -> Spots:
        if argument:
            malformed(f"first() and last() take no argument; {argument[:80]!r} was given.")
        return found[which:][:1]

    return take


FUNCTIONS: dict[str, Callable[[Spots, str], Spots]] = {
    "where": _where,
    "first": _end(0),
    "last": _end(-1),
    "ofType": _of_type,
    "extension": _extension,
}
"""The functions of FHIRPath that are understood."""
