"""What of a type may be found: filters beside those of the request, which whoever asks cannot leave out."""

from collections.abc import Callable, Iterable

from models.search.filters import Join, Narrowing, Ways
from models.search.question import Query

EVERYTHING: Ways = ((),)
"""One way, which asks nothing."""


def narrowed(query: Query, ways: Callable[[str], Ways]) -> Query:
    """The query, each type that it searches or passes through held to its ways."""
    query = query._replace(joins=tuple(_held(join, ways(join.type)) for join in query.joins))
    found = narrowings([served.name for served in query.searched], ways)
    if len(query.searched) == len(found) == 1 and len(found[0].ways) == 1:  # as if it had been asked
        return query._replace(filters=(*query.filters, *found[0].ways[0]))
    return query._replace(narrowings=found)


def narrowings(types: Iterable[str], ways: Callable[[str], Ways]) -> tuple[Narrowing, ...]:
    """Those of the types that are not to be found whole, each with its ways."""
    return tuple(Narrowing(type, ways(type)) for type in types if ways(type) != EVERYTHING)


def _held(join: Join, ways: Ways) -> Join:
    return join if ways == EVERYTHING else join._replace(ways=ways)
