"""What the sender of a request may do: noted once, asked by whatever reads or writes for it."""

from collections.abc import Mapping

from starlette.requests import Request

from api.service import bases
from models.access.permissions import Permissions, refusal
from models.resource_types import ResourceType
from models.search.filters import Narrowing
from models.search.query import Query
from models.stored import Stored

PLACE = "clonidine_watch.permissions"
"""Where the scope of a request tells; a request that nobody has looked at has none, and fails."""


def permissions(request: Request) -> Permissions | None:
    """Those of the sender; None where everybody may do everything."""
    found: Permissions | None = request.scope[PLACE]
    return found


def narrowed(request: Request, query: Query) -> Query:
    """The query over what the sender may search. Raises Forbidden."""
    held = permissions(request)
    return query if held is None else held.narrowed(query)


def narrowings(request: Request, letter: str) -> tuple[Narrowing, ...]:
    """What a letter leaves of each type that it does not reach whole."""
    held = permissions(request)
    return () if held is None else held.narrowings(letter)


def offered(request: Request, types: Mapping[str, ResourceType]) -> Mapping[str, ResourceType]:
    """Those of the types that the sender may search, in part at least. Raises Forbidden where there are none."""
    held = permissions(request)
    if held is None:
        return types
    found = {name: served for name, served in types.items() if held.of(name, "s")}
    if not found:
        raise refusal("s", "[type]", "any of these types")
    return found


def sees(request: Request, letter: str, stored: Stored) -> bool:
    """Whether a letter reaches a version that is kept and no deletion."""
    held = permissions(request)
    return held is None or held.see(letter, stored, bases(request))
