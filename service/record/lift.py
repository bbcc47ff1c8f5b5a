"""From a FHIR document to the fact that the rules judge."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, get_args

import msgspec

from models.problem import Problem
from service.record import diagnoses, goals, moments, orders, units, vitals
from service.record.codes import (
    ALERT_CATEGORY,
    CONSCIOUSNESS,
    COUNTED_STATUS,
    COWS,
    COWS_ITEMS,
    COWS_TOTAL,
    GRADES,
    LEVELS,
    LOINC,
    SNOMED,
    SYMPTOMS,
    WITHDRAWAL_SCALE,
    Level,
    codes,
    codings,
)
from service.record.facts import Allergy, Condition, Fact, Goal, Medicine, Order, Score, Symptom

_NOBODY = Problem(
    "required",
    "A blood pressure or heart rate without a subject cannot be watched: name the patient by reference or identifier.",
    "Observation.subject",
    "watchable-subject",
)

_UNSCORED = Problem(
    "business-rule",
    "The COWS total cannot be read and is not judged: send it as valueInteger, or as valueQuantity in {score}.",
    "Observation.value",
    "cows-total",
    "warning",
)

_ENDING = (Order, Medicine, Condition, Allergy, Goal)
"""Facts that a status can end."""
_LETTERS: Mapping[Any, Level] = {letter: letter for letter in get_args(Level)}
_AWAKE: Mapping[Level, str] = {"A": "absent", "C": "moderate"}


class Lifted(NamedTuple):
    """The fact of a resource, if the rules judge it; what to tell the sender; why to refuse it."""

    fact: Fact | None
    warnings: tuple[Problem, ...] = ()
    refusals: tuple[Problem, ...] = ()


def lift(
    resource: dict[str, Any],
    recorded: datetime,
    medication: Callable[[str], dict[str, Any] | None],
    ended: datetime | None = None,
) -> Lifted:
    """Lift one valid document, recorded first at `recorded`.

    `medication("Medication/m1")` gives the stored Medication or None. `ended` is when an ending status was first
    recorded, where that is later than the first version (`ending` finds it).
    """
    source = f"{resource.get('resourceType')}/{resource.get('id')}"
    match resource.get("resourceType"):
        case "Observation":
            return _observation(resource, source, recorded)
        case "MedicationRequest":
            order = orders.order(resource, source, recorded, medication)
            return Lifted(_ended(order.fact, ended), order.warnings)
        case "MedicationAdministration":
            return Lifted(*orders.dose(resource, source, recorded, medication))
        case "Condition":
            return Lifted(_ended(diagnoses.condition(resource, source, recorded), ended))
        case "AllergyIntolerance":
            allergy, warnings = diagnoses.allergy(resource, source, recorded)
            return Lifted(_ended(allergy, ended), warnings)
        case "Goal":
            goal, warnings, refusals = goals.goal(resource, source, recorded)
            return Lifted(_ended(goal, ended), warnings, refusals)
        case "Patient":
            return Lifted(diagnoses.person(resource, source, recorded))
    return Lifted(None)


def ending(previous: Fact | None, at: datetime) -> datetime:
    """When an ending status was first recorded, for a version written at `at` after the version `previous`."""
    return previous.ended if isinstance(previous, _ENDING) and previous.ended else at


def _ended(fact: Fact | None, ended: datetime | None) -> Fact | None:
    """The fact with the instant at which its ending was first recorded, if that is what ended it."""
    if ended and isinstance(fact, _ENDING) and fact.ended:
        return msgspec.structs.replace(fact, ended=ended)
    return fact


def _observation(resource: dict[str, Any], source: str, recorded: datetime) -> Lifted:
    code = resource.get("code")
    loinc = codes(code, LOINC)
    vital = vitals.is_vital(loinc)
    circulates = vital and vitals.circulates(loinc)
    told = None if vital else _symptom(code, loinc, resource)
    if not vital and told is None and not _is_score(code):
        return Lifted(None)
    if any((ALERT_CATEGORY, "alert") in codings(category) for category in resource.get("category") or ()):
        return Lifted(None)
    if circulates and not _names_somebody(resource.get("subject")):
        return Lifted(None, refusals=(_NOBODY,))
    if resource.get("status") not in COUNTED_STATUS:
        return Lifted(None)
    moment = _effective(resource, recorded)
    if vital:
        reading = vitals.reading(resource, source, moment, recorded)
        return Lifted(reading if circulates or reading.says_something else None)
    if "dataAbsentReason" in resource:  # not looked for: neither present nor absent
        return Lifted(None)
    dated: dict[str, Any] = {"source": source, "at": moment.at, "until": moment.until, "recorded": recorded}
    return Lifted(Symptom(**dated, **told)) if told else _score(resource, dated)


def _score(resource: dict[str, Any], dated: dict[str, Any]) -> Lifted:
    """A COWS total; a warning to the sender of one that cannot be read."""
    total = _points(resource)
    if total is None:
        return Lifted(None, (_UNSCORED,))
    return Lifted(Score(**dated, total=total, items=tuple(_items(resource))))


def _is_score(code: Any) -> bool:
    """Whether it is the code of a COWS total."""
    return COWS in codes(code, SNOMED) or COWS_TOTAL in codes(code, WITHDRAWAL_SCALE)


def _items(resource: dict[str, Any]) -> Iterator[tuple[str, Decimal]]:
    """The points of each item of COWS that is a component and has any."""
    for component in resource.get("component") or ():
        points = _points(component)
        for code in codes(component.get("code"), WITHDRAWAL_SCALE):
            if code in COWS_ITEMS and points is not None:
                yield code, points


def _points(element: dict[str, Any]) -> Decimal | None:
    """A whole number, or a Quantity in points."""
    whole = units.number(element.get("valueInteger"))
    return units.convert(element.get("valueQuantity"), units.SCORE) if whole is None else whole


def _symptom(code: Any, loinc: list[str], resource: dict[str, Any]) -> dict[str, Any] | None:
    """What makes the resource a symptom, or a level of consciousness that can be read: the fields of the fact."""
    for snomed in codes(code, SNOMED):
        if snomed in SYMPTOMS:
            grade, graded = _grade(resource)
            return {"kind": SYMPTOMS[snomed], "grade": grade, "graded": graded}
    level = _level(resource) if CONSCIOUSNESS in loinc else None
    return {"kind": "consciousness", "grade": _AWAKE.get(level, "severe"), "level": level} if level else None


def _level(resource: dict[str, Any]) -> Level | None:
    """The level of consciousness: by its SNOMED CT code, else by its letter as code or text."""
    concept, text = resource.get("valueCodeableConcept"), resource.get("valueString")
    coded = [LEVELS[snomed] for snomed in codes(concept, SNOMED) if snomed in LEVELS]
    written = [text, (concept or {}).get("text"), *(code for _, code in codings(concept))]
    return next((level for level in (*coded, *map(_LETTERS.get, written)) if level), None)


def _grade(resource: dict[str, Any]) -> tuple[Any, bool]:
    """Grade, and whether it was sent: a symptom said to be present counts as moderate."""
    if resource.get("valueBoolean") is False:
        return "absent", True
    for code in codes(resource.get("valueCodeableConcept"), SNOMED):
        if code in GRADES and GRADES[code] != "present":
            return GRADES[code], True
    return "moderate", False


def _effective(resource: dict[str, Any], recorded: datetime) -> moments.Moment:
    """effectiveDateTime, Period.start, instant or earliest event; else when it was issued, else recorded."""
    moment = moments.parse(resource.get("effectiveDateTime"))
    if moment:
        return moment
    period, timing = resource.get("effectivePeriod"), resource.get("effectiveTiming")
    events = timing.get("event") if isinstance(timing, dict) else None
    start = period.get("start") if isinstance(period, dict) else None
    told = [moment for event in events or () if (moment := moments.parse(event))]
    if told:
        return min(told, key=lambda one: one.at)
    others = (resource.get("effectiveInstant"), start, resource.get("issued"))
    found = (moments.parse(other) for other in others)
    return next((moment for moment in found if moment), moments.Moment(recorded))


def _names_somebody(subject: Any) -> bool:
    if not isinstance(subject, dict):
        return False
    identifier = subject.get("identifier")
    return bool(subject.get("reference") or (isinstance(identifier, dict) and identifier.get("value")))
