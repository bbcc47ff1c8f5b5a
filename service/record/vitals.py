"""Vital signs out of an Observation: panels, stand-alone values, position in all four forms."""

from collections.abc import Iterator
from typing import Any

from service.record import units
from service.record.codes import (
    BODY_POSITION,
    BODY_POSITION_CODE,
    BREATHING,
    LOINC,
    PANELS,
    POSITIONS,
    PRESSURE_PANELS,
    SNOMED,
    VITALS,
    Position,
    Quantity,
    Vital,
    codes,
)
from service.record.facts import Flaw, Reading
from service.record.moments import Moment

_UNITS = {
    "heart_rate": units.RATE,
    "respiratory_rate": units.RESPIRATION,
    "oxygen_saturation": units.SATURATION,
}
_WORDS = {
    "systolic": "systolic pressure",
    "diastolic": "diastolic pressure",
    "mean": "mean pressure",
    "heart_rate": "heart rate",
    "respiratory_rate": "respiratory rate",
    "oxygen_saturation": "oxygen saturation",
}
_CODES = VITALS.keys() | PANELS
_CIRCULATION = PANELS | {loinc for loinc, vital in VITALS.items() if vital.quantity not in BREATHING}


def is_vital(loinc: list[str]) -> bool:
    """Whether one of an Observation's codes is that of a vital sign which is read here."""
    return not _CODES.isdisjoint(loinc)


def circulates(loinc: list[str]) -> bool:
    """Whether one of them is a blood-pressure or heart-rate code."""
    return not _CIRCULATION.isdisjoint(loinc)


def reading(resource: dict[str, Any], source: str, moment: Moment, recorded: Any) -> Reading:
    """The reading of an Observation that `is_vital`; what cannot be read stands in its flaws."""
    found: dict[str, Any] = {}
    flaws: list[Flaw] = []
    positions = set(_positions(resource))
    values = [(vital, resource) for vital in _vitals(codes(resource.get("code"), LOINC))]
    for component in resource.get("component") or ():
        named = codes(component.get("code"), LOINC)
        values += [(vital, component) for vital in _vitals(named)]
        if BODY_POSITION_CODE in named:
            positions.update(_named(component))
    for vital, element in values:
        if vital.position:
            positions.add(vital.position)
        flaw = _read(vital.quantity, element, found)
        if flaw and vital.quantity not in BREATHING:
            flaws.append(flaw)
    if found.keys() <= BREATHING and _lacks_everything(resource, values):
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


def _vitals(named: list[str]) -> list[Vital]:
    """One vital a quantity: a pre-coordinated coding beside the plain one adds its position."""
    if len(named) == 1:
        vital = VITALS.get(named[0])
        return [vital] if vital else []
    by_quantity: dict[str, Vital] = {}
    for vital in (VITALS[loinc] for loinc in named if loinc in VITALS):
        if vital.quantity not in by_quantity or vital.position:
            by_quantity[vital.quantity] = vital
    return list(by_quantity.values())


def _read(quantity: Quantity, element: dict[str, Any], found: dict[str, Any]) -> Flaw | None:
    """Put the value into `found`, or say why it cannot be."""
    word, sent = _WORDS[quantity], element.get("valueQuantity")
    if sent is None and not any(name.startswith("value") for name in element):
        if element.get("dataAbsentReason") or element.get("hasMember") or element.get("component"):
            return None
        return Flaw(quantity, "value", f"{word} has neither a value nor a reason why it is absent")
    converted = units.convert(sent, _UNITS.get(quantity, units.PRESSURE))
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


def _lacks_everything(resource: dict[str, Any], values: list[tuple[Vital, dict[str, Any]]]) -> bool:
    """Whether it is a panel in which nobody has named a pressure or heart rate."""
    named = any(vital.quantity not in BREATHING for vital, _ in values)
    return not named and circulates(codes(resource.get("code"), LOINC)) and _says_nothing(resource)


def _says_nothing(resource: dict[str, Any]) -> bool:
    """A panel that lacks everything. A panel of other vital signs has its own components and says enough."""
    if resource.get("dataAbsentReason") or resource.get("hasMember"):
        return False
    return not (resource.get("component") and not set(codes(resource.get("code"), LOINC)) & PRESSURE_PANELS)


def _positions(resource: dict[str, Any]) -> Iterator[Position]:
    for extension in resource.get("extension") or ():
        if extension.get("url") == BODY_POSITION:
            yield from _named(extension)


def _named(element: dict[str, Any]) -> list[Position]:
    """The positions that a valueCodeableConcept names; one that is not known is none."""
    stated = codes(element.get("valueCodeableConcept"), SNOMED)
    return [POSITIONS[code] for code in stated if code in POSITIONS]
