"""A resource that claims a vital-signs or US Core profile is held to it; one that does not is not."""

from typing import Any

import pytest

from models.fhir import gate
from models.fhir.validation import STRUCTURAL, validate
from tests.fhir.bodies import GONE, HL7, LOINC, US_CORE, Body, changed, concept, order, panel, pulse, quantity

VITALS, BP, RATE = HL7 + "vitalsigns", HL7 + "bp", HL7 + "heartrate"
US_VITALS, US_BP, US_RATE = US_CORE + "vital-signs", US_CORE + "blood-pressure", US_CORE + "heart-rate"
US_ORDER = US_CORE + "medicationrequest"
ABSENT = {"text": "not measured"}
KPA = quantity("16", "kPa")
SIXTY_TWO = quantity("62", "/min")

Case = tuple[Body, dict[str, Any], str, str]
OBS = "Observation"

CASES: dict[str, Case] = {
    "a vital sign without category": (panel(VITALS), {"category": GONE}, f"{OBS}.category", "VSCat"),
    "a vital sign of another category": (
        panel(VITALS),
        {"category.0.coding.0.code": "laboratory"},
        f"{OBS}.category",
        "VSCat",
    ),
    "a vital sign twice in its category": (
        panel(VITALS),
        {"category": panel()["category"] * 2},
        f"{OBS}.category",
        "VSCat",
    ),
    "a vital sign of nobody": (panel(VITALS), {"subject": GONE}, f"{OBS}.subject", "cardinality"),
    "a vital sign at no time": (
        panel(VITALS),
        {"effectiveDateTime": GONE},
        f"{OBS}.effective",
        "cardinality",
    ),
    "a vital sign at an instant": (
        panel(VITALS),
        {"effectiveDateTime": GONE, "effectiveInstant": "2026-11-22T08:00:00Z"},
        f"{OBS}.effective",
        "cardinality",
    ),
    "vs-1: to the month": (panel(VITALS), {"effectiveDateTime": "2026-11"}, f"{OBS}.effective", "vs-1"),
    "vs-2: nothing measured": (panel(VITALS), {"component": GONE}, OBS, "vs-2"),
    "vs-3: a silent component": (
        panel(VITALS),
        {"component.1.valueQuantity": GONE},
        f"{OBS}.component[1]",
        "vs-3",
    ),
    "a component in kPa": (
        panel(VITALS),
        {"component.1.valueQuantity": KPA},
        f"{OBS}.component[1].value",
        "ucum-vitals-common",
    ),
    "a component in units of no system": (
        panel(VITALS),
        {"component.1.valueQuantity": {"value": 80, "unit": "mmHg"}},
        f"{OBS}.component[1].value",
        "ucum-vitals-common",
    ),
    "a pressure under another code": (panel(BP), {"code": concept("55284-4")}, f"{OBS}.code", "BPCode"),
    "a pressure with a value on top": (
        panel(BP),
        {"valueQuantity": quantity("93")},
        f"{OBS}.value",
        "cardinality",
    ),
    "a pressure without systolic": (panel(BP), {"component.0": GONE}, f"{OBS}.component", "SystolicBP"),
    "a pressure without diastolic": (panel(BP), {"component.1": GONE}, f"{OBS}.component", "DiastolicBP"),
    "a pressure with two systolics": (
        panel(BP),
        {"component.1.code": concept("8480-6")},
        f"{OBS}.component",
        "SystolicBP",
    ),
    "a pressure in another unit": (
        panel(BP),
        {"component.0.valueQuantity": KPA},
        f"{OBS}.component[0].value",
        "SystolicBP",
    ),
    "a pressure without a unit's name": (
        panel(BP),
        {"component.1.valueQuantity.unit": GONE},
        f"{OBS}.component[1].value",
        "DiastolicBP",
    ),
    "a pressure in words": (
        panel(BP),
        {"component.0.valueQuantity": GONE, "component.0.valueString": "120"},
        f"{OBS}.component[0].value",
        "SystolicBP",
    ),
    "a heart rate under another code": (
        pulse(RATE),
        {"code": concept("8889-8")},
        f"{OBS}.code",
        "HeartRateCode",
    ),
    "a heart rate in another unit": (
        pulse(RATE),
        {"valueQuantity": quantity("62", "1/min")},
        f"{OBS}.value",
        "heartrate",
    ),
    "a heart rate in words": (
        pulse(RATE),
        {"valueQuantity": GONE, "valueString": "62"},
        f"{OBS}.value",
        "heartrate",
    ),
    "US Core: a vital sign to the year": (
        panel(US_VITALS),
        {"effectiveDateTime": "2026"},
        f"{OBS}.effective",
        "vs-1",
    ),
    "US Core: a pressure in another unit": (
        panel(US_BP),
        {"component.0.valueQuantity": KPA},
        f"{OBS}.component[0].value",
        "SystolicBP",
    ),
    "US Core: a pressure without diastolic": (
        panel(US_BP),
        {"component.1": GONE},
        f"{OBS}.component",
        "DiastolicBP",
    ),
    "US Core: a heart rate in another unit": (
        pulse(US_RATE),
        {"valueQuantity.code": "{beats}/min"},
        f"{OBS}.value",
        "heartrate",
    ),
    "us-core-21: an order of nobody": (
        order(US_ORDER),
        {"requester": GONE},
        "MedicationRequest.requester",
        "us-core-21",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("version", ["", "|4.0.1"])
def test_a_claimed_profile_is_held_to(case: Case, version: str) -> None:
    body, changes, expression, rule = case
    claims = [claim + version for claim in body["meta"]["profile"]]
    found = validate(changed(body, {**changes, "meta.profile": claims}))
    assert (expression, rule) in {(p.expression, p.rule) for p in found if p.severity == "error"}, found
    assert not any(p.code in STRUCTURAL for p in found), (
        "a broken profile is a broken rule, not a broken structure"
    )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_claims_no_profile_is_not_held_to_one(case: Case) -> None:
    body, changes, _, _ = case
    assert validate(changed(body, {**changes, "meta": GONE})) == []


@pytest.mark.parametrize(
    "body",
    [
        panel(VITALS),
        panel(BP),
        panel(US_BP, US_VITALS),
        pulse(RATE),
        pulse(US_RATE),
        order(US_ORDER),
        changed(panel(BP), {"effectiveDateTime": "2026-11-22"}),
        changed(panel(BP), {"component.1.valueQuantity": GONE, "component.1.dataAbsentReason": ABSENT}),
        changed(panel(VITALS), {"component": GONE, "dataAbsentReason": ABSENT}),
        changed(panel(VITALS), {"effectiveDateTime": GONE, "effectivePeriod": {"start": "2026-11-22"}}),
        changed(panel(VITALS), {"component.1": {"code": concept("8361-8"), "valueCodeableConcept": ABSENT}}),
        changed(
            panel(BP),
            {"component": [*panel()["component"], {"code": concept("8867-4"), "valueQuantity": SIXTY_TWO}]},
        ),
        changed(
            panel(BP),
            {"code.coding": [concept("1", "http://x")["coding"][0], {"system": LOINC, "code": "85354-9"}]},
        ),
        changed(order(US_ORDER), {"intent": "proposal", "requester": GONE}),
        changed(pulse(RATE), {"meta.profile": ["http://example.org/unknown"], "code": concept("8889-8")}),
    ],
)
def test_what_the_profile_allows_is_accepted(body: Body) -> None:
    assert validate(body) == []


@pytest.mark.parametrize("body", [panel(BP), panel(VITALS), panel(US_BP), pulse(RATE), order(US_ORDER)])
def test_a_usual_body_that_claims_its_profile_passes_the_gate(body: Body) -> None:
    assert gate.accepts(body)


def test_a_rule_of_two_claimed_profiles_is_told_once() -> None:
    found = validate(changed(panel(VITALS, BP, US_BP), {"subject": GONE}))
    assert [problem.rule for problem in found] == ["cardinality"]
