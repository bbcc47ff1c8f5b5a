"""The invariants of FHIR R4's data types: https://hl7.org/fhir/R4/datatypes.html.

txt-1 and txt-2 are in `models.fhir.narrative`, ref-1 in `models.fhir.containment`.
"""

from decimal import Decimal

from models.fhir.elements import table
from models.fhir.laws import (
    Breaks,
    Law,
    Node,
    apart,
    at,
    either,
    has,
    in_order,
    needs,
    nodes,
    one_of,
    simple,
    word,
)

UCUM = "http://unitsofmeasure.org"
MEALS = frozenset({"C", "CM", "CD", "CV"})


def _number(node: Node, key: str) -> Decimal | None:
    value = node.get(key)
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _from_zero(key: str) -> Breaks:
    def holds(node: Node) -> bool:
        value = _number(node, key)
        return value is None or value >= 0

    return at("." + key, holds)


def _low_below_high(node: Node) -> bool:
    low, high = (next(nodes(node, key), {}) for key in ("low", "high"))
    least, most = _number(low, "value"), _number(high, "value")
    same_unit = all(low.get(key) == high.get(key) for key in ("system", "code", "unit"))
    return least is None or most is None or not same_unit or least <= most


def _whole_ratio(node: Node) -> bool:
    numerator = has(node, "numerator")
    return numerator == has(node, "denominator") and (numerator or has(node, "extension"))


def _offset_from_an_event(node: Node) -> bool:
    events = node.get("when")
    named = {event for event in events if isinstance(event, str)} if isinstance(events, list) else set()
    return not has(node, "offset") or (has(node, "when") and not named & MEALS)


def _ucum(node: Node) -> bool:
    return not has(node, "system") or word(node, "system") == UCUM


def _measured(node: Node) -> bool:
    return has(node, "code") or not has(node, "value")


def _age(node: Node) -> bool:
    value = _number(node, "value")
    return _measured(node) and _ucum(node) and (value is None or value > 0)


def _count(node: Node) -> bool:
    value = _number(node, "value")
    fraction = isinstance(node.get("value"), Decimal) and "." in str(value)
    return _measured(node) and _ucum(node) and word(node, "code") in ("", "1") and not fraction


def _duration(node: Node) -> bool:
    return not has(node, "code") or (word(node, "system") == UCUM and has(node, "value"))


def _trigger(node: Node) -> bool:
    kind = word(node, "type")
    wanted = {"named-event": ("name",), "periodic": table("TriggerDefinition").choices["timing"]}
    return has(node, *wanted.get(kind, ("data",))) if kind in wanted or kind.startswith("data-") else True


EXTENSION_VALUE = table("Extension").choices["value"]
QTY_3 = needs("qty-3", "code", "system", "a unit's code needs the system that it is a code of.")

DATATYPE_LAWS: dict[str, tuple[Law, ...]] = {
    "Extension": (
        Law(
            "ext-1",
            "an extension has either a value[x] or extensions of its own; keep one of the two.",
            at("", lambda node: has(node, "extension") != has(node, *EXTENSION_VALUE)),
            {"minProperties": 2, "maxProperties": 2},
        ),
    ),
    "Quantity": (QTY_3,),
    "Age": (
        QTY_3,
        Law("age-1", "an age has a UCUM code of time and is above 0.", at("", _age), None),
    ),
    "Distance": (
        QTY_3,
        Law(
            "dis-1", "a distance has a UCUM code.", at("", lambda node: _measured(node) and _ucum(node)), None
        ),
    ),
    "Count": (
        QTY_3,
        Law("cnt-3", "a count is a whole number with the UCUM code 1.", at("", _count), None),
    ),
    "Duration": (
        QTY_3,
        Law("drt-1", "a duration with a code needs a value and the system UCUM.", at("", _duration), None),
    ),
    "Period": (
        Law(
            "per-1",
            "the start is later than the end; exchange or correct them.",
            in_order("start", "end"),
            {"dependentSchemas": {"start": {"properties": {"end": False}}}},
        ),
    ),
    "Range": (
        Law(
            "rng-2",
            "low is above high; exchange or correct them.",
            at("", _low_below_high),
            {"dependentSchemas": {"low": {"properties": {"high": False}}}},
        ),
        *simple("low", "high"),
    ),
    "Ratio": (
        Law(
            "rat-1",
            "a ratio has a numerator and a denominator, or neither and an extension.",
            at("", _whole_ratio),
            {"required": ["numerator", "denominator"]},
        ),
    ),
    "SampledData": simple("origin"),
    "TimingRepeat": (
        needs("tim-1", "duration", "durationUnit", "a duration needs its unit."),
        needs("tim-2", "period", "periodUnit", "a period needs its unit."),
        Law(
            "tim-4",
            "a duration is not negative.",
            _from_zero("duration"),
            {"properties": {"duration": {"minimum": 0}}},
        ),
        Law(
            "tim-5",
            "a period is not negative.",
            _from_zero("period"),
            {"properties": {"period": {"minimum": 0}}},
        ),
        needs("tim-6", "periodMax", "period", "periodMax needs a period."),
        needs("tim-7", "durationMax", "duration", "durationMax needs a duration."),
        needs("tim-8", "countMax", "count", "countMax needs a count."),
        Law(
            "tim-9",
            "an offset needs a when, and not one of C, CM, CD, CV.",
            at(".offset", _offset_from_an_event),
            {"properties": {"offset": False}},
        ),
        apart("tim-10", "timeOfDay", ("when",), "timeOfDay and when do not go together; keep one."),
    ),
    "Dosage": simple("maxDosePerAdministration", "maxDosePerLifetime"),
    "DosageDoseAndRate": simple("doseQuantity", "rateQuantity"),
    "Attachment": (needs("att-1", "data", "contentType", "data needs a contentType."),),
    "ContactPoint": (needs("cpt-2", "value", "system", "a contact value needs a system such as phone."),),
    "Expression": (one_of("exp-1", ("expression", "reference"), "give an expression or a reference."),),
    "DataRequirementCodeFilter": (
        either("drq-1", "path", "searchParam", "give either path or searchParam, not both."),
    ),
    "DataRequirementDateFilter": (
        either("drq-2", "path", "searchParam", "give either path or searchParam, not both."),
    ),
    "TriggerDefinition": (
        *(
            apart("trd-1", key, ("data",), "a timing and data do not go together; keep one.")
            for key in table("TriggerDefinition").choices["timing"]
        ),
        needs("trd-2", "condition", "data", "a condition needs data."),
        Law(
            "trd-3",
            "a trigger needs the name, timing or data that its type asks for.",
            at("", _trigger),
            None,
        ),
    ),
}
"""Laws by the library's name of the type they are part of."""
