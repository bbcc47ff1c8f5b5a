"""JSON Patch, all six operations without loss of a digit: https://www.rfc-editor.org/rfc/rfc6902."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from models.fhir.codec import MAX_DEPTH
from models.patch.patch import MOST_OPERATIONS, Patch, Room, Tree, conflict, malformed, same

MEDIA_TYPE = "application/json-patch+json"
INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
END = "-"
"""The place behind the last item of an array."""


class _Step(NamedTuple):
    """One operation; `told` names it in a refusal."""

    told: str
    path: tuple[str, ...]
    source: tuple[str, ...]
    value: Tree
    room: Room


def read(operations: Tree) -> Patch:
    """The patch that a parsed body asks for; Malformed for what is none, before anything is looked up."""
    if not isinstance(operations, list) or not operations:
        malformed(
            'A JSON Patch is an array of operations, such as [{"op": "replace", "path": "/status", ...}].'
        )
    if len(operations) > MOST_OPERATIONS:
        malformed(f"{len(operations)} operations in one patch; at most {MOST_OPERATIONS} are allowed.")
    for at, operation in enumerate(operations):
        _step(at, operation, Room())
    return Patch(operations, _work)


def _step(at: int, operation: Tree, room: Room) -> _Step:
    name = operation.get("op") if isinstance(operation, dict) else None
    if not isinstance(name, str) or name not in OPERATIONS:
        malformed(f"Operation {at}: op is {str(name)[:40]!r}, none of {', '.join(OPERATIONS)}.")
    needs = OPERATIONS[name][0]
    missing = [key for key in ("path", needs) if key and key not in operation]
    if missing:
        malformed(f"Operation {at} ({name}) needs {missing[0]!r}.")
    told = f"Operation {at} ({name} {str(operation['path'])[:200]})"
    source = _pointer(told, operation["from"]) if needs == "from" else ()
    return _Step(told, _pointer(told, operation["path"]), source, operation.get("value"), room)


def _pointer(told: str, text: Tree) -> tuple[str, ...]:
    """The tokens of a JSON Pointer (https://www.rfc-editor.org/rfc/rfc6901)."""
    if not isinstance(text, str) or (text and not text.startswith("/")) or re.search("~(?![01])", text):
        malformed(f"{told}: {str(text)[:200]!r} is no JSON Pointer; write /component/0/valueQuantity/value.")
    tokens = tuple(token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:])
    if len(tokens) > MAX_DEPTH:
        malformed(f"{told}: a path may have {MAX_DEPTH} steps.")
    return tokens


def _work(doc: dict[str, Any], operations: Tree) -> Tree:
    root, room = {"": doc}, Room()
    for at, operation in enumerate(operations):
        OPERATIONS[operation["op"]][1](root, _step(at, operation, room))
    return root[""]


def _held(root: Tree, step: _Step, path: tuple[str, ...]) -> tuple[Tree, str | int]:
    """The object or array that holds a place, and the key of the place in it, which need not be there yet."""
    holder, key = root, ""
    for token in path:
        holder, key = _at(step, holder, key), token
    return holder, _index(step, holder, key) if isinstance(holder, list) else key


def _index(step: _Step, items: list[Tree], token: str) -> int:
    if token == END:
        return len(items)
    if not INDEX.fullmatch(token):
        conflict(f"{step.told}: {token[:40]!r} is no index of an array.")
    return int(token)


def _at(step: _Step, holder: Tree, key: str | int) -> Tree:
    """What stands at a place that has to be there."""
    if isinstance(holder, list):
        key = _index(step, holder, str(key))
        if key < len(holder):
            return holder[key]
    elif isinstance(holder, dict) and key in holder:
        return holder[key]
    return conflict(f"{step.told}: the resource has nothing at {str(key)[:80]!r}; read it and try again.")


def _put(root: Tree, step: _Step, value: Tree) -> None:
    holder, key = _held(root, step, step.path)
    if isinstance(holder, list) and isinstance(key, int) and key <= len(holder):
        holder.insert(key, value)
    elif isinstance(holder, dict):
        holder[key] = value
    else:
        conflict(
            f"{step.told}: nothing can be put at {str(key)[:80]!r}; the array is shorter, or there is none."
        )


def _take(root: Tree, step: _Step, path: tuple[str, ...]) -> Tree:
    holder, key = _held(root, step, path)
    value = _at(step, holder, key)
    if not path:
        malformed(f"{step.told}: the whole resource cannot be taken away; DELETE it.")
    del holder[key]
    return value


def _add(root: Tree, step: _Step) -> None:
    _put(root, step, step.room.copy(step.value))


def _remove(root: Tree, step: _Step) -> None:
    _take(root, step, step.path)


def _replace(root: Tree, step: _Step) -> None:
    holder, key = _held(root, step, step.path)
    _at(step, holder, key)
    holder[key] = step.room.copy(step.value)


def _move(root: Tree, step: _Step) -> None:
    if step.path[: len(step.source)] == step.source and step.path != step.source:
        malformed(f"{step.told}: a place cannot be moved into itself.")
    _put(root, step, _take(root, step, step.source))


def _copy(root: Tree, step: _Step) -> None:
    holder, key = _held(root, step, step.source)
    _put(root, step, step.room.copy(_at(step, holder, key)))


def _test(root: Tree, step: _Step) -> None:
    holder, key = _held(root, step, step.path)
    if not same(_at(step, holder, key), step.value):
        conflict(f"{step.told}: the resource has another value there; nothing was changed.")


OPERATIONS: dict[str, tuple[str, Callable[[Tree, _Step], None]]] = {
    "add": ("value", _add),
    "remove": ("", _remove),
    "replace": ("value", _replace),
    "move": ("from", _move),
    "copy": ("from", _copy),
    "test": ("value", _test),
}
"""Each operation with the member that it needs beside `path`, and what it does."""
