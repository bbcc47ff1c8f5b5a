"""A patient is one patient, however a reading names them and whenever the Patient becomes known."""

import random
from typing import Any

import httpx
import pytest

from tests.build import ago, bundle, entry, panel
from tests.fhir_client import everything, rule, summary

LYING, STANDING = "40199007", "10904000"
MRN = {"system": "urn:mrn", "value": "7|8 ä"}
PERSON = {"resourceType": "Patient", "id": "p1", "identifier": [MRN]}
PAIR = [("orthostatic-hypotension", "moderate", "new")]


def _pair(first: dict[str, Any], second: dict[str, Any]) -> list[dict[str, Any]]:
    lying = panel(130, 80, ago(12), position=LYING)
    standing = panel(108, 72, ago(10), position=STANDING)
    return [{**lying, "id": "lying", "subject": first}, {**standing, "id": "standing", "subject": second}]


def _put(client: httpx.Client, doc: dict[str, Any]) -> None:
    answer = client.put(f"/fhir/{doc['resourceType']}/{doc['id']}", json=doc)
    assert answer.status_code in (200, 201), answer.text


def test_relative_and_absolute_references_name_the_same_patient(client: httpx.Client) -> None:
    absolute = {"reference": f"{str(client.base_url).rstrip('/')}/fhir/Patient/p1"}
    for doc in _pair({"reference": "Patient/p1/_history/2"}, absolute):
        _put(client, doc)
    assert summary(everything(client, "/fhir/Observation?category=alert&patient=p1")) == PAIR


def test_an_identifier_alone_names_a_patient(client: httpx.Client) -> None:
    for doc in _pair({"identifier": MRN}, {"identifier": {**MRN, "use": "official"}}):
        _put(client, doc)
    (alert,) = everything(client, "/fhir/Observation?category=alert&patient:identifier=urn:mrn|7\\|8%20ä")
    assert alert["subject"] == {"type": "Patient", "identifier": MRN}


@pytest.mark.parametrize("seed", range(6))
def test_an_identifier_and_the_patient_who_bears_it_are_one(client: httpx.Client, seed: int) -> None:
    docs = [PERSON, *_pair({"identifier": MRN}, {"reference": "Patient/p1"})]
    random.Random(seed).shuffle(docs)
    for doc in docs:
        _put(client, doc)
    for asked in ("patient=p1", "patient:identifier=urn:mrn|7\\|8%20ä"):
        found = everything(client, f"/fhir/Observation?category=alert&status=final&{asked}")
        assert summary(found) == PAIR
    assert found[0]["subject"] == {"reference": "Patient/p1"}


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_the_same_within_one_bundle(client: httpx.Client, kind: str) -> None:
    docs = [*_pair({"identifier": MRN}, {"reference": "Patient/p1"}), PERSON]
    entries = [entry(doc, "PUT", f"{doc['resourceType']}/{doc['id']}") for doc in docs]
    assert client.post("/fhir", json=bundle(kind, *entries)).status_code == 200
    found = everything(client, "/fhir/Observation?category=alert&status=final&patient=p1")
    assert [rule(alert) for alert in found] == ["orthostatic-hypotension"]


def test_a_patient_who_loses_the_identifier_loses_what_came_under_it(client: httpx.Client) -> None:
    for doc in [PERSON, *_pair({"identifier": MRN}, {"reference": "Patient/p1"})]:
        _put(client, doc)
    _put(client, {"resourceType": "Patient", "id": "p1", "active": True})
    assert everything(client, "/fhir/Observation?category=alert&status=final") == []
    assert [r["id"] for r in everything(client, "/fhir/Observation?patient=p1&category=vital-signs")] == [
        "standing"
    ]
    _put(client, PERSON)
    assert summary(everything(client, "/fhir/Observation?category=alert&status=final")) == PAIR


def test_an_identifier_that_two_patients_bear_names_neither(client: httpx.Client) -> None:
    for doc in [PERSON, {**PERSON, "id": "p2"}, *_pair({"identifier": MRN}, {"reference": "Patient/p1"})]:
        _put(client, doc)
    assert everything(client, "/fhir/Observation?category=alert&status=final") == []
    assert client.delete("/fhir/Patient/p2").status_code == 204
    assert summary(everything(client, "/fhir/Observation?category=alert&status=final")) == PAIR


def test_the_last_of_many_patients_who_bear_an_identifier_has_what_came_under_it(
    client: httpx.Client,
) -> None:
    """Copies of one patient are put in order by one transaction."""
    copies = [{**PERSON, "id": f"p{number}"} for number in range(1, 6)]
    for doc in (*copies, *_pair({"identifier": MRN}, {"identifier": MRN})):
        _put(client, doc)
    assert everything(client, "/fhir/Observation?patient=p5") == []
    bare = [{"resourceType": "Patient", "id": doc["id"]} for doc in copies[:-1]]
    entries = [entry(doc, "PUT", f"Patient/{doc['id']}") for doc in bare]
    assert client.post("/fhir", json=bundle("transaction", *entries)).status_code == 200
    found = everything(client, "/fhir/Observation?category=alert&status=final&patient=p5")
    assert summary(found) == PAIR
