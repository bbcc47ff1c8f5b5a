"""The search parameters that are served as SearchParameters (https://hl7.org/fhir/R4/searchparameter.html).

Each is R4's own as far as it is served here: `derivedFrom` names the definition, which has the expression.
"""

from collections.abc import Iterator
from typing import Any

from models.resource_types import COMMON, TYPES, SearchParam
from models.resource_types.definitions import definition
from models.search.filters import modifiers
from models.search.query import PREFIXES
from service.conformance.heading import heading

EVERY = "Resource"
"""The base of the parameters that every type has."""
COMPARED = ("date", "quantity")
CODES = {"of-type": "ofType"}
"""Modifiers whose code in FHIR's code system is another than the one in an address."""


def search_parameters() -> Iterator[dict[str, Any]]:
    """One SearchParameter for each parameter of each type, and those of every type once."""
    for param in COMMON:
        yield _search_parameter(EVERY, param)
    for type, served in TYPES.items():
        for param in served.params:
            yield _search_parameter(type, param)


def _search_parameter(base: str, param: SearchParam) -> dict[str, Any]:
    targets = [*param.targets] if param.fhir_type == "reference" else []
    taken = [CODES.get(name, name) for name in modifiers(param)]
    if param.fhir_type == "reference":
        taken.append("type")
    return {
        **heading("SearchParameter", f"{base}-{param.name.removeprefix('_')}", "", param.about),
        "derivedFrom": definition(base, param.name),
        "code": param.name,
        "base": [base],
        "type": param.fhir_type,
        **({"target": targets} if targets else {}),
        "multipleOr": True,
        "multipleAnd": True,
        **({"comparator": [*PREFIXES]} if param.fhir_type in COMPARED else {}),
        **({"modifier": taken} if taken else {}),
    }
