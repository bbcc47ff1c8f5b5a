"""Conditions, allergies, other medicines and patients stand in every chart, however and whenever they were written."""

import random
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from models.errors import Invalid
from service.evaluate import evaluate, watchable
from service.record.facts import Allergy, Condition, Medicine, Order, Person
from service.record.record import Record
from service.rules import RULES
from service.rules.rule import ALWAYS, Finding, Limits, Reach, Rule
from service.ruleset import load
from tests.build import RXNORM, SNOMED, ago, bundle, concept, entry, heart_rate, order
from tests.fhir_client import everything
from tests.in_process import application

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ALLERGIC = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
MRN = {"system": "urn:mrn", "value": "7"}


def _tells(fact: Order, record: Record, limits: Limits) -> Finding | None:
    lasting = (*record.conditions, *record.allergies, *record.medicines)
    held = sorted(one.source for one in lasting if record.holding([one], fact.at))
    held += [f"aged {record.person.age(fact.at)}"] if record.person else []
    return Finding(severity="info", side="other", text=", ".join(held)) if held else None


WITNESS = Rule(
    id="witness", title="What is known beside", trigger="-", severity="info", judges=(Order,), judge=_tells,
    reaches=tuple(Reach(kind, Order, ALWAYS, ALWAYS) for kind in (Condition, Allergy, Medicine, Person)),
)  # fmt: skip


