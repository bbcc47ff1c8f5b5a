"""The profiles that are checked where `meta.profile` claims them: vital signs, US Core's, our alerts.

Base: https://hl7.org/fhir/R4/observation-vitalsigns.html, bp.html, heartrate.html; US Core:
https://hl7.org/fhir/us/core/StructureDefinition-us-core-blood-pressure.html and its neighbours. Any other
profile may be claimed and is not checked.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from models.fhir.alert_profile import ADDRESS as ALERT_PROFILE
from models.fhir.alert_profile import ALERT
from models.fhir.elements import table
from models.fhir.laws import Law, Node, Schema, at, coded, has, nodes, one_of, word
from models.fhir.us_core_patient import PATIENT
from models.problem import Problem

HL7 = "http://hl7.org/fhir/StructureDefinition/"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
VITAL_UNITS = ("%", "cm", "[in_i]", "kg", "g", "[lb_av]", "Cel", "[degF]", "mm[Hg]", "/min", "kg/m2", "m2")
"""Value set ucum-vitals-common: https://hl7.org/fhir/R4/valueset-ucum-vitals-common.html."""
AUTHORISED = ("order", "original-order", "reflex-order", "filler-order", "instance-order")

VALUE = table("Observation").choices["value"]
EFFECTIVE = ("effectiveDateTime", "effectivePeriod")


def _coding(system: str, code: str) -> Schema:
    """Schema of an array of codings that has the one asked for."""
    one = {
        "properties": {"system": {"const": system}, "code": {"const": code}},
        "required": ["system", "code"],
    }
    return {"contains": one}


def _concept(system: str, code: str) -> Schema:
    return {"properties": {"coding": _coding(system, code)}, "required": ["coding"]}


def _with(key: str, schema: Schema) -> Schema:
    return {"properties": {key: schema}, "required": [key]}


def _asked(key: str, keys: tuple[str, ...], text: str) -> Law:
    """One of these properties is mandatory in the profile."""
    schema = one_of("", keys, "").schema
    return Law("cardinality", text, at(f".{key}", lambda n: has(n, *keys)), schema, code="business-rule")


def _to_the_day(node: Node) -> bool:
    return not has(node, "effectiveDateTime") or len(word(node, "effectiveDateTime")) >= 8


def _says_something(node: Node) -> bool:
    return has(node, "component", "hasMember", "dataAbsentReason", *VALUE)


def _components(node: Node) -> list[Any]:
    components = node.get("component")
    return components if isinstance(components, list) else []


def _silent_components(node: Node) -> Iterator[str]:
    for index, part in enumerate(_components(node)):
        if isinstance(part, dict) and not has(part, *VALUE, "dataAbsentReason"):
            yield f".component[{index}]"


def _in_units(quantity: Any, units: tuple[str, ...]) -> bool:
    return isinstance(quantity, dict) and word(quantity, "system") == UCUM and word(quantity, "code") in units


def _foreign_units(node: Node) -> Iterator[str]:
    for index, part in enumerate(_components(node)):
        if (
            isinstance(part, dict)
            and "valueQuantity" in part
            and not _in_units(part["valueQuantity"], VITAL_UNITS)
        ):
            yield f".component[{index}].value"


def _measured(node: Node, unit: str) -> bool:
    """A value, if there is one, is a Quantity with value, unit, system and exactly this code."""
    quantity = node.get("valueQuantity", {})
    whole = _in_units(quantity, (unit,)) and has(quantity, "value") and has(quantity, "unit")
    return whole if has(node, "valueQuantity") else not has(node, *VALUE)


def _quantity(units: tuple[str, ...]) -> Schema:
    """Schema of a quantity as `_measured` wants it, in one of the units."""
    fixed = {"system": {"const": UCUM}, "code": {"enum": list(units)}}
    return {"properties": fixed, "required": ["value", "unit", "system", "code"]}


def _each_component(schema: Schema) -> Schema:
    """In the schemas a component that has any value has a Quantity."""
    others = dict.fromkeys(VALUE, False) | {"valueQuantity": schema}
    return {"properties": {"component": {"items": {"properties": others}}}}


def _pressure(name: str, code: str) -> Law:
    """One component of a blood pressure: there once, and in mm[Hg]."""

    def breaks(node: Node) -> Iterator[str]:
        found = [
            (index, part)
            for index, part in enumerate(_components(node))
            if isinstance(part, dict) and coded(part.get("code"), LOINC, code)
        ]
        if len(found) != 1:
            yield ".component"
        for index, part in found:
            if not _measured(part, "mm[Hg]"):
                yield f".component[{index}].value"

    there = {"contains": _with("code", _concept(LOINC, code)), "minContains": 1, "maxContains": 1}
    schema = {"allOf": [_with("component", there), _each_component(_quantity(("mm[Hg]",)))]}
    text = f"one component has the LOINC code {code} and a Quantity with value, unit, system {UCUM}, code mm[Hg]."
    return Law(name, text, breaks, schema, code="business-rule")


