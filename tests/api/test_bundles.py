"""batch and transaction."""

from typing import Any

import httpx

from tests.build import RXNORM, ago, bundle, concept, dose, entry, order, panel
from tests.fhir_client import everything, resources, rule

MRN = {"system": "urn:mrn", "value": "1"}


def _post(client: httpx.Client, doc: dict[str, Any], **headers: str) -> httpx.Response:
    return client.post("/fhir", json=doc, headers=headers)


def test_references_among_the_entries_of_a_transaction_are_resolved(client: httpx.Client) -> None:
    person = {**entry({"resourceType": "Patient", "identifier": [MRN]}), "fullUrl": "urn:uuid:a"}
    reading = entry({**panel(84, 58), "subject": {"reference": "urn:uuid:a"}})
    answer = _post(client, bundle("transaction", reading, person))
    assert answer.status_code == 200
    first, second = answer.json()["entry"]
    assert (first["response"]["status"], second["response"]["status"]) == ("201 Created", "201 Created")
    assert first["response"]["outcome"]["issue"][0]["code"] == "business-rule"
    patient = "/".join(second["response"]["location"].split("/")[-4:-2])
    (kept,) = everything(client, f"/fhir/Observation?patient={patient}&category=vital-signs")
    assert kept["subject"]["reference"] == patient


def test_an_entry_is_named_in_elements_of_type_uri_too(client: httpx.Client) -> None:
    """And nowhere else: an identifier can be a URN of its own."""
    person = {**entry({"resourceType": "Patient", "identifier": [MRN]}), "fullUrl": "urn:uuid:a"}
    link = {"url": "https://example.org/x", "valueUri": "urn:uuid:a"}
    named = {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:a"}
    reading = entry({**panel(120, 80), "extension": [link], "identifier": [named]})
    answer = _post(client, bundle("transaction", reading, person)).json()
    patient = "/".join(answer["entry"][1]["response"]["location"].split("/")[-4:-2])
    (kept,) = everything(client, "/fhir/Observation")
    assert (kept["extension"], kept["identifier"]) == ([{**link, "valueUri": patient}], [named])


def test_a_transaction_with_one_bad_entry_leaves_nothing(client: httpx.Client) -> None:
    bad = {**panel(120, 80), "status": "bogus"}
    answer = _post(client, bundle("transaction", entry(panel(84, 58)), entry(bad)))
    assert answer.status_code == 422
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[1].resource.status"]
    assert everything(client, "/fhir/Observation") == []


def test_a_transaction_that_fails_while_it_is_committed_leaves_nothing(client: httpx.Client) -> None:
    client.put("/fhir/Observation/o1", json={**panel(120, 80), "id": "o1"})
    stale = entry({**panel(121, 80), "id": "o1"}, "PUT", "Observation/o1", ifMatch='W/"9"')
    answer = _post(client, bundle("transaction", entry(panel(84, 58)), stale))
    assert answer.status_code == 412
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[1]"]
    assert len(everything(client, "/fhir/Observation")) == 1


def test_the_entries_of_a_batch_stand_for_themselves(client: httpx.Client) -> None:
    bad = {**panel(120, 80), "status": "bogus"}
    gone = {"request": {"method": "DELETE", "url": "Observation/none"}}
    odd = {"request": {"method": "POST", "url": "Observation/o1"}}
    answer = _post(client, bundle("batch", entry(panel(84, 58)), entry(bad), gone, odd))
    assert answer.status_code == 200
    statuses = [item["response"]["status"][:3] for item in answer.json()["entry"]]
    assert statuses == ["201", "422", "204", "400"]
    assert answer.json()["entry"][1]["response"]["outcome"]["issue"][0]["expression"] == [
        "Bundle.entry[1].resource.status"
    ]


def test_conditional_creates_of_one_transaction_see_each_other(client: httpx.Client) -> None:
    reading = panel(120, 80, identifier=[{"system": "urn:x", "value": "m1"}])
    same = [entry(reading, ifNoneExist="identifier=urn:x|m1") for _ in range(2)]
    answer = _post(client, bundle("transaction", *same))
    assert [item["response"]["status"][:3] for item in answer.json()["entry"]] == ["201", "200"]


def test_a_transaction_writes_a_resource_once(client: httpx.Client) -> None:
    twice = [entry({**panel(120 + at, 80), "id": "o1"}, "PUT", "Observation/o1") for at in range(2)]
    assert _post(client, bundle("transaction", *twice)).status_code == 422


def test_representations_come_when_they_are_asked_for(client: httpx.Client) -> None:
    asked = bundle("batch", entry(panel(120, 80)))
    assert (
        resources(_post(client, asked, Prefer="return=representation").json())[0]["meta"]["versionId"] == "1"
    )
    assert "resource" not in _post(client, asked).json()["entry"][0]


def test_an_empty_bundle_is_answered_with_one(client: httpx.Client) -> None:
    for kind in ("batch", "transaction"):
        answer = _post(client, {"resourceType": "Bundle", "type": kind})
        assert answer.json() == {"resourceType": "Bundle", "type": f"{kind}-response"}


def test_a_medication_that_comes_after_its_doses_is_judged_then(client: httpx.Client) -> None:
    """An order by reference is nothing that is known, until the product turns out to be clonidine."""
    for doc in (order(0.4, 6, ago(600)), dose(0.4, ago(300))):
        del doc["medicationCodeableConcept"]
        doc["medicationReference"] = {"reference": "Medication/m1"}
        assert client.post(f"/fhir/{doc['resourceType']}", json=doc).status_code == 201
    assert everything(client, "/fhir/Observation?category=alert") == []
    clonidine = {"resourceType": "Medication", "id": "m1", "code": concept("884173", RXNORM)}
    assert client.put("/fhir/Medication/m1", json=clonidine).status_code == 201
    assert "single-dose-exceeded" in {
        rule(alert) for alert in everything(client, "/fhir/Observation?category=alert")
    }
    other = {**clonidine, "code": concept("6918", RXNORM)}
    assert client.put("/fhir/Medication/m1", json=other).status_code == 200
    final = everything(client, "/fhir/Observation?category=alert&status=final")
    assert final == []


def test_references_to_what_is_there_already_lead_to_it(client: httpx.Client) -> None:
    person = {"resourceType": "Patient", "identifier": [MRN]}
    known = {**entry(person, ifNoneExist="identifier=urn:mrn|1"), "fullUrl": "urn:uuid:a"}
    again = {**known, "fullUrl": "urn:uuid:b"}
    first = client.post("/fhir/Patient", json=person).json()["id"]
    readings = [entry({**panel(84, 58), "subject": {"reference": f"urn:uuid:{name}"}}) for name in "ab"]
    answer = _post(client, bundle("transaction", *readings, known, again))
    assert [item["response"]["status"][:3] for item in answer.json()["entry"]] == ["201", "201", "200", "200"]
    assert len(everything(client, f"/fhir/Observation?patient={first}&category=vital-signs")) == 2


def test_a_refusal_of_a_single_entry_names_it_too(client: httpx.Client) -> None:
    nobody = panel(84, 58)
    nobody["subject"] = {"display": "bed 3"}
    answer = _post(client, bundle("transaction", entry(nobody)))
    assert answer.status_code == 422
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[0].resource.subject"]
