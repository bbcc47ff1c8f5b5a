"""FHIRPath Patch, a Parameters resource of operations: https://hl7.org/fhir/R4/fhirpatch.html."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from models.fhir.elements import Element
from models.patch.patch import MOST_OPERATIONS, Patch, Room, Tree, conflict, malformed
from models.patch.path import Spot, elements, reached, spots, steps

PARTS = ("type", "path", "name", "value", "index", "source", "destination")


class _Step(NamedTuple):
    """One operation; `told` names it in a refusal, `parts` are its parameters by name."""

    told: str
    path: str
    parts: Mapping[str, Mapping[str, Any]]
    room: Room

    def number(self, name: str) -> int:
        """The integer under a name."""
        number = self.parts[name].get("valueInteger")
        if type(number) is not int or number < 0:
            malformed(f"{self.told}: {name} needs a valueInteger of 0 or more.")
        return number


def read(body: Tree) -> Patch:
    """The patch that a Parameters resource asks for; Malformed for what is none, before anything is looked up."""
    if not isinstance(body, dict) or body.get("resourceType") != "Parameters":
        malformed(
            "A FHIRPath Patch is a Parameters resource; send one, or a JSON Patch in its own media type."
        )
    operations = body.get("parameter")
    if not isinstance(operations, list) or not 0 < len(operations) <= MOST_OPERATIONS:
        malformed(f"Parameters.parameter has to hold 1 to {MOST_OPERATIONS} parameters named operation.")
    for at, operation in enumerate(operations):
        steps(_step(at, operation, Room()).path)
    return Patch(operations, _work)


def _step(at: int, operation: Tree, room: Room) -> _Step:
    told = f"Operation {at}"
    listed = (
        operation.get("part")
        if isinstance(operation, dict) and operation.get("name") == "operation"
        else None
    )
    if not isinstance(listed, list) or not all(isinstance(part, dict) and "name" in part for part in listed):
        malformed(f"{told}: each parameter is named operation and has parts with names.")
    parts = {str(part["name"]): part for part in listed}
    if len(parts) < len(listed) or (unknown := sorted(parts.keys() - {*PARTS})):
        malformed(f"{told}: the parts are {', '.join(PARTS)}, each once; not {', '.join(unknown)[:80]}.")
    name, path = (
        parts.get(part, {}).get(f"value{kind}") for part, kind in (("type", "Code"), ("path", "String"))
    )
    if not isinstance(name, str) or name not in OPERATIONS or not isinstance(path, str):
        malformed(f"{told} needs a type (valueCode {', '.join(OPERATIONS)}) and a path (valueString).")
    told = f"{told} ({name} {path[:200]})"
    if missing := [part for part in OPERATIONS[name][0] if part not in parts]:
        malformed(f"{told} needs the part {missing[0]}.")
    return _Step(told, path, parts, room)


def _work(doc: dict[str, Any], operations: Tree) -> Tree:
    room = Room()
    for at, operation in enumerate(operations):
        step = _step(at, operation, room)
        OPERATIONS[step.parts["type"]["valueCode"]][1](doc, step)
    return doc


def _one(step: _Step, found: list[Spot]) -> Spot:
    if len(found) != 1:
        conflict(
            f"{step.told}: the path leads to {len(found)} elements of the resource; it has to lead to one."
        )
    return found[0]


def _collection(doc: dict[str, Any], step: _Step) -> tuple[Spot, Element]:
    """Where a list stands and which element it is; the list need not be there yet."""
    *above, last = steps(step.path)
    if not above or last.argument is not None or last.number is not None:
        malformed(f"{step.told}: the path has to end with the name of a list, such as Patient.identifier.")
    spot = _one(step, spots(doc, above))
    (element,) = elements(spot, last.name)[:1]
    if not element.many:
        malformed(f"{step.told}: {last.name} is no list.")
    return spot, element


def _typed(step: _Step, part: Mapping[str, Any]) -> tuple[str, Tree]:
    """(suffix, value) of `valueQuantity` and the like; ("", parts) of a value that is told in parts."""
    keys = [key for key in part if key not in ("name", "id")]
    if len(keys) != 1 or not (keys[0] == "part" or (keys[0].startswith("value") and keys[0] != "value")):
        malformed(
            f"{step.told}: {str(part.get('name'))[:40]} needs one value[x], such as valueString, or parts."
        )
    return keys[0].removeprefix("value").removeprefix("part"), part[keys[0]]


def _chosen(step: _Step, known: list[Element], suffix: str) -> Element:
    """Which of the elements that a name can mean is meant by a value of this type."""
    for element in known:
        if len(known) == 1 or element.key == element.name + suffix:
            return element
    return malformed(f"{step.told}: {known[0].name}[x] can be {', '.join(one.key for one in known)}.")


def _value(step: _Step, element: Element, suffix: str, value: Tree) -> Tree:
    """What is to be put under an element; a value told in parts is put together."""
    if suffix:
        return step.room.copy(value)
    if element.primitive or not isinstance(value, list):
        malformed(f"{step.told}: {element.key} needs a value[x].")
    made: dict[str, Any] = {}
    spot = Spot({"": made}, "", -1, element.type)
    for part in value:
        if not isinstance(part, dict):
            malformed(f"{step.told}: the parts of a value have names.")
        _put(step, spot, str(part.get("name")), part)
    return made


def _put(step: _Step, spot: Spot, name: str, part: Mapping[str, Any]) -> None:
    """Add an element below a place, at the end where it is a list."""
    suffix, given = _typed(step, part)
    known = elements(spot, name)
    element = _chosen(step, known, suffix)
    value, holder = _value(step, element, suffix, given), spot.value
    if element.many:
        _splice(step, spot, element.key, None, value)
    elif taken := [one.key for one in known if one.key in holder]:
        conflict(f"{step.told}: there is a {taken[0]} already; replace it.")
    else:
        holder[element.key] = value


def _items(step: _Step, spot: Spot, key: str) -> list[Tree]:
    """A list as it stands; an empty one that is nowhere yet where there is none."""
    items = spot.value.get(key, []) if isinstance(spot.value, dict) else None
    if not isinstance(items, list):
        conflict(f"{step.told}: what stands there is no list.")
    return items


def _splice(step: _Step, spot: Spot, key: str, at: int | None, value: Tree) -> None:
    """Put an item into a list (None: at its end), and keep the list of its extensions in step."""
    items = _items(step, spot, key)
    at = len(items) if at is None else at
    if at > len(items):
        conflict(f"{step.told}: the list has {len(items)} items, so the index can be at most {len(items)}.")
    items.insert(at, value)
    spot.value[key] = items
    if f"_{key}" in spot.value:
        _items(step, spot, f"_{key}").insert(at, None)


def _drop(holder: dict[str, Any], key: str, at: int) -> None:
    """Take a property away, or an item of its list; what is left empty goes too."""
    for name in (key, f"_{key}"):
        if name not in holder:
            continue
        if at >= 0:
            del holder[name][at]
        if at < 0 or not any(item is not None for item in holder[name]):
            del holder[name]


def _add(doc: dict[str, Any], step: _Step) -> None:
    spot, name = _one(step, spots(doc, steps(step.path))), str(step.parts["name"].get("valueString"))
    if not isinstance(spot.value, dict):
        reached([spot], name)
        malformed(f"{step.told}: the path leads to a value; nothing can be added below it.")
    _put(step, spot, name, step.parts["value"])


def _insert(doc: dict[str, Any], step: _Step) -> None:
    spot, element = _collection(doc, step)
    value = _value(step, element, *_typed(step, step.parts["value"]))
    _splice(step, spot, element.key, step.number("index"), value)


def _delete(doc: dict[str, Any], step: _Step) -> None:
    """What is not there need not be deleted, as the specification's own examples have it."""
    found = spots(doc, steps(step.path))
    for spot in found and [_below_root(step, _one(step, found))]:
        _drop(spot.holder, spot.key, spot.at)


