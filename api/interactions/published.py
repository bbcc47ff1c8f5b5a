"""read and search of what this service publishes about itself: profile, codes, value sets, search parameters.

https://hl7.org/fhir/R4/http.html. Made from the tables at the start, and never written by clients.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, entry, fhir
from api.operations.query import given
from api.service import base
from models.errors import NotFound
from models.fhir.codec import dump
from models.resource_types.published import PUBLISHED as TYPES
from service.conformance import PUBLISHED

ELEMENTS = {"_id": "id", "derived-from": "derivedFrom"}
"""Search parameter -> element, where they differ."""


async def read_published(request: Request) -> Response:
    """The one of this id."""
    target = request.path_params["published"], request.path_params["id"]
    if target not in PUBLISHED:
        known = ", ".join(id for type, id in PUBLISHED if type == target[0])
        raise NotFound(f"{target[0]}/{target[1][:80]} is not published here. Published are {known}.")
    return fhir(_text(target))


async def search_published(request: Request) -> Response:
    """A searchset of those that have one of the values given of every parameter."""
    type = request.path_params["published"]
    asked = given(request, f"a search of {type}", [param.name for param in TYPES[type].params])
    found = [target for target, doc in PUBLISHED.items() if target[0] == type and _answers(doc, asked)]
    address = f"{base(request)}/{type}"
    entries = (entry(base(request), "/".join(target), _text(target), "match") for target in found)
    query = f"?{urlencode(asked, safe=':/,|')}" if asked else ""
    return fhir(bundle("searchset", entries, {"self": address + query}, len(found)))


def _answers(doc: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    return all(not set(text.split(",")).isdisjoint(_values(doc, name)) for name, text in asked.items())


def _values(doc: Mapping[str, Any], name: str) -> list[str]:
    found = doc[ELEMENTS.get(name, name)]
    return found if isinstance(found, list) else [found]


@cache
def _text(target: tuple[str, str]) -> str:
    return dump(PUBLISHED[target]).decode()
