"""The types beside readings and orders are kept and found, under the key of their patient."""

from typing import Any

import httpx
import pytest

from models.examples import example
from models.fhir.codec import dump, parse
from tests.fhir.bodies import GONE, changed
from tests.fhir.bodies_beside_readings import ALL, allergy, device, goal, provenance, task
from tests.fhir_client import everything

FINDING: dict[str, tuple[str, ...]] = {
    "AllergyIntolerance": ("patient=bed-3", "clinical-status=active", "category=environment", "criticality=low",
                           "type=allergy", "verification-status=confirmed", "date=2026-11-20"),
    "Goal": ("patient=bed-3", "subject=Patient/bed-3", "lifecycle-status=active", "category=safety",
             "achievement-status=in-progress", "start-date=ge2026-11"),
    "Device": ("patient=bed-3", "status=active",
               "identifier=urn:oid:1.3.6.1.4.1.32473.1.9|monitor-3"),
    "Task": ("patient=bed-3", "subject=Patient/bed-3", "status=requested", "intent=order", "priority=urgent",
             "code=fulfill", "focus=MedicationRequest/taper-bed-3", "owner=Practitioner/nurse-1",
             "requester=Practitioner/physician-1", "authored-on=2026-11-22"),
    "Provenance": ("target=Observation/bp-42", "target=Patient/bed-3", "patient=bed-3", "agent-type=author",
                   "agent=Practitioner/nurse-1", "recorded=2026-11-22"),
}  # fmt: skip
JSON = {"Content-Type": "application/fhir+json"}
FILES = {"AllergyIntolerance": "allergy-intolerance"}


def post(client: httpx.Client, doc: dict[str, Any]) -> httpx.Response:
    return client.post(f"/fhir/{doc['resourceType']}", content=dump(doc), headers=JSON)


@pytest.mark.parametrize("type", FINDING)
def test_each_is_found_by_its_parameters(client: httpx.Client, type: str) -> None:
    sent = example(FILES.get(type, type.lower())).document
    created = post(client, sent)
    assert created.status_code == 201, created.text
    for query in FINDING[type]:
        found = everything(client, f"/fhir/{type}?{query}")
        assert [one["id"] for one in found] == [created.json()["id"]], query
    assert everything(client, f"/fhir/{type}?{FINDING[type][0]}x") == []


@pytest.mark.parametrize("body", ALL, ids=lambda body: body["resourceType"])
def test_each_comes_back_as_it_was_sent_through_its_versions(
    sqlite_client: httpx.Client, body: dict[str, Any]
) -> None:
    path = f"/fhir/{body['resourceType']}/x"
    sent = dump({**body, "id": "x"})
    for status in (201, 200):
        answer = sqlite_client.put(path, content=sent, headers=JSON)
        assert answer.status_code == status
    kept = parse(sqlite_client.get(path).content)
    assert kept.pop("meta")["versionId"] == "1"
    assert kept == parse(sent)
    assert sqlite_client.delete(path).status_code == 204
    assert sqlite_client.get(path).status_code == 410
    assert len(sqlite_client.get(f"{path}/_history").json()["entry"]) == 2


def test_what_names_its_patient_by_identifier_moves_to_the_patient_who_bears_it(client: httpx.Client) -> None:
    mrn = {"identifier": {"system": "urn:mrn", "value": "7"}}
    docs = [
        {**allergy(), "patient": mrn},
        {**goal(), "subject": mrn},
        {**device(), "patient": mrn},
        {**task(), "for": mrn},
    ]
    for doc in docs:
        assert post(client, doc).status_code == 201
    assert client.get("/fhir/Patient/p7/$everything").status_code == 404
    person = {"resourceType": "Patient", "id": "p7", "identifier": [mrn["identifier"]]}
    assert client.put("/fhir/Patient/p7", json=person).status_code == 201
    found = everything(client, "/fhir/Patient/p7/$everything")
    assert [one["resourceType"] for one in found] == [
        "Patient",
        "AllergyIntolerance",
        "Goal",
        "Device",
        "Task",
    ]


def test_a_provenance_of_no_patient_is_kept_and_found_by_its_target(client: httpx.Client) -> None:
    assert post(client, changed(provenance(), {"target.1": GONE})).status_code == 201
    assert len(everything(client, "/fhir/Provenance?target=Observation/bp-42")) == 1
    assert everything(client, "/fhir/Provenance?patient=p1") == []
