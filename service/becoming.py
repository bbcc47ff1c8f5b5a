"""What older resources come to mean when another one becomes known: a product's name, a patient's identifier."""

from collections.abc import Sequence

from models.fhir.codec import parse
from models.patient import identifier_key, patient_key
from models.stored import ALERT, Stored
from service.alerts.chart import Alert
from service.intake import Entry
from service.moves import Held, fact_of
from service.unit import Unit

FIRST = ("Patient", "Medication")
"""Types that others refer to: worked first in a transaction."""


def become(unit: Unit, entry: Entry, previous: Held | None) -> tuple[Alert, ...]:
    """Bring what refers to this entry up to date, after it was written; the alerts that this raised."""
    if entry.type == "Medication":
        return _products(unit, f"Medication/{entry.id}")
    return _identifiers(unit, entry, previous) if entry.type == "Patient" else ()


def _products(unit: Unit, reference: str) -> tuple[Alert, ...]:
    """Orders and doses that refer to a Medication mean something else once it has changed."""
    raised: tuple[Alert, ...] = ()
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
            raised += unit.amend(held, held.patient, fact)
    return raised


def _identifiers(unit: Unit, entry: Entry, previous: Held | None) -> tuple[Alert, ...]:
    """What was sent under an identifier alone belongs to the Patient who bears it, and to nobody else."""
    patient = f"Patient/{entry.id}"
    before = _names(previous.content) if previous and previous.method != "DELETE" else set()
    after = _names(entry.content)
    raised: tuple[Alert, ...] = ()
    for name in sorted(before ^ after):
        unit.rename(name)
        for under in sorted({name, patient, *unit.bearers(name)}):
            raised += _move(unit, under, name)
    return raised


def _move(unit: Unit, under: str, name: str) -> tuple[Alert, ...]:
    """Put what stands under one key and names its patient as `name` under the key that `name` has now."""
    raised: tuple[Alert, ...] = ()
    if unit.known_as(name) == under:
        return raised
    seen = [held for held in unit.state.latest.values() if held and held.patient == under]
    for held in _standing(unit, unit.turn.of(under), seen):
        if held.kind == ALERT or held.type == "Patient" or held.patient != under:
            continue
        doc = parse(held.content.encode())
        if patient_key(doc.get("subject"), unit.bases) == name:
            raised += unit.amend(held, unit.known_as(name), fact_of(held))
    return raised


def _standing(unit: Unit, stored: Sequence[Stored], seen: Sequence[Held]) -> list[Held]:
    """The newest versions among them, as this batch has left them; `seen` are those that it holds itself."""
    everything: list[Held] = [*stored, *seen]
    targets = dict.fromkeys((held.type, held.id) for held in everything)
    given = {(held.type, held.id): held for held in stored}
    found = [unit.latest(target) or given.get(target) for target in targets]
    return [held for held in found if held is not None and held.method != "DELETE"]


def _names(content: str) -> set[str]:
    """The keys that a Patient's identifiers make."""
    if not content:
        return set()
    identifiers = parse(content.encode()).get("identifier", [])
    return {
        identifier_key(item.get("system", ""), item["value"]) for item in identifiers if item.get("value")
    }
