"""The alert as FHIR: one document a rule, valid, searchable, and clear about its evidence."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B.observation import Observation

from models.fhir.codec import dump
from models.fhir.validation import validate
from service.alerts.alert import Alert
from service.alerts.chart import Change, Chart, revise
from service.alerts.observation import observation
from service.evaluate import evaluate
from service.record.lift import lift
from service.rules import RULES
from service.ruleset import load
from tests.record.documents import (
    LOINC,
    RXNORM,
    SNOMED,
    Doc,
    allergy,
    at,
    concept,
    dose,
    instruction,
    no_medication,
    order,
    panel,
    pulse,
    quantity,
    symptom,
)
from tests.record.documents import observation as document
from tests.rules.pair_rows import FAILURE, KIDNEY_4, PREGNANT, SINUS, ill, patient

BASE = "https://clonidine-watch.org/fhir"
NOW = at(2, "20:00")
COWS = concept(SNOMED, "763699005")
PULSE = concept(f"{BASE}/CodeSystem/withdrawal-scale", "pulse")
KINDS = ("metoprolol", "digoxin", "mirtazapine", "diazepam", "methadone", "lisinopril")
BESIDE = [
    *(ill(code, 0) for code in (SINUS, FAILURE, KIDNEY_4, PREGNANT)),
    *(order(name, drug={"text": name}, authored=at(1)) for name in KINDS),
    order("mr2", instruction("0.1", 6, start=at(2, "15:00"))),
    allergy(concept(RXNORM, "2599"), onsetDateTime="2020"),
    patient("2012-05-05"),
    pulse("start", 48, at(0, "23:00")),
]
COURSE = [
    order("mr1", instruction("0.4", 2, start=at(1))),
    *(dose(f"d{hours}", "0.4", at(1) + timedelta(hours=hours)) for hours in (0, 2, 4, 6)),
    panel("base", 140, 90, at(0, "22:00")),
    panel("lying", 130, 80, at(1, "08:00"), "lying"),
    panel("standing", 88, 70, at(1, "08:02"), "standing"),
    panel("severe", "74.0", 38, at(1, "12:00")),
    dose("despite", "0.1", at(1, "08:30")),
    panel("crisis", 190, 100, at(2)),
    panel("crossed", 80, 95, at(2, "01:00")),
    pulse("fast", 125, at(2, "01:30")),
    dose("soon", "0.1", at(2, "06:30")),
    pulse("slow", 45, at(2, "02:00")),
    pulse("slower", 35, at(2, "03:00")),
    document("cows1", COWS, at(2, "05:00"), valueInteger=6),
    dose("rising", "0.1", at(2, "06:00")),
    document("cows3", COWS, at(2, "06:50"), valueInteger=49),
    document("cows2", COWS, at(2, "07:00"), valueInteger=18, component=[{"code": PULSE, "valueInteger": 3}]),
    document("breath", concept(LOINC, "9279-1"), at(2, "11:00"), valueQuantity=quantity(6, "/min")),
    panel("rebound", 172, 104, at(2, "19:00")),
    panel("withdrawal", 165, 98, at(2, "07:05"), rate=104),
    symptom("dizzy", "404640003", at(2, "09:00"), "severe"),
    symptom("drowsy", "271782001", at(2, "09:00"), "severe"),
    symptom("dry", "87715008", at(2, "09:00")),
    symptom("faint", "271594007", at(2, "10:00")),
    panel("felt", 95, 65, at(2, "10:10")),
    *BESIDE,
    document(
        "odd", concept(LOINC, "8480-6"), at(2, "04:00"), valueQuantity={"value": Decimal(1), "unit": "psi"}
    ),
]
OUTPATIENT = concept("http://terminology.hl7.org/CodeSystem/medicationrequest-category", "outpatient")
ENDED = [
    order(
        "mr1",
        instruction("0.3", 8, start=at(1), end=at(16), sequence=1),
        instruction("0.1", 8, start=at(16), end=at(17), sequence=2),
        category=[OUTPATIENT],
    )
]
"""More than two weeks, and then at once to a third."""
ALERTS = [
    alert
    for course, now in ((COURSE, NOW), (ENDED, at(20)))
    for alert in evaluate(course, now, load("[rules]\nall = true"))
]


def rule(alert: Doc) -> str:
    return str(alert["code"]["coding"][0]["code"])


def about(source: str, name: str) -> Doc:
    return next(
        alert
        for alert in ALERTS
        if rule(alert) == name and {"reference": source} in alert.get("derivedFrom", ())
    )


def codes(concepts: list[Doc]) -> list[str]:
    return [coding["code"] for entry in concepts for coding in entry["coding"]]


def test_the_course_raises_every_rule() -> None:
    assert {rule(alert) for alert in ALERTS} == {rule.id for rule in RULES} - {"rule-failure"}


@pytest.mark.parametrize("alert", ALERTS, ids=rule)
def test_every_alert_is_a_valid_observation(alert: Doc) -> None:
    assert [problem for problem in validate(alert) if problem.severity == "error"] == []
    Observation.model_validate(json.loads(dump(alert)))


@pytest.mark.parametrize("alert", ALERTS, ids=rule)
def test_every_alert_says_what_the_interface_promises(alert: Doc) -> None:
    tags = {tag["system"]: tag["code"] for tag in alert["meta"]["tag"]}

    assert tags[f"{BASE}/CodeSystem/ruleset-version"] == "1.0.0"
    assert tags[f"{BASE}/CodeSystem/alert-phase"] in {"new", "escalated", "reminder", "continuing"}
    assert alert["identifier"][0]["system"] == f"{BASE}/sid/alert-key"
    assert alert["category"][0]["coding"][0] == {
        "system": f"{BASE}/CodeSystem/observation-category",
        "code": "alert",
    }
    assert alert["code"]["coding"][0]["system"] == f"{BASE}/CodeSystem/clonidine-alert"
    assert alert["valueCodeableConcept"]["coding"][0]["system"] == f"{BASE}/CodeSystem/alert-severity"
    assert alert["device"] == {"reference": "Device/rule-engine"}
    assert alert["note"][0]["text"].strip() == alert["note"][0]["text"] != ""
    assert "performer" not in alert
    assert not {"versionId", "lastUpdated"} & set(alert["meta"])
    assert "vital-signs" not in codes(alert["category"])


def test_the_evidence_carries_value_limit_and_source() -> None:
    [systolic, diastolic] = about("Observation/severe", "hypotension-severe")["component"]

    assert (systolic["valueQuantity"]["value"], diastolic["valueQuantity"]["value"]) == (Decimal("74.0"), 38)
    assert systolic["referenceRange"][0]["low"]["value"] == 80
    assert "S17b" in systolic["referenceRange"][0]["text"]


@pytest.mark.parametrize(
    ("source", "name", "flags"),
    [
        ("Observation/severe", "hypotension-severe", ["LL", "LX"]),
        ("Observation/standing", "hypotension", ["L", "LX"]),
        ("Observation/crisis", "hypertensive-crisis", ["H", "HX"]),
        ("Observation/crossed", "implausible-vital", ["QCF"]),
        ("Observation/odd", "unparseable-vital", ["IE"]),
        ("Observation/cows2", "withdrawal-rising", ["W"]),
    ],
)
def test_the_interpretation_tells_side_and_severity(source: str, name: str, flags: list[str]) -> None:
    assert codes(about(source, name)["interpretation"]) == flags


def test_both_readings_of_a_pair_are_its_evidence() -> None:
    alert = about("Observation/standing", "orthostatic-hypotension")

    assert [entry["reference"] for entry in alert["derivedFrom"]] == [
        "Observation/standing",
        "Observation/lying",
    ]


def test_a_fall_from_baseline_names_the_baseline_and_the_order() -> None:
    alert = about("Observation/severe", "bp-drop-from-baseline")

    assert {"reference": "Observation/base"} in alert["derivedFrom"]
    assert alert["basedOn"] == [{"reference": "MedicationRequest/mr1"}]


def test_alerts_about_doses_and_orders_point_at_them() -> None:
    told = {rule(alert): alert for alert in ALERTS if "focus" in alert}

    assert told["single-dose-exceeded"]["focus"][0]["reference"].startswith("MedicationAdministration/")
    assert told["single-dose-exceeded"]["partOf"] == told["single-dose-exceeded"]["focus"]
    assert any(alert.get("focus") == [{"reference": "MedicationRequest/mr1"}] for alert in ALERTS)


def test_ids_depend_on_rule_patient_and_resource_alone() -> None:
    def ids(systolic: int, patient: str = "p1", id: str = "x") -> list[str]:
        return [
            alert["id"] for alert in evaluate([panel(id, systolic, 70, NOW, patient=patient)], NOW, load())
        ]

    assert ids(88) == ids(84)
    assert ids(88) != ids(88, patient="p2")
    assert ids(88) != ids(88, id="y")
    assert ids(88) != ids(75)


@pytest.mark.parametrize(
    ("subject", "named"),
    [
        ({"reference": "Patient/p1"}, {"reference": "Patient/p1"}),
        ({"reference": "https://h/fhir/Patient/1"}, {"reference": "https://h/fhir/Patient/1"}),
        (
            {"identifier": {"system": "urn:mrn", "value": "7 a"}},
            {"type": "Patient", "identifier": {"system": "urn:mrn", "value": "7 a"}},
        ),
    ],
)
def test_the_alert_names_the_patient_as_the_reading_did(subject: Doc, named: Doc) -> None:
    [alert] = evaluate([{**panel("x", 88, 70, NOW), "subject": subject}], NOW, load())

    assert alert["subject"] == named
    assert [problem for problem in validate(alert) if problem.severity == "error"] == []


@pytest.mark.parametrize(
    "effective", ["2026-03-02", "2026-03", "2026", "2026-03-02T08:00:00Z", "2026-03-02T08:00:00.250000Z"]
)
def test_the_alert_is_as_precise_about_its_time_as_the_reading(effective: str) -> None:
    [alert] = evaluate([panel("x", 88, 70, effective)], at(400), load())

    assert alert["effectiveDateTime"] == effective


def test_a_reading_without_any_time_gives_an_alert_without_one() -> None:
    doc = panel("x", 88, 70, NOW)
    del doc["effectiveDateTime"]

    [alert] = evaluate([doc], NOW, load())

    assert "effectiveDateTime" not in alert


def retracted() -> tuple[Alert, Alert]:
    lifted = lift(panel("x", 88, 70, NOW), NOW, no_medication).fact
    assert lifted
    raised = revise(Chart("Patient/p1"), [Change(lifted.source, lifted)], NOW, load())
    withdrawn = revise(raised.chart, [Change(lifted.source, None)], NOW + timedelta(hours=1), load())
    return raised.changed[0], withdrawn.changed[0]


def test_a_retracted_alert_keeps_what_it_said_and_adds_why() -> None:
    before, after = (observation(alert, "Patient/p1") for alert in retracted())

    assert (before["status"], after["status"]) == ("final", "entered-in-error")
    assert after["note"][0] == before["note"][0]
    assert "Retracted" in after["note"][1]["text"]
    differing = dict.fromkeys(("status", "note"))
    assert {**before, **differing} == {**after, **differing}


def test_an_alert_that_follows_again_becomes_final_again_under_its_id() -> None:
    raised, withdrawn = retracted()
    lifted = lift(panel("x", 86, 70, NOW), NOW, no_medication).fact
    assert lifted

    again = revise(
        Chart("Patient/p1", alerts={withdrawn.id: withdrawn}), [Change(lifted.source, lifted)], NOW, load()
    )

    assert [(alert.id, alert.status) for alert in again.raised] == [(raised.id, "final")]


def test_a_future_dated_reading_is_reported_and_still_judged() -> None:
    lifted = lift(panel("x", 88, 70, NOW + timedelta(minutes=6)), NOW, no_medication).fact
    assert lifted

    told: Any = revise(Chart("Patient/p1"), [Change(lifted.source, lifted)], NOW, load()).raised

    assert {alert.rule for alert in told} == {"implausible-vital", "hypotension"}
