"""Following references from a page of answers (https://hl7.org/fhir/R4/search.html#include), within limits."""

from collections.abc import Iterable, Iterator, Sequence

from starlette.requests import Request

from api.permitted import narrowings, permissions
from api.service import bases, service
from models.errors import BadRequest
from models.fhir.codec import parse
from models.problem import Problem
from models.resource_types import TYPES
from models.search.includes import Include
from models.search.index import index
from models.search.query import Query
from models.store import following
from models.store.statement import Statement
from models.stored import Stored

MOST_INCLUDED = 1_000
MOST_ROUNDS = 5
"""How often `:iterate` goes on from what it has brought."""


def check_includes(request: Request, query: Query) -> None:
    """Raises Forbidden for an include that can bring nothing the sender may search; `*` brings what there is."""
    held = permissions(request)
    if held is None or any(text.endswith("*") for name, text in query.pairs if "include" in name):
        return
    for include in query.includes:
        led = [name for name in TYPES if include.target in ("", name) and include.param.refers_to(name)]
        types = [include.type] if include.reverse else led
        if types and not any(held.of(type, "s") for type in types):
            held.check(types[0], "s")


async def included(request: Request, query: Query, page: Sequence[Stored]) -> list[Stored]:
    """What the includes of the query bring beside a page, each resource once. Raises BadRequest for too many."""
    seen = {stored.reference: stored for stored in page}
    fresh: Sequence[Stored] = page
    for round in range(MOST_ROUNDS):
        wanted = [include for include in query.includes if include.iterate or round == 0]
        found = [row for include in wanted for row in await _follow(request, include, fresh)]
        fresh = list({row.reference: row for row in found if row.reference not in seen}.values())
        seen |= {row.reference: row for row in fresh}
        if len(seen) - len(page) > MOST_INCLUDED:
            raise BadRequest([Problem("too-costly", _TOO_MANY)])
        if not fresh:
            break
    return list(seen.values())[len(page) :]


_TOO_MANY = (
    f"More than {MOST_INCLUDED} resources would be included in one page; ask for smaller pages with _count, or "
    "search for what refers to them by itself."
)


async def _follow(request: Request, include: Include, of: Sequence[Stored]) -> list[Stored]:
    found: list[Stored] = []
    for statement in _statements(request, include, of):
        rows = await service(request).reader.rows(*statement)
        found += [Stored(*row) for row in rows]
    return found


def _statements(request: Request, include: Include, of: Sequence[Stored]) -> Iterator[Statement]:
    if include.reverse:
        targets = [row.reference for row in of if include.target in ("", row.type)]
        return following.referring(include, targets, narrowings(request, "s"), MOST_INCLUDED + 1)
    named = [name for row in of if row.type == include.type for name in _names(row, include, bases(request))]
    return following.named(list(dict.fromkeys(named)), narrowings(request, "s"), MOST_INCLUDED + 1)


def _names(stored: Stored, include: Include, bases: Sequence[str]) -> Iterable[str]:
    """The relative references of a resource to types that are served."""
    if include.param.kind == "patient":
        names = [stored.patient]
    else:
        found = index(TYPES[stored.type], parse(stored.content.encode()), bases)
        names = [token.code for token in found.tokens if token.param in include.rows]
    split = [(name, *name.split("/")) for name in names if name.count("/") == 1]
    return [name for name, type, _ in split if type in TYPES and include.target in ("", type)]
