"""Which rows of the index each parameter stands for: one name a path, however many parameters read it."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from models.resource_types import COMMON, ResourceType, SearchParam

_NAME = re.compile(r"(\w+)(?:\[(\w+)=(\w+)\])?")
INDEXED = ("token", "reference", "string", "uri", "date", "quantity")


class Step(NamedTuple):
    """What becomes of an element that a path leads to: rows named `row`.

    `keyed` names the element beside it whose codes stand in the rows; `exists` says that its mere presence counts.
    """

    row: str
    kind: str
    keyed: str = ""
    clinical: bool = False
    exists: bool = False


@dataclass(slots=True)
class Node:
    """An element on some path: what is indexed of it, and what leads on, by name; `only` leads on from those that
    bear a code, as (name, code, node)."""

    steps: list[Step] = field(default_factory=list)
    below: dict[str, "Node"] = field(default_factory=dict)
    only: list[tuple[str, str, "Node"]] = field(default_factory=list)


class Absent(NamedTuple):
    """Where no row stands under any of `rows`, the code `code` does under the last."""

    rows: tuple[str, ...]
    code: str


class Plan(NamedTuple):
    """What is indexed of a type, each path once."""

    root: Node
    absent: tuple[Absent, ...]


def row(type: str, path: str) -> str:
    """The name of a path in the index."""
    return f"{type}.{path}"


@lru_cache
def rows(type: str, param: SearchParam) -> tuple[str, ...]:
    """The names under which a parameter's values stand in the index."""
    return tuple(row(type, path) for path in param.path.split("|")) if param.path else ()


@lru_cache
def plan(served: ResourceType) -> Plan:
    """The paths of a type's parameters as a tree, so that a resource is walked once."""
    root, seen = Node(), set[tuple[str, str]]()
    params = [param for param in (*served.params, *COMMON) if param.kind in INDEXED]
    for param in params:
        for path in param.path.split("|"):
            if (path, param.kind) not in seen:
                seen.add((path, param.kind))
                clinical = param is served.clinical_date
                found = Step(row(served.name, path), param.kind, param.keyed, clinical, path.endswith("?"))
                _end(root, path.removesuffix("?")).steps.append(found)
    return Plan(
        root, tuple(Absent(rows(served.name, param), param.absent) for param in params if param.absent)
    )


def _end(node: Node, path: str) -> Node:
    """The node that a path leads to, made where it is missing."""
    for part in path.split("."):
        match = _NAME.fullmatch(part)
        assert match, path
        name, of, code = match.groups()
        node = node.below.setdefault(name, Node())
        if of:
            found = next((one for *way, one in node.only if way == [of, code]), None)
            if found is None:
                found = Node()
                node.only.append((of, code, found))
            node = found
    return node
