"""_include and _revinclude (https://hl7.org/fhir/R4/search.html#revinclude): which references are followed."""

from collections.abc import Sequence
from typing import NamedTuple

from models.resource_types import TYPES, SearchParam
from models.search.plan import rows


class Include(NamedTuple):
    """A reference of `type` to be followed, to `target` or, where that is "", to any type.

    With `reverse`, from what was found to those that refer to it; with `iterate`, from what was included too.
    """

    type: str
    param: SearchParam
    target: str
    reverse: bool
    iterate: bool

    @property
    def rows(self) -> tuple[str, ...]:
        """The names under which the references stand in the index."""
        return rows(self.type, self.param)


def references(type: str) -> list[SearchParam]:
    """The parameters of a type that are references."""
    return [param for param in TYPES[type].params if param.fhir_type == "reference"]


def includes(text: str, reverse: bool, iterate: bool, searched: Sequence[str]) -> tuple[Include, ...]:
    """`Type:parameter[:Target]`; `Type:*` for every reference of a type, `*` for every one of the types `searched`, or,
    with `reverse`, for every one that can lead to them."""
    if text == "*":
        return tuple(
            Include(type, param, "", reverse, iterate)
            for type in (TYPES if reverse else searched)
            for param in references(type)
            if not reverse or any(map(param.refers_to, searched))
        )
    type, _, rest = text.partition(":")
    name, _, target = rest.partition(":")
    if type not in TYPES:
        raise ValueError(f"{text!r} is not Type:parameter; the type is one of {', '.join(TYPES)}.")
    params = references(type)
    chosen = [param for param in params if name in (param.name, "*")]
    if not chosen:
        listed = ", ".join(f"{type}:{param.name}" for param in params) or "none"
        raise ValueError(f"{text!r} names no reference of {type}; there are: {listed}.")
    if target and not any(param.refers_to(target) for param in chosen):
        raise ValueError(f"{type}:{name} refers to no {target!r}.")
    return tuple(Include(type, param, target, reverse, iterate) for param in chosen)
