"""What every kind of patch is: operations that are worked in order, or not at all."""

from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from models.errors import Conflict, Malformed
from models.fhir.codec import MAX_DEPTH
from models.problem import Problem

Tree = Any
MOST_OPERATIONS = 1_000
MOST_NODES = 100_000
"""Nodes that a patch may put in: a few copies of copies would fill any memory."""


class Patch(NamedTuple):
    """Operations as they were sent, and how they change a document, which is theirs to change."""

    operations: Tree
    work: Callable[[dict[str, Any], Tree], Tree]

    def apply(self, doc: dict[str, Any]) -> Tree:
        """The document afterwards. Raises Conflict where it does not have what the patch expects."""
        return self.work(doc, self.operations)


class Room:
    """How much a patch may still put in."""

    def __init__(self) -> None:
        self._left = MOST_NODES

    def copy(self, node: Tree, depth: int = 0) -> Tree:
        """A copy that nothing else holds. Raises Malformed for too much of it."""
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            malformed(
                f"The patch puts in more than {MOST_NODES} values, or nests them deeper than {MAX_DEPTH}."
            )
        if isinstance(node, dict):
            return {key: self.copy(value, depth + 1) for key, value in node.items()}
        return [self.copy(value, depth + 1) for value in node] if isinstance(node, list) else node


def same(one: Tree, other: Tree) -> bool:
    """Whether two trees are equal: numbers by value, and none of them is true or false."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def malformed(text: str) -> NoReturn:
    """The patch itself cannot be understood."""
    raise Malformed([Problem(Malformed.code, text, rule="patch")])


def conflict(text: str) -> NoReturn:
    """The resource does not have what the patch expects of it."""
    raise Conflict([Problem(Conflict.code, text, rule="patch")])
