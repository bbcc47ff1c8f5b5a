"""The order of the answers (https://hl7.org/fhir/R4/search.html#sort), by what is kept in order."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from models.resource_types import ResourceType
from models.search.plan import rows


class Sort(NamedTuple):
    """One key: the change number, the id, the clinical time, or a date among the rows of the index."""

    by: Literal["seq", "id", "low", "extent"]
    descending: bool = False
    rows: tuple[str, ...] = ()


BY_COMMIT = Sort("seq")
_OF_EVERY_TYPE = {"_lastUpdated": "seq", "_id": "id"}


def sortable(types: Sequence[ResourceType]) -> list[str]:
    """The parameters that the answers can be sorted by."""
    dates = [{param.name for param in served.params if param.kind == "date"} for served in types]
    return [*_OF_EVERY_TYPE, *sorted(set.intersection(*dates))]


def keys(types: Sequence[ResourceType], text: str) -> tuple[Sort, ...]:
    """The keys of a `_sort`; ValueError where one is not kept in order."""
    return tuple(_key(types, part) for part in text.split(","))


def _key(types: Sequence[ResourceType], text: str) -> Sort:
    descending, name = text.startswith("-"), text.removeprefix("-")
    if name not in sortable(types):
        listed = ", ".join(sortable(types))
        raise ValueError(f"{text!r} cannot be sorted by; {listed} can, with '-' for descending.")
    if name in _OF_EVERY_TYPE:
        return Sort("seq" if name == "_lastUpdated" else "id", descending)
    params = [(served, served.param(name)) for served in types]
    if all(param is served.clinical_date for served, param in params):
        return Sort("low", descending)
    found = tuple(row for served, param in params if param for row in rows(served.name, param))
    return Sort("extent", descending, found)