@pytest.fixture
def witnessed(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database whose rules have one that tells what an order's chart holds beside it."""
    monkeypatch.setattr("service.ruleset.RULES", (*RULES, WITNESS))
    return database_url


def _documents(subject: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    named = subject or {"reference": "Patient/p1"}
    return [
        {"resourceType": "Patient", "id": "p1", "birthDate": "1980-01-01", "identifier": [MRN]},
        {
            "resourceType": "Condition", "id": "c1", "clinicalStatus": concept("active", CLINICAL),
            "code": concept("36083008", SNOMED), "subject": named, "onsetDateTime": "2019",
        },
        {
            "resourceType": "AllergyIntolerance", "id": "a1", "clinicalStatus": concept("active", ALLERGIC),
            "code": concept("2599", RXNORM), "patient": named, "recordedDate": "2020-05-01",
        },
        {
            **order(40, 8, ago(5000), id="m1", subject=named),
            "medicationCodeableConcept": concept("8787", RXNORM),
        },
        order(0.1, 6, ago(3000), id="o1", subject=named),
    ]  # fmt: skip


def _put(client: httpx.Client, *docs: dict[str, Any]) -> None:
    entries = [entry(doc, "PUT", f"{doc['resourceType']}/{doc['id']}") for doc in docs]
    answer = client.post("/fhir", json=bundle("batch", *entries))
    assert {item["response"]["status"][:2] for item in answer.json()["entry"]} == {"20"}, answer.text


def _told(client: httpx.Client, **asked: str) -> list[str]:
    query = {"code": "witness", "status": "final", **asked}
    found = everything(client, f"/fhir/Observation?{httpx.QueryParams(query)}")
    return [alert["note"][0]["text"].partition(", aged")[0] for alert in found]


ALL = ["AllergyIntolerance/a1, Condition/c1, MedicationRequest/m1"]


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_arrival_and_any_split_end_in_the_same_chart(witnessed: str, seed: int) -> None:
    chance, docs = random.Random(seed), _documents()
    chance.shuffle(docs)
    with application(witnessed) as client:
        while docs:
            size = chance.choice((1, 2, 3))
            _put(client, *docs[:size])
            del docs[:size]
        assert _told(client) == ALL
        (alert,) = everything(client, "/fhir/Observation?code=witness")
    assert ", aged 4" in alert["note"][0]["text"]


def test_a_chart_that_is_read_anew_holds_them_and_the_alerts_that_they_reach(witnessed: str) -> None:
    *known, clonidine = _documents()
    with application(witnessed) as client:
        _put(client, *known)
    with application(witnessed) as client:
        _put(client, clonidine)
        assert _told(client) == ALL
    with application(witnessed) as client:  # the alert is older than anything that this write needs
        _put(client, {**known[1], "onsetDateTime": "2018"})
        (alert,) = everything(client, "/fhir/Observation?code=witness")
        assert alert["meta"]["versionId"] == "1"
        _put(client, {**known[1], "verificationStatus": concept("refuted", VERIFIED)})
        (alert,) = everything(client, "/fhir/Observation?code=witness")
    assert alert["meta"]["versionId"] == "2"
    assert "Condition/c1" not in alert["note"][0]["text"]


def test_corrections_deletions_and_endings_are_seen(witnessed: str) -> None:
    docs = _documents()
    with application(witnessed) as client:
        _put(client, *docs)
        assert client.delete("/fhir/AllergyIntolerance/a1").status_code == 204
        assert _told(client) == ["Condition/c1, MedicationRequest/m1"]
        _put(
            client, {**docs[1], "clinicalStatus": concept("resolved", CLINICAL), "abatementDateTime": "2021"}
        )
        assert _told(client) == ["MedicationRequest/m1"]
        _put(client, {**docs[3], "status": "stopped"})  # it was in force when the order began
        assert _told(client) == ["MedicationRequest/m1"]
        _put(client, {**docs[3], "medicationCodeableConcept": {"text": "paracetamol"}})
        (told,) = _told(client)
        assert told.startswith("aged")  # and nothing else
        assert client.delete("/fhir/Patient/p1").status_code == 204
        assert _told(client) == []


def test_they_move_with_their_patient(witnessed: str) -> None:
    docs = _documents()
    other = {"reference": "Patient/p2"}
    with application(witnessed) as client:
        _put(client, *docs, order(0.1, 6, ago(3000), "p2", id="o2"))
        _put(client, {**docs[1], "subject": other}, {**docs[2], "patient": other})
        assert _told(client, patient="p1") == ["MedicationRequest/m1"]
        assert _told(client, patient="p2") == ["AllergyIntolerance/a1, Condition/c1"]


@pytest.mark.parametrize("seed", range(3))
def test_those_sent_under_an_identifier_come_to_the_patient_who_bears_it(witnessed: str, seed: int) -> None:
    docs = _documents({"identifier": MRN})
    random.Random(seed).shuffle(docs)
    with application(witnessed) as client:
        for doc in docs:
            _put(client, doc)
        assert _told(client, patient="p1") == ALL
        _put(client, {"resourceType": "Patient", "id": "p1"})
        assert _told(client, patient="p1") == []


def test_without_a_patient_they_are_merely_kept(client: httpx.Client) -> None:
    nobody = {"display": "somebody"}
    for doc in _documents(nobody)[1:4]:
        assert client.put(f"/fhir/{doc['resourceType']}/{doc['id']}", json=doc).status_code == 201
        checked = client.post(f"/fhir/{doc['resourceType']}/$validate", json=doc).json()
        assert [one for one in checked["issue"] if one["severity"] == "error"] == []
    refused = client.put("/fhir/MedicationRequest/o1", json=_documents(nobody)[4])
    assert refused.status_code == 422


@pytest.mark.parametrize("subject", [None, {"identifier": MRN}], ids=["by reference", "by identifier"])
def test_an_evaluation_of_what_is_not_kept_knows_them_too(
    monkeypatch: pytest.MonkeyPatch, subject: dict[str, Any] | None
) -> None:
    monkeypatch.setattr("service.ruleset.RULES", (*RULES, WITNESS))
    docs = _documents(subject)
    for doc in docs:
        watchable(doc)

    alerts = evaluate(docs, datetime.now(UTC), load())

    (alert,) = [one for one in alerts if one["code"]["coding"][0]["code"] == WITNESS.id]
    assert alert["note"][0]["text"].startswith(f"{ALL[0]}, aged 4")


def test_an_evaluation_refuses_of_nobody_only_what_the_rules_judge() -> None:
    *others, clonidine = _documents({"display": "somebody"})
    for doc in others:
        watchable(doc)
    with pytest.raises(Invalid):
        watchable(clonidine)


def test_the_first_slow_heart_rate_is_found_however_long_ago_it_was(database_url: str) -> None:
    digoxin = {**order(1, 24, ago(30_000), id="m1"), "medicationCodeableConcept": {"text": "digoxin"}}
    with application(database_url) as client:
        _put(client, digoxin, order(0.1, 6, ago(30_000), id="o1"), heart_rate(52, ago(20_000), id="first"))
    for id, minutes in (("later", 9), ("last", 5)):
        with application(database_url) as client:  # a chart that is read anew
            _put(client, heart_rate(50, ago(minutes), id=id))
            query = "/fhir/Observation?code=interaction-av-nodal&status=final"
            (alert,) = everything(client, query)
            assert alert["derivedFrom"] == [{"reference": "Observation/first"}]
            assert alert["meta"]["versionId"] == "1"
