"""Every alert that a rule raises holds to the alert profile; what breaks it, or US Core's Patient, is told."""

from typing import Any

import pytest

from models.fhir import alert_profile
from models.fhir.codec import dump, parse
from models.fhir.validation import STRUCTURAL, against, validate
from service.alerts import observation
from tests.alerts.test_observation import ALERTS, retracted, rule
from tests.fhir.bodies import GONE, US_CORE, Body, changed, concept, patient

PROFILE = alert_profile.ADDRESS
LOW = next(parse(dump(alert)) for alert in ALERTS if rule(alert) == "hypotension-severe")
TAG = LOW["meta"]["tag"]
NAMELESS = {"use": "official"}
UNKNOWN = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    ]
}
VITAL = concept("vital-signs", alert_profile.HL7_CATEGORY)


@pytest.mark.parametrize("alert", ALERTS, ids=rule)
def test_every_alert_claims_the_profile_and_holds_to_it(alert: Body) -> None:
    assert alert["meta"]["profile"] == [PROFILE] == [observation.PROFILE]
    assert validate(alert) == []
    assert against(alert, PROFILE) == []


def test_a_retracted_alert_holds_to_it_too() -> None:
    for alert in retracted():
        assert against(observation.observation(alert, "Patient/p1"), PROFILE) == []


BROKEN: dict[str, tuple[dict[str, Any], str, str]] = {
    "no phase": ({"meta.tag": TAG[1:]}, "Observation.meta.tag", "alert-phase"),
    "two phases": ({"meta.tag": [TAG[0], *TAG]}, "Observation.meta.tag", "alert-phase"),
    "no ruleset": ({"meta.tag": TAG[:1]}, "Observation.meta.tag", "alert-ruleset"),
    "a phase without a code": ({"meta.tag.0": {"system": TAG[0]["system"]}}, "Observation.meta.tag", "alert-phase"),
    "no key": ({"identifier": GONE}, "Observation.identifier", "alert-key"),
    "no category of ours": ({"category": [concept("therapy")]}, "Observation.category", "alert-category"),
    "no rule": ({"code": concept("8480-6")}, "Observation.code.coding", "alert-rule"),
    "no subject": ({"subject": GONE}, "Observation.subject", "cardinality"),
    "no severity": ({"valueCodeableConcept": concept("high")}, "Observation.value", "alert-severity"),
    "another value": ({"valueCodeableConcept": GONE, "valueString": "high"}, "Observation.value", "alert-severity"),
    "no note": ({"note": GONE}, "Observation.note", "cardinality"),
    "no device": ({"device": GONE}, "Observation.device", "cardinality"),
    "a preliminary one": ({"status": "preliminary"}, "Observation.status", "alert-1"),
    "a vital sign": ({"category": [LOW["category"][0], VITAL]}, "Observation.category", "alert-2"),
    "about nothing": ({"derivedFrom": GONE}, "Observation", "alert-3"),
    "another unit system": ({"component.0.valueQuantity.system": "urn:x"}, "Observation.component", "alert-4"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_what_breaks_the_alert_profile_is_told(case: tuple[dict[str, Any], str, str]) -> None:
    changes, expression, name = case
    found = validate(changed(LOW, changes))
    assert (expression, name) in {(problem.expression, problem.rule) for problem in found}, found
    assert not any(problem.code in STRUCTURAL for problem in found)


def test_every_rule_of_the_alert_profile_is_broken_above() -> None:
    named = {name for _, _, name in BROKEN.values()}
    assert {law.rule for law in alert_profile.ALERT} == named


def claiming(**changes: Any) -> Body:
    """A Patient that claims US Core's profile."""
    return changed(patient(), {**changes, "meta": {"profile": [US_CORE + "patient|9.0.0"]}})


US_PATIENT: dict[str, tuple[dict[str, Any], str, str]] = {
    "no identifier": ({"identifier": GONE}, "Patient.identifier", "cardinality"),
    "no name": ({"name": GONE}, "Patient.name", "cardinality"),
    "no gender": ({"gender": GONE}, "Patient.gender", "cardinality"),
    "an identifier of no system": (
        {"identifier.0.system": GONE},
        "Patient.identifier[0].system",
        "cardinality",
    ),
    "an identifier of no value": ({"identifier.0.value": GONE}, "Patient.identifier[0].value", "cardinality"),
    "a telecom of no value": ({"telecom.0.value": GONE}, "Patient.telecom[0].value", "cardinality"),
    "a name without names": ({"name": [NAMELESS]}, "Patient.name[0]", "us-core-6"),
    "a name that is absent and there": (
        {"name": [{"family": "x", **UNKNOWN}]},
        "Patient.name[0]",
        "us-core-6",
    ),
}


@pytest.mark.parametrize("case", US_PATIENT.values(), ids=US_PATIENT)
def test_what_breaks_us_core_patient_is_told(case: tuple[dict[str, Any], str, str]) -> None:
    changes, expression, name = case
    found = validate(claiming(**changes))
    assert (expression, name) in {(problem.expression, problem.rule) for problem in found}, found
    assert [problem for problem in validate(changed(patient(), changes)) if problem.severity == "error"] == []


@pytest.mark.parametrize(
    "changes", [{}, {"name": [UNKNOWN]}, {"name": [{"given": ["x"]}]}, {"telecom": GONE}]
)
def test_what_us_core_patient_allows_is_accepted(changes: dict[str, Any]) -> None:
    assert validate(claiming(**changes)) == []
