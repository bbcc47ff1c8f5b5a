"""Orders, doses and other medicines out of MedicationRequest and MedicationAdministration."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from models.problem import Problem
from service.record import dosage, moments, timing
from service.record.codes import codes
from service.record.drugs import Recognised, made_of
from service.record.facts import ENDED, Dose, Medicine, Order
from service.record.medicines import Classified, classify

CATEGORY = "http://terminology.hl7.org/CodeSystem/medicationrequest-category"
SETTINGS = {"inpatient": False, "outpatient": True, "community": True, "discharge": True}
Medication = Callable[[str], dict[str, Any] | None]
_NO_ORDER = frozenset({"entered-in-error", "draft"})
_ORDERING = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})
_GIVEN = frozenset({"completed", "in-progress", "stopped"})
_ADMINISTERED = _GIVEN | {"not-done", "on-hold", "unknown"}


class Read(NamedTuple):
    """A fact, and what its sender should know about how it was read."""

    fact: Order | Medicine | Dose | None
    warnings: tuple[Problem, ...] = ()


def order(resource: dict[str, Any], source: str, recorded: datetime, medication: Medication) -> Read:
    """The order of a watched drug, or another medicine of a known kind; no fact for a draft or a proposal."""
    if resource.get("status") in _NO_ORDER or not _orders(resource):
        return Read(None)
    named, label = _medication(resource, medication)
    found = made_of(named, label)
    if found:
        return _order(resource, source, recorded, found)
    other = _classified(named, label)
    return _medicine(resource, source, recorded, other) if other else Read(None)


def _orders(resource: dict[str, Any]) -> bool:
    return resource.get("intent") in _ORDERING and resource.get("doNotPerform") is not True


def _order(resource: dict[str, Any], source: str, recorded: datetime, found: Recognised) -> Read:
    instructions = _entries(resource, "dosageInstruction")
    authored = moments.instant(resource.get("authoredOn"))
    steps = dosage.steps(instructions, authored or recorded, found.product)
    unsure = tuple(_unsure(instructions, authored or recorded, found))
    fact = Order(
        source=source,
        at=min(step.start for step in steps),
        recorded=recorded,
        drug=found.product.drug,
        status=str(resource.get("status")),
        steps=steps,
        authored=authored,
        ended=recorded if resource.get("status") in ENDED else None,
        prior=_reference(resource.get("priorPrescription")),
        outpatient=_outpatient(resource),
        unsure=tuple(problem.rule for problem in unsure),
    )
    told = () if fact.status in ENDED else unsure
    return Read(fact, (*_by_text(found, "MedicationRequest"), *told))


def _unsure(instructions: list[dict[str, Any]], start: datetime, found: Recognised) -> Iterator[Problem]:
    """What of the regimen cannot be told: it counts in no total, has no slots, or has steps that all go on."""
    at = "MedicationRequest.dosageInstruction"
    for number, one in enumerate(instructions):
        if dosage.amount(dosage.dose_quantities(one), found.product).mg is None:
            yield _unread(f"{at}[{number}]")
        if not timing.scheduled(one) and not found.product.patch:
            yield _unscheduled(f"{at}[{number}].timing")
    if timing.at_once(instructions, start):
        yield _UNPLACED
    if not instructions:
        yield from (_unread(at), _unscheduled(at))


def _outpatient(resource: dict[str, Any]) -> bool | None:
    """Whether the patient is not in the house, where the category says so (decision 18); if in doubt, inside."""
    told = [code for one in _entries(resource, "category") for code in codes(one, CATEGORY)]
    known = [SETTINGS[code] for code in told if code in SETTINGS]
    return all(known) if known else None


def _classified(medication: dict[str, Any], label: Any) -> Classified | None:
    """The kinds of a medicine, by its code, else by the first of its ingredients that is of any."""
    ingredients = (one.get("itemCodeableConcept") for one in _entries(medication, "ingredient"))
    found = classify(medication.get("code"), label)
    return found or next((kinds for one in ingredients if (kinds := classify(one))), None)


def _medicine(resource: dict[str, Any], source: str, recorded: datetime, found: Classified) -> Read:
    authored = moments.instant(resource.get("authoredOn"))
    begins, planned = timing.span(_entries(resource, "dosageInstruction"), authored or recorded)
    fact = Medicine(
        source=source,
        at=begins,
        recorded=recorded,
        kinds=found.kinds,
        name=found.name,
        status=str(resource.get("status")),
        planned=planned,
        authored=authored,
        ended=recorded if resource.get("status") in ENDED else None,
        prior=_reference(resource.get("priorPrescription")),
    )
    said = found.name if found.by_text else None
    return Read(fact, by_text(said, " and ".join(found.kinds), "MedicationRequest.medication"))


def dose(resource: dict[str, Any], source: str, recorded: datetime, medication: Medication) -> Read:
    """A dose given, held or not done; a patch counts by the day."""
    given = resource.get("status") in _ADMINISTERED
    found = made_of(*_medication(resource, medication)) if given else None
    if found is None:
        return Read(None)
    period = resource.get("effectivePeriod")
    start = period.get("start") if isinstance(period, dict) else resource.get("effectiveDateTime")
    moment = moments.parse(start) or moments.Moment(recorded)
    sent = resource.get("dosage") if isinstance(resource.get("dosage"), dict) else {}
    single = dosage.amount([sent["dose"]] if sent and "dose" in sent else [], found.product)
    fact = Dose(
        source=source,
        at=moment.at,
        until=moment.until,
        recorded=recorded,
        drug=found.product.drug,
        given=resource.get("status") in _GIVEN,
        mg=None if single.patch else single.mg,
        mg_per_day=single.mg if single.patch else None,
        oral=dosage.is_oral(sent.get("route") if sent else None, found.product),
        order=_reference(resource.get("request")),
    )
    unread = ("MedicationAdministration.dosage.dose",) if single.sent and single.mg is None else ()
    return Read(fact, (*_by_text(found, "MedicationAdministration"), *map(_unread, unread)))


def _medication(resource: dict[str, Any], stored: Medication) -> tuple[dict[str, Any], Any]:
    """The Medication, if only by its code, and the words of the reference to it."""
    reference = resource.get("medicationReference")
    if not isinstance(reference, dict):
        return {"code": resource.get("medicationCodeableConcept")}, None
    target, label = reference.get("reference"), reference.get("display")
    held: dict[str, Any] | None = None
    if isinstance(target, str) and target.startswith("#"):
        held = next((one for one in _entries(resource, "contained") if one.get("id") == target[1:]), None)
    elif isinstance(target, str):
        held = stored(target)
    return held or {}, label


def _by_text(found: Recognised, kind: str) -> tuple[Problem, ...]:
    return by_text(found.by_text, found.product.drug, f"{kind}.medication")


def by_text(said: str | None, taken_as: str, expression: str) -> tuple[Problem, ...]:
    """The warning that nothing but the text `said` names a medicine; none where a code does."""
    if said is None:
        return ()
    text = (
        f"The text '{said}' is taken as {taken_as}; no RxNorm or ATC code that is known here "
        "says so. Send the code, so that product and strength are sure."
    )
    return (Problem("business-rule", text, expression, "medication-by-text", "warning"),)


def _unread(expression: str) -> Problem:
    text = (
        "The dose cannot be read as mg and counts in no total: send mg, mcg or ug, or tablets or mL of a product "
        "whose code or ingredients tell the strength."
    )
    return Problem("business-rule", text, expression, "dose-unit", "warning")


def _unscheduled(expression: str) -> Problem:
    text = (
        "How often a dose is due cannot be read, so no dose is told to be missed or to be held: send timing.repeat "
        "with frequency and period or timeOfDay, a coded timing such as QID, or asNeeded, without days of the week."
    )
    return Problem("business-rule", text, expression, "dose-timing", "warning")


_UNPLACED = Problem(
    "business-rule",
    "Nothing says when one step ends and the next begins: all of them are read as in force together, and their doses "
    "are added up. Send timing.repeat.boundsPeriod or boundsDuration with each step.",
    "MedicationRequest.dosageInstruction",
    "dose-sequence",
    "warning",
)


def _reference(element: Any) -> str | None:
    """`Type/id` of the reference to an order, without base and version."""
    target = element.get("reference") if isinstance(element, dict) else None
    if not isinstance(target, str):
        return None
    if target.startswith("urn:uuid:"):
        return f"MedicationRequest/{target.removeprefix('urn:uuid:')}"
    parts = target.split("/_history/")[0].split("/")
    return "/".join(parts[-2:])


def _entries(resource: dict[str, Any], name: str) -> list[dict[str, Any]]:
    entries = resource.get(name)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
