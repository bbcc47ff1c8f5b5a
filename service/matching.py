"""What answers the criteria of a conditional request: what is kept, as the batch at work has left it."""

from collections.abc import Iterator

from models.fhir.codec import parse
from models.resource_types import TYPES
from models.search.index import Indexed, index
from models.search.matching import matches
from models.search.query import Query, TokenValue
from models.stored import Stored
from models.times import micros
from service.moves import Held
from service.pending import Pending
from service.unit import Unit

MOST = 100
"""Matches that are counted; more are told as so many or more."""


def matching(unit: Unit, query: Query) -> list[Stored]:
    """The resources that answer, up to MOST: those that the batch leaves alone, then those that it writes."""
    state = unit.state
    rows = unit.turn.search(query, MOST + len(state.rows) + len(state.amended))
    found = [row for row in rows if not unit.touched((row.type, row.id))]
    for id in _candidates(unit, query):
        one = state.latest.get((query.served.name, id))
        if one and one.method != "DELETE" and unit.touched((one.type, id)) and _answers(unit, query, one):
            found.append(one.stored() if isinstance(one, Pending) else one)
    return found[:MOST]


def _answers(unit: Unit, query: Query, one: Held) -> bool:
    return matches(query, one.id, one.seq or micros(unit.now), indexed(unit, one))


def indexed(unit: Unit, one: Held) -> Indexed:
    """What a version, which is no deletion, is found by."""
    known = one.indexed if isinstance(one, Pending) else None
    found = known or index(TYPES[one.type], parse(one.content.encode()), unit.bases)
    return found._replace(patient=one.patient)


def held(unit: Unit, query: Query) -> list[Stored]:
    """The same, each locked so that nobody else writes it before this batch has ended."""
    while True:
        found = matching(unit, query)
        new = {(row.type, row.id) for row in found if (row.type, row.id) not in unit.state.latest}
        if not new or len(found) > 1:
            return found
        unit.hold(new)  # who waited for it may find it changed, so look again


def told(number: int) -> str:
    """A number of matches as a refusal tells it."""
    return f"{number} or more" if number >= MOST else str(number)


def _candidates(unit: Unit, query: Query) -> Iterator[str]:
    """The ids among those touched by this batch that can answer; by identifier they are found at once."""
    type, given = query.served.name, {name for name, _ in query.pairs}
    for filter in query.filters:
        codes = [value.code for value in filter.values if isinstance(value, TokenValue)]
        plain = filter.param.name == "identifier" and not filter.modifier and "identifier" in given
        if plain and codes and all(codes):
            yield from dict.fromkeys(id for code in codes for id in unit.identified.ids(type, code or ""))
            yield from (row.id for _, row in unit.state.amended.values() if row.type == type)
            return
    yield from (id for of, id in unit.state.latest if of == type)
