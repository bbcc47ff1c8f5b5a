"""Filters of a search: parameters with their modifiers, chains and _has (https://hl7.org/fhir/R4/search.html)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from models.fhir.names import RESOURCE_TYPES
from models.resource_types import COMMON, LEFT_OUT, TYPES, ResourceType, SearchParam
from models.search.plan import rows
from models.search.values import Asked, Value, pairs, read, split

MODIFIERS: Mapping[str, tuple[str, ...]] = {
    "token": ("not", "text", "missing"),
    "string": ("exact", "contains", "missing"),
    "reference": ("identifier", "missing"),
    "patient": ("identifier", "missing"),
    "date": ("missing",),
    "quantity": ("missing",),
    "uri": ("missing",),
    "special": ("missing",),
    "composite": (),
}
"""Kind of a parameter -> its modifiers; references take `:Type` too, `identifier` takes `:of-type`."""
NO_VALUE_SETS = "no value sets are kept here; give the codes, separated by commas"
NO_HIERARCHIES = "no hierarchies are kept here; give each code or address, separated by commas"
REFUSED = {"in": NO_VALUE_SETS, "not-in": NO_VALUE_SETS, "above": NO_HIERARCHIES, "below": NO_HIERARCHIES}
"""Modifiers of R4 that are not served, each with the reason."""
HAS = "_has"


class Unknown(ValueError):
    """A parameter that is not served; a lenient client has it ignored."""


class Part(NamedTuple):
    """A parameter that a composite joins, as a filter without values."""

    param: SearchParam
    rows: tuple[str, ...]
    clinical: bool

    def met(self, value: Value) -> "Filter":
        """The filter for a value."""
        return Filter(self.param, (value,), self.rows, clinical=self.clinical)


class Filter(NamedTuple):
    """One parameter of the request; the resource must match one of its values.

    `rows` are the names in the index, `parts` the pairs (key, value) that a composite joins; `clinical` says that
    it is the type's clinical time.
    """

    param: SearchParam
    values: tuple[Value, ...]
    rows: tuple[str, ...] = ()
    modifier: str = ""
    parts: tuple[tuple[Part, Part], ...] = ()
    clinical: bool = False


Way = tuple[Filter, ...]
"""Filters that must all be met."""
Ways = tuple[Way, ...]
"""Of which one is enough; there is no way where there are none."""


class Narrowing(NamedTuple):
    """Of a type only what goes one of the ways."""

    type: str
    ways: Ways


class Join(NamedTuple):
    """A filter on another resource of a type, which `link` leads to; with `reverse` it leads here from there.

    `ways` is what the other resource must meet besides, None for nothing.
    """

    link: Filter
    type: str
    inner: Filter
    reverse: bool
    ways: Ways | None = None


def known(types: Sequence[ResourceType]) -> list[str]:
    """The names of the parameters that all of the types have."""
    names = [{param.name for param in (*served.params, *COMMON)} for served in types]
    return sorted(set.intersection(*names))


def filter_of(types: Sequence[ResourceType], name: str, text: str, asked: Asked) -> Filter | Join:
    """The filter that a parameter asks for; ValueError says what is wrong with it."""
    if name.startswith(f"{HAS}:"):
        return _has(types, name, text, asked)
    if "." in name:
        return _chain(types, name, text, asked)
    name, _, modifier = name.partition(":")
    found = _declared(types, name, modifier)
    parts = [part for part in split(text, ",") if part]
    if not parts:
        raise ValueError("a value is missing.")
    asked = asked._replace(modifier="" if modifier == "not" else modifier)
    return found._replace(values=tuple(value for part in parts for value in _values(found, part, asked)))


def _values(found: Filter, text: str, asked: Asked) -> Sequence[Value]:
    if not found.parts:
        return read(found.param, text, asked)
    key, value = found.parts[0]
    return pairs(key.param, value.param, text, asked)


def _declared(types: Sequence[ResourceType], name: str, modifier: str) -> Filter:
    """The filter of a parameter, without values; the types must agree on what it is."""
    if name in LEFT_OUT:
        raise Unknown(f"not served: {LEFT_OUT[name]}.")
    params = [_param(served, name) for served in types]
    if len({param.kind for param in params}) > 1:
        raise Unknown(f"means different things to {', '.join(served.name for served in types)}.")
    _check(params[0], modifier)
    found = tuple(
        row for served, param in zip(types, params, strict=True) for row in rows(served.name, param)
    )
    if modifier in ("identifier", "of-type"):
        found = tuple(f"{row}:{modifier}" for row in found)
    parts = tuple((_part(types, key), _part(types, value)) for key, value in params[0].parts)
    clinical = all(param is served.clinical_date for served, param in zip(types, params, strict=True))
    return Filter(params[0], (), found, modifier, parts, clinical)


def _part(types: Sequence[ResourceType], name: str) -> Part:
    found = _declared(types, name, "")
    return Part(found.param, found.rows, found.clinical)


def _param(served: ResourceType, name: str) -> SearchParam:
    if name in served.left_out:
        raise Unknown(f"not served for {served.name}: {served.left_out[name]}.")
    param = served.param(name)
    if param is None:
        listed = ", ".join(known([served]))
        raise Unknown(f"not known for {served.name}. Known are: {listed}.")
    return param


def modifiers(param: SearchParam) -> tuple[str, ...]:
    """The modifiers that a parameter takes, but for `:Type`."""
    return (*MODIFIERS[param.kind], *(("of-type",) if param.name == "identifier" else ()))


def _check(param: SearchParam, modifier: str) -> None:
    taken = modifiers(param)
    named = param.fhir_type == "reference" and modifier in RESOURCE_TYPES
    if not modifier or modifier in taken or named:
        return
    if modifier in REFUSED:
        raise ValueError(f"the modifier ':{modifier}' is not served: {REFUSED[modifier]}.")
    offered = ", ".join(f":{name}" for name in taken) or "none"
    raise ValueError(f"the modifier ':{modifier}' is not supported here; supported are: {offered}.")


def _chain(types: Sequence[ResourceType], name: str, text: str, asked: Asked) -> Join:
    """`subject:Patient.name=...`, `patient.identifier=...`."""
    head, _, rest = name.partition(".")
    if "." in rest:
        raise ValueError(
            "chains of more than one link are not followed; ask for the resources between first."
        )
    head, _, type = head.partition(":")
    link = _declared(types, head, "")
    target = _target(link.param, head, type, rest)
    inner = filter_of([TYPES[target]], rest, text, asked)
    assert isinstance(inner, Filter)
    return Join(link, target, inner, reverse=False)


def _target(param: SearchParam, head: str, type: str, rest: str) -> str:
    if param.fhir_type != "reference":
        raise ValueError(f"{head} is no reference, so nothing can be chained to it.")
    served = [target for target in TYPES if param.refers_to(target)]
    targets = [target for target in served if type in ("", target)]
    if len(targets) > 1:
        name = rest.partition(":")[0]
        targets = [target for target in targets if TYPES[target].param(name)] or targets
    if len(targets) != 1:
        offered = (
            ", ".join(f"{head}:{target}.{rest}" for target in served) or "none, no target is served here"
        )
        raise ValueError(f"the type that is meant must be given; possible are: {offered}.")
    return targets[0]


def _has(types: Sequence[ResourceType], name: str, text: str, asked: Asked) -> Join:
    """`_has:Observation:patient:code=...` (https://hl7.org/fhir/R4/search.html#has)."""
    parts = name.split(":", 3)
    if len(parts) != 4 or parts[1] not in TYPES or len(types) != 1:
        raise ValueError(
            f"give _has:Type:reference:parameter on one type; the type is one of {', '.join(TYPES)}."
        )
    _, type, reference, rest = parts
    if rest.startswith(HAS) or "." in rest:
        raise ValueError("one level is followed here; _has and chains cannot stand inside of _has.")
    link = _declared([TYPES[type]], reference, "")
    if link.param.fhir_type != "reference" or not link.param.refers_to(types[0].name):
        raise ValueError(f"{reference} of {type} refers to no {types[0].name}.")
    inner = filter_of([TYPES[type]], rest, text, asked)
    assert isinstance(inner, Filter)
    return Join(link, type, inner, reverse=True)
