"""`$evaluate` says what the stored record would say, and what it cannot judge it refuses."""

from typing import Any

import httpx
import pytest

from tests.build import ago, bundle, order, panel
from tests.fhir_client import everything, resources, rule

LYING, STANDING = "40199007", "10904000"
LIES, STANDS, PATIENT = (f"urn:uuid:{number}0000000-0000-4000-8000-000000000000" for number in (1, 2, 3))
MRN = {"system": "urn:mrn", "value": "77"}


def judged(client: httpx.Client, *docs: dict[str, Any], urls: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    sent = [{"resource": doc} for doc in docs]
    for item, url in zip(sent, urls, strict=False):
        item["fullUrl"] = url
    answer = client.post("/fhir/$evaluate", json=bundle("collection", *sent))
    assert answer.status_code == 200, answer.text
    return resources(answer.json())


def refusal(client: httpx.Client, status: int, *docs: Any) -> dict[str, Any]:
    answer = client.post("/fhir/$evaluate", json=bundle("collection", *({"resource": doc} for doc in docs)))
    assert answer.status_code == status, answer.text
    (issue,) = answer.json()["issue"]
    assert isinstance(issue, dict)
    return issue


def pair(subject: dict[str, Any]) -> list[dict[str, Any]]:
    """A lying reading of `subject`, a standing one of Patient/p9, and the Patient."""
    lying = {**panel(130, 80, ago(9), "p9", LYING), "id": "l", "subject": subject}
    standing = {**panel(105, 66, ago(7), "p9", STANDING), "id": "s"}
    return [lying, standing, {"resourceType": "Patient", "id": "p9", "identifier": [MRN]}]


def named(client: httpx.Client) -> list[dict[str, Any]]:
    own = f"{client.base_url}/fhir/Patient/p9".replace("//fhir", "/fhir")
    return [{"reference": "Patient/p9"}, {"reference": own}, {"identifier": MRN}, {"reference": PATIENT}]


def test_one_patient_is_one_however_the_bundle_names_them(sqlite_client: httpx.Client) -> None:
    for subject in named(sqlite_client):
        found = judged(sqlite_client, *pair(subject), urls=(LIES, STANDS, PATIENT))
        assert "orthostatic-hypotension" in {rule(alert) for alert in found}, subject


def test_it_gives_the_ids_that_the_stored_record_gives(sqlite_client: httpx.Client) -> None:
    docs = pair(named(sqlite_client)[1])
    expected = {alert["id"] for alert in judged(sqlite_client, *docs)}
    for doc in docs:
        sqlite_client.put(f"/fhir/{doc['resourceType']}/{doc['id']}", json=doc)
    stored = everything(sqlite_client, "/fhir/Observation?category=alert&status=final")
    assert {alert["id"] for alert in stored} == expected != set()


@pytest.mark.parametrize("type", [{"a": 1}, ["Observation"], 5, None, "Claim"])
def test_what_is_no_type_is_refused(sqlite_client: httpx.Client, type: Any) -> None:
    issue = refusal(sqlite_client, 422, {"resourceType": type})
    assert issue["expression"] == ["Bundle.entry[0]"]


def test_two_readings_under_one_id_are_refused_and_one_sent_twice_is_one(sqlite_client: httpx.Client) -> None:
    low = {**panel(84, 50, ago(9)), "id": "1"}
    issue = refusal(sqlite_client, 422, low, {**low, "status": "amended"})
    assert issue["expression"] == ["Bundle.entry[1]"]
    assert len(judged(sqlite_client, low, low)) == 1


@pytest.mark.parametrize("subject", [{"display": "x"}, {"reference": "#p"}])
def test_a_reading_of_nobody_is_refused_as_a_write_is(
    sqlite_client: httpx.Client, subject: dict[str, str]
) -> None:
    reading = {**panel(84, 50, ago(9)), "subject": subject}
    if "reference" in subject:
        reading["contained"] = [{"resourceType": "Patient", "id": "p"}]
    issue = refusal(sqlite_client, 422, reading)
    assert issue["details"]["coding"][0]["code"] == "watchable-subject"


def test_two_instants_are_refused(sqlite_client: httpx.Client) -> None:
    answer = sqlite_client.post("/fhir/$evaluate?at=2026&at=2027", json=bundle("collection"))
    assert answer.status_code == 400


@pytest.mark.parametrize(("value", "unit"), [(8_000, "a"), (10**12, "d"), (3_000_000, "mo")])
def test_bounds_that_last_for_ever_are_no_end(sqlite_client: httpx.Client, value: int, unit: str) -> None:
    sent = order(0.5, 6, ago(60))
    repeat = sent["dosageInstruction"][0]["timing"]["repeat"]
    del repeat["boundsPeriod"]
    repeat["boundsDuration"] = {"value": value, "system": "http://unitsofmeasure.org", "code": unit}
    assert sqlite_client.post("/fhir/MedicationRequest", json=sent).status_code == 201
    assert {rule(alert) for alert in judged(sqlite_client, sent)} >= {"single-dose-exceeded"}
