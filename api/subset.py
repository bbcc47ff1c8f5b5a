"""Parts of a resource: _summary and _elements (https://hl7.org/fhir/R4/search.html#summary), every digit kept."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from starlette.requests import Request

from api.query import PARTS, given
from models.errors import BadRequest
from models.fhir.codec import dump, parse
from models.fhir.library import choices, required_elements, summary_elements
from models.search.results import SUMMARIES, elements

ALWAYS = ("resourceType", "id", "meta", "implicitRules", "modifierExtension")
WHOLE = "false"
OF_ONE = tuple(name for name in SUMMARIES if name != "count")
"""Summaries of one resource; to count is for searches."""
SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "Resource encoded in summary mode",
}


class Subset(NamedTuple):
    """What of each resource is asked for."""

    summary: str = WHOLE
    elements: Sequence[str] = ()

    def shown(self, text: str) -> str:
        """The text of a resource with the elements that are asked for, marked as incomplete."""
        if self == Subset():
            return text
        doc = parse(text.encode())
        kept = {key: value for key, value in doc.items() if _is_kept(key, doc["resourceType"], self)}
        if len(kept) == len(doc) and self.summary == "data":
            return text
        meta = kept.get("meta", {})
        kept["meta"] = {**meta, "tag": [*meta.get("tag", ()), SUBSETTED]}
        return dump(kept).decode()


def asked(request: Request) -> Subset:
    """What a request for one resource asks for. Raises BadRequest."""
    found = given(request.query_params.multi_items(), PARTS.names) if request.scope["query_string"] else {}
    summary = found.get("_summary", WHOLE)
    if summary not in OF_ONE:
        raise BadRequest(f"Parameter '_summary': {summary[:40]!r} is none of {', '.join(OF_ONE)}.")
    try:
        return Subset(summary, elements(found["_elements"]) if "_elements" in found else ())
    except ValueError as error:
        raise BadRequest(f"Parameter '_elements': {error}") from error


def _is_kept(key: str, type: str, subset: Subset) -> bool:
    name = key.removeprefix("_")
    if name in ALWAYS:
        return True
    if subset.summary == "data":
        return name != "text" and (not subset.elements or _asked(name, type, subset.elements))
    if subset.elements:
        return _asked(name, type, subset.elements)
    if subset.summary == "text":
        return name == "text" or name in required_elements(type)
    return name in summary_elements(type)


def _asked(name: str, type: str, elements: Collection[str]) -> bool:
    """An element by its name; `value` stands for valueQuantity and its like."""
    return name in elements or choices(type).get(name) in elements or name in required_elements(type)
