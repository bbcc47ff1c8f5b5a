"""read and search of what this service publishes about itself: profile, codes, value sets.

https://hl7.org/fhir/R4/http.html. Made from the tables at the start, and never written by clients.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, entry, fhir
from api.query import Taken, check, given
from api.service import base
from api.subset import asked
from models.errors import NotFound
from models.fhir.codec import dump
from models.resource_types.published import PUBLISHED as TYPES
from service.conformance import PUBLISHED

ELEMENTS = {"_id": "id"}
"""Search parameter -> element, where they differ."""


async def read_published(request: Request) -> Response:
    """The one of this id."""
    target = request.path_params["published"], request.path_params["id"]
    if target not in PUBLISHED:
        known = ", ".join(id for type, id in PUBLISHED if type == target[0])
        raise NotFound(f"{target[0]}/{target[1][:80]} is not published here. Published are {known}.")
    return fhir(asked(request).shown(_text(target)))


async def search_published(request: Request) -> Response:
    """A searchset of those that have one of the values given of every parameter."""
    type = request.path_params["published"]
    taken = Taken(tuple(param.name for param in TYPES[type].params))
    check(request, taken)
    wanted = given(request, taken.names)
    found = [target for target, doc in PUBLISHED.items() if target[0] == type and _answers(doc, wanted)]
    address = f"{base(request)}/{type}"
    entries = (entry(base(request), "/".join(target), _text(target), "match") for target in found)
    query = f"?{urlencode(wanted, safe=':/,|')}" if wanted else ""
    return fhir(bundle("searchset", entries, {"self": address + query}, len(found)))


def _answers(doc: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    return all(doc[ELEMENTS.get(name, name)] in text.split(",") for name, text in wanted.items())


@cache
def _text(target: tuple[str, str]) -> str:
    return dump(PUBLISHED[target]).decode()
