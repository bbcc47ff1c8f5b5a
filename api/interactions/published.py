"""read and search of what this service publishes about itself: profile, codes, value sets, rules, search parameters.

https://hl7.org/fhir/R4/http.html. Made from the tables at the start, and never written by clients.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, entry, fhir
from api.query import Taken, check, given
from api.service import base, service
from api.subset import asked
from models.errors import NotFound
from models.fhir.codec import dump
from models.resource_types.published import PUBLISHED as TYPES
from models.search.numbers import folded

ELEMENTS = {"_id": "id", "derived-from": "derivedFrom"}
"""Search parameter -> element, where they differ."""


async def read_published(request: Request) -> Response:
    """The one of this id."""
    target = request.path_params["published"], request.path_params["id"]
    published = service(request).published
    if target not in published:
        known = ", ".join(id for type, id in published if type == target[0])
        raise NotFound(f"{target[0]}/{target[1][:80]} is not published here. Published are {known}.")
    return fhir(asked(request).shown(dump(published[target]).decode()))


async def search_published(request: Request) -> Response:
    """A searchset of those that have one of the values given of every parameter."""
    type = request.path_params["published"]
    taken, pairs = (
        Taken(tuple(param.name for param in TYPES[type].params)),
        request.query_params.multi_items(),
    )
    check(request, pairs, taken)
    wanted = given(pairs, taken.names)
    of_type = [doc for (name, _), doc in service(request).published.items() if name == type]
    found = [doc for doc in of_type if _answers(doc, wanted)]
    address = f"{base(request)}/{type}"
    entries = (entry(base(request), f"{type}/{doc['id']}", dump(doc).decode(), "match") for doc in found)
    query = f"?{urlencode(wanted, safe=':/,|')}" if wanted else ""
    return fhir(bundle("searchset", entries, {"self": address + query}, len(found)))


def _answers(doc: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    return all(_has(_values(doc, name), name, text.split(",")) for name, text in wanted.items())


def _values(doc: Mapping[str, Any], name: str) -> list[str]:
    found = doc[ELEMENTS.get(name, name)]
    return found if isinstance(found, list) else [found]


def _has(values: Sequence[str], name: str, wanted: Sequence[str]) -> bool:
    """Whether one of the values is wanted; a name is found by its beginning."""
    if name == "name":
        return any(text and folded(values[0]).startswith(text) for text in map(folded, wanted))
    return not set(values).isdisjoint(wanted)
