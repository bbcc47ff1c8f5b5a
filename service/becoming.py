"""What older resources come to mean when another one becomes known: a product's name, a patient's identifier."""

from collections.abc import Collection, Sequence

from models.fhir.codec import parse
from models.patient import identifier_keys, patient_key
from models.resource_types import TYPES
from models.stored import Stored
from service.intake import Entry
from service.moves import Held, Move, fact_of
from service.unit import Unit

FIRST = ("Patient", "Medication")
"""Types that others refer to: worked first in a transaction."""


def become(unit: Unit, entry: Entry, previous: Held | None) -> tuple[Move, ...]:
    """Bring what refers to this entry up to date, after it was written; what moves by it in the records."""
    if entry.type == "Medication":
        return _products(unit, f"Medication/{entry.id}")
    return _identifiers(unit, entry, previous) if entry.type == "Patient" else ()


def _products(unit: Unit, reference: str) -> tuple[Move, ...]:
    """Orders and doses that refer to a Medication mean something else once it has changed."""
    moved: tuple[Move, ...] = ()
    stored = unit.turn.referring(reference)
    pending = [
        row
        for row in unit.state.rows
        if row.indexed
        and any(t.code == reference and t.param.endswith(".medicationReference") for t in row.indexed.tokens)
    ]
    for held in _standing(unit, stored, pending):
        fact = unit.lift(parse(held.content.encode()), held).fact
        if fact != fact_of(held) and held.patient:
            moved += unit.amend(held, held.patient, fact)
    return moved


def _identifiers(unit: Unit, entry: Entry, previous: Held | None) -> tuple[Move, ...]:
    """What was sent under an identifier alone belongs to the Patient who bears it, and to nobody else."""
    patient = f"Patient/{entry.id}"
    before = _names(previous.content) if previous and previous.method != "DELETE" else set()
    after = _names(entry.content)
    if before == after:
        return ()
    bearers = unit.rename(before ^ after)
    keys = {(name, key) for name, of in bearers.items() for key in (name, patient, *of)}
    return _moved(unit, {key for name, key in keys if unit.known_as(name) != key}, bearers)


def _moved(unit: Unit, keys: Collection[str], names: Collection[str]) -> tuple[Move, ...]:
    """Put what stands under one of the keys and gives its patient one of the names under the key that this has now."""
    moved: list[Move] = []
    seen = [held for held in unit.state.latest.values() if held and held.patient in keys]
    for held in _standing(unit, unit.turn.of(keys), seen):
        if held.is_alert or held.is_asked or held.type == "Patient":
            continue
        name = patient_key(parse(held.content.encode()).get(TYPES[held.type].subject), unit.bases)
        if name in names and unit.known_as(name) != held.patient:
            moved += unit.amend(held, unit.known_as(name), fact_of(held))
    return tuple(moved)


def _standing(unit: Unit, stored: Sequence[Stored], seen: Sequence[Held]) -> list[Held]:
    """The newest versions among them, as this batch has left them; `seen` are those that it holds itself."""
    everything: list[Held] = [*stored, *seen]
    targets = dict.fromkeys((held.type, held.id) for held in everything)
    given = {(held.type, held.id): held for held in stored}
    found = [unit.latest(target) or given.get(target) for target in targets]
    return [held for held in found if held is not None and held.method != "DELETE"]


def _names(content: str) -> set[str]:
    return identifier_keys(parse(content.encode())) if content else set()
