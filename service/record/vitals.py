"""Pressures and heart rate out of an Observation: panels, stand-alone values, position in all four forms."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from service.record import units
from service.record.codes import (
    BODY_POSITION,
    BODY_POSITION_CODE,
    LOINC,
    PANELS,
    POSITIONS,
    PRESSURE_PANELS,
    SNOMED,
    VITALS,
    Position,
    Vital,
    codes,
)
from service.record.facts import Flaw, Reading
from service.record.moments import Moment

_UNITS = {"heart_rate": units.RATE}
_WORDS = {
    "systolic": "systolic pressure",
    "diastolic": "diastolic pressure",
    "mean": "mean pressure",
    "heart_rate": "heart rate",
}


class _Value(NamedTuple):
    vital: Vital
    element: dict[str, Any]
    path: str


def is_vital(code: Any) -> bool:
    """Whether an Observation.code is one of the blood-pressure and heart-rate codes."""
    return any(loinc in VITALS or loinc in PANELS for loinc in codes(code, LOINC))


def reading(resource: dict[str, Any], source: str, moment: Moment, recorded: Any) -> Reading:
    """The reading of an Observation that `is_vital`; what cannot be read stands in its flaws."""
    found: dict[str, Any] = {}
    flaws: list[Flaw] = []
    positions = set(_stated_positions(resource))
    values = list(_values(resource))
    for value in values:
        if value.vital.position:
            positions.add(value.vital.position)
        flaw = _read(value, found)
        if flaw:
            flaws.append(flaw)
    if not values and _says_nothing(resource):
        flaws.append(Flaw("value", "value", "the reading has neither a value nor a reason why it is absent"))
    if len(positions) > 1:
        flaws.append(
            Flaw("position", "position", f"body position is given as {' and as '.join(sorted(positions))}")
        )
    return Reading(
        source=source,
        at=moment.at,
        until=moment.until,
        recorded=recorded,
        position=positions.pop() if len(positions) == 1 else None,
        flaws=tuple(flaws),
        **found,
    )


def _values(resource: dict[str, Any]) -> Iterator[_Value]:
    for vital in _vitals(resource.get("code")):
        yield _Value(vital, resource, "Observation")
    for number, component in enumerate(_list(resource, "component")):
        for vital in _vitals(component.get("code")):
            yield _Value(vital, component, f"Observation.component[{number}]")


def _vitals(code: Any) -> list[Vital]:
    """One vital a quantity: a pre-coordinated coding beside the plain one adds its position."""
    named: dict[str, Vital] = {}
    for loinc in codes(code, LOINC):
        vital = VITALS.get(loinc)
        if vital and (vital.quantity not in named or vital.position):
            named[vital.quantity] = vital
    return list(named.values())


def _read(value: _Value, found: dict[str, Any]) -> Flaw | None:
    """Put the value into `found`, or say why it cannot be."""
    quantity, element = value.vital.quantity, value.element
    word = _WORDS[quantity]
    sent = [name for name in element if name.startswith("value") and len(name) > len("value")]
    if not sent:
        if element.get("dataAbsentReason") or element.get("hasMember") or element.get("component"):
            return None
        return Flaw(quantity, "value", f"{word} has neither a value nor a reason why it is absent")
    converted = units.convert(element.get("valueQuantity"), _UNITS.get(quantity, units.PRESSURE))
    if converted is None:
        return _unreadable(quantity, element)
    if quantity in found and found[quantity] != converted:
        return Flaw(quantity, "repeated", f"{word} is given twice, as {found[quantity]} and as {converted}")
    found[quantity] = converted
    return None


def _unreadable(quantity: str, element: dict[str, Any]) -> Flaw:
    word, sent = _WORDS[quantity], element.get("valueQuantity")
    if not isinstance(sent, dict):
        return Flaw(quantity, "value", f"{word} is not sent as a Quantity")
    if units.number(sent.get("value")) is None:
        return Flaw(quantity, "value", f"{word} has no number")
    if sent.get("comparator"):
        return Flaw(quantity, "value", f"{word} is sent as a bound ({sent['comparator']}), not as a reading")
    return Flaw(
        quantity, "unit", f"{word} has the unit {units.unit(sent) or 'none'}, which cannot be converted"
    )


def _says_nothing(resource: dict[str, Any]) -> bool:
    """A panel that lacks everything. A panel of other vital signs has its own components and says enough."""
    if resource.get("dataAbsentReason") or resource.get("hasMember"):
        return False
    return not (resource.get("component") and not set(codes(resource.get("code"), LOINC)) & PRESSURE_PANELS)


def _stated_positions(resource: dict[str, Any]) -> Iterator[Position]:
    concepts = [
        extension.get("valueCodeableConcept")
        for extension in _list(resource, "extension")
        if extension.get("url") == BODY_POSITION
    ]
    concepts += [
        component.get("valueCodeableConcept")
        for component in _list(resource, "component")
        if BODY_POSITION_CODE in codes(component.get("code"), LOINC)
    ]
    for concept in concepts:
        yield from (POSITIONS[code] for code in codes(concept, SNOMED) if code in POSITIONS)


def _list(element: dict[str, Any], name: str) -> list[dict[str, Any]]:
    entries = element.get(name)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
