"""A transaction's order, and its references settled before it is worked: https://hl7.org/fhir/R4/http.html#trules."""

from collections.abc import Sequence

from models.errors import Invalid, PreconditionFailed, Refused
from models.problem import Problem
from models.search.matching import matches
from models.search.query import Query
from models.times import micros
from service.becoming import FIRST
from service.bundles import inside
from service.conditions import MOST_REFERENCES, criteria
from service.intake import Entry, Write, referring
from service.matching import matching, told
from service.unit import Unit

ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2}


def in_turn(entries: Sequence[Entry]) -> list[int]:
    """The places of the entries in the order in which they are worked: deletions first, then what others refer to."""
    return sorted(range(len(entries)), key=lambda at: _turn_of(entries[at]))


def _turn_of(entry: Entry) -> tuple[bool, bool, int]:
    return entry.method != "DELETE", entry.type not in FIRST, ORDER[entry.method]


def settled(unit: Unit, write: Write) -> Sequence[Entry]:
    """The entries with references to what is there already in the place of those to its copy, and with conditional
    references in the form of plain ones. Raises Refused, naming the entry."""
    names = _known(unit, write.entries)
    if len({text for entry in write.entries for text, _ in entry.references}) > MOST_REFERENCES:
        raise Invalid(
            [Problem("too-costly", f"At most {MOST_REFERENCES} conditional references.", "Bundle.entry")]
        )
    for entry in write.entries:
        for text, query in entry.references:
            try:
                names[text] = names.get(text) or _target(unit, write.entries, text, query, names)
            except Refused as error:
                raise inside(error, entry.place) from error
    return [referring(entry, names, write.bases) for entry in write.entries] if names else write.entries


def _known(unit: Unit, entries: Sequence[Entry]) -> dict[str, str]:
    """References to entries that turn out to be about something else: what their criteria find."""
    names: dict[str, str] = {}
    asked: dict[str, str] = {}
    searched = any(entry.references for entry in entries)
    for entry in entries:
        query = entry.if_none_exist or (entry.where if entry.method == "PUT" else None)
        if query is None or not (entry.named or searched):
            continue
        text, reference = criteria(query), f"{entry.type}/{entry.id}"
        matched = [] if text in asked else matching(unit, query)
        asked.setdefault(text, matched[0].reference if len(matched) == 1 else reference)
        if asked[text] != reference:
            names[reference] = asked[text]
    return names


def _target(unit: Unit, entries: Sequence[Entry], text: str, query: Query, names: dict[str, str]) -> str:
    """The one resource that a conditional reference leads to once the transaction is done."""
    written = {f"{one.type}/{one.id}" for one in entries if one.method in ("PUT", "DELETE") and not one.where}
    found = {row.reference for row in matching(unit, query)} - written
    for entry in entries:
        reference = f"{entry.type}/{entry.id}"
        copy = entry.if_none_exist and reference in names
        if entry.type != query.served.name or entry.indexed is None or copy:
            continue
        if matches(query, entry.id, micros(unit.now), entry.indexed):
            found.add(names.get(reference, reference))
    if len(found) != 1:
        raise PreconditionFailed(
            f"The conditional reference {text[:500]!r} leads to {told(len(found))} resources; it has to lead to one."
        )
    return found.pop()