def _coded_as(rule: str, code: str, text: str) -> Law:
    schema = _with("code", _concept(LOINC, code))
    return Law(
        rule, text, at(".code", lambda n: coded(n.get("code"), LOINC, code)), schema, code="business-rule"
    )


def _in_category(node: Node) -> bool:
    return sum(coded(c, CATEGORY, "vital-signs") for c in nodes(node, "category")) == 1


def _ordered_by_someone(node: Node) -> bool:
    return word(node, "intent") not in AUTHORISED or has(node, "requester")


VITAL_SIGNS: tuple[Law, ...] = (
    Law(
        "VSCat",
        f"one category has the code vital-signs of {CATEGORY}.",
        at(".category", _in_category),
        _with(
            "category",
            {"contains": _concept(CATEGORY, "vital-signs"), "minContains": 1, "maxContains": 1},
        ),
        code="business-rule",
    ),
    _asked("subject", ("subject",), "a vital sign needs a subject."),
    _asked("effective", EFFECTIVE, "a vital sign needs an effectiveDateTime or effectivePeriod."),
    Law(
        "vs-1",
        "the effectiveDateTime goes at least to the day.",
        at(".effective", _to_the_day),
        {"properties": {"effectiveDateTime": {"minLength": 8}}},
    ),
    Law(
        "vs-2",
        "without components or members a vital sign needs a value[x] or a dataAbsentReason.",
        at("", _says_something),
        one_of("", ("component", "hasMember", "dataAbsentReason", *VALUE), "").schema,
    ),
    Law(
        "vs-3",
        "each component needs a value[x] or a dataAbsentReason.",
        _silent_components,
        {"properties": {"component": {"items": one_of("", ("dataAbsentReason", *VALUE), "").schema}}},
    ),
    Law(
        "ucum-vitals-common",
        f"a component's Quantity has the system {UCUM} and one of the codes {', '.join(VITAL_UNITS)}.",
        _foreign_units,
        _each_component(_quantity(VITAL_UNITS)),
        code="code-invalid",
    ),
)

PRESSURES = (_pressure("SystolicBP", "8480-6"), _pressure("DiastolicBP", "8462-4"))
HEART_RATE: tuple[Law, ...] = (
    _coded_as("HeartRateCode", "8867-4", "the code has a LOINC coding 8867-4."),
    Law(
        "heartrate",
        "the value is a Quantity with value, unit, system UCUM and code /min.",
        at(".value", lambda node: _measured(node, "/min")),
        {"properties": dict.fromkeys(VALUE, False) | {"valueQuantity": _quantity(("/min",))}},
        code="business-rule",
    ),
)
PANEL = _coded_as("BPCode", "85354-9", "the code has a LOINC coding 85354-9.")
NO_VALUE = Law(
    "cardinality",
    "a blood pressure has its values in components; leave out value[x].",
    at(".value", lambda node: not has(node, *VALUE)),
    {"properties": dict.fromkeys(VALUE, False)},
    code="business-rule",
)
ORDER = Law(
    "us-core-21",
    "a requester is needed when the intent is one of " + ", ".join(AUTHORISED) + ".",
    at(".requester", _ordered_by_someone),
    {"required": ["requester"]},
)

PROFILES: dict[str, dict[str, tuple[Law, ...]]] = {
    "Observation": {
        HL7 + "vitalsigns": VITAL_SIGNS,
        HL7 + "bp": (*VITAL_SIGNS, PANEL, NO_VALUE, *PRESSURES),
        HL7 + "heartrate": (*VITAL_SIGNS, *HEART_RATE),
        US_CORE + "vital-signs": VITAL_SIGNS,
        US_CORE + "blood-pressure": (*VITAL_SIGNS, PANEL, *PRESSURES),
        US_CORE + "heart-rate": (*VITAL_SIGNS, *HEART_RATE),
        ALERT_PROFILE: ALERT,
    },
    "MedicationRequest": {US_CORE + "medicationrequest": (ORDER,)},
    "Patient": {US_CORE + "patient": PATIENT},
}
"""Laws by resource type and canonical address; a claim may carry `|version`, which is not looked at."""


def claimed(doc: Node) -> list[Problem]:
    """What a resource breaks of the profiles that it claims, each rule told once."""
    return held(doc, [p.partition("|")[0] for m in nodes(doc, "meta") for p in _profiles(m)])


def held(doc: Node, claims: Iterable[str]) -> list[Problem]:
    """What a resource breaks of these profiles, named without version; each rule told once."""
    known = PROFILES.get(word(doc, "resourceType"), {})
    laws = {law.rule + law.text: (law, claim) for claim in claims for law in known.get(claim, ())}
    return [problem for law, claim in laws.values() for problem in _broken(doc, law, claim)]


def _profiles(meta: Node) -> list[str]:
    profiles = meta.get("profile")
    return [p for p in profiles if isinstance(p, str)] if isinstance(profiles, list) else []


def _broken(doc: Node, law: Law, claim: str) -> Iterator[Problem]:
    kind = word(doc, "resourceType")
    for place in law.breaks(doc):
        text = f"{kind} breaks {law.rule} of {claim}: {law.text}"
        yield Problem(law.code, text, kind + place, law.rule, law.severity)