def _replace(doc: dict[str, Any], step: _Step) -> None:
    spot = _below_root(step, _one(step, spots(doc, steps(step.path))))
    suffix, given = _typed(step, step.parts["value"])
    element = Element(spot.key, spot.name, spot.type, spot.type[:1].islower(), "", False, None, ())
    value = _value(step, element, suffix, given)
    if spot.at >= 0:
        spot.holder[spot.key][spot.at] = value
        if f"_{spot.key}" in spot.holder:
            spot.holder[f"_{spot.key}"][spot.at] = None
        return
    key = spot.name + suffix if spot.name != spot.key and suffix else spot.key
    if key != spot.key:
        del spot.holder[spot.key]
    spot.holder.pop(f"_{spot.key}", None)
    spot.holder[key] = value


def _move(doc: dict[str, Any], step: _Step) -> None:
    spot, element = _collection(doc, step)
    source, destination = step.number("source"), step.number("destination")
    there = len(_items(step, spot, element.key))
    if max(source, destination) >= there:
        conflict(f"{step.told}: the list has {there} items; source and destination have to be below that.")
    for key in (element.key, f"_{element.key}"):
        if items := _items(step, spot, key):
            items.insert(destination, items.pop(source))


def _below_root(step: _Step, spot: Spot) -> Spot:
    if not spot.key:
        malformed(f"{step.told}: the whole resource cannot be patched away; PUT or DELETE it.")
    return spot


OPERATIONS: dict[str, tuple[tuple[str, ...], Callable[[dict[str, Any], _Step], None]]] = {
    "add": (("name", "value"), _add),
    "insert": (("index", "value"), _insert),
    "delete": ((), _delete),
    "replace": (("value",), _replace),
    "move": (("source", "destination"), _move),
}
"""Each operation with the parts that it needs beside type and path, and what it does."""
