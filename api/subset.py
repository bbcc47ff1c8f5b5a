"""Parts of a resource: _summary and _elements (https://hl7.org/fhir/R4/search.html#summary), every digit kept."""

from collections.abc import Collection

from models.fhir.codec import dump, parse
from models.fhir.library import choices, required_elements, summary_elements
from models.search.query import Query
from models.stored import Stored

ALWAYS = ("resourceType", "id", "meta", "implicitRules", "modifierExtension")
SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "Resource encoded in summary mode",
}


def shown(stored: Stored, query: Query) -> str:
    """The text of a resource with the elements that are asked for, marked as incomplete."""
    doc = parse(stored.text().encode())
    kept = {key: value for key, value in doc.items() if _is_kept(key, stored.type, query)}
    if len(kept) == len(doc) and query.summary == "data":
        return stored.text()
    meta = kept["meta"]
    kept["meta"] = {**meta, "tag": [*meta.get("tag", ()), SUBSETTED]}
    return dump(kept).decode()


def _is_kept(key: str, type: str, query: Query) -> bool:
    name = key.removeprefix("_")
    if name in ALWAYS:
        return True
    if query.summary == "data":
        return name != "text" and (not query.elements or _asked(name, type, query.elements))
    if query.elements:
        return _asked(name, type, query.elements)
    if query.summary == "text":
        return name == "text" or name in required_elements(type)
    return name in summary_elements(type)


def _asked(name: str, type: str, elements: Collection[str]) -> bool:
    """An element by its name; `value` stands for valueQuantity and its like."""
    return name in elements or choices(type).get(name) in elements or name in required_elements(type)
