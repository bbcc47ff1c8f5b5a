"""What one client could learn of the others', or of a record beyond its scopes, by asking round the corner."""

from typing import Any

import pytest

from tests.auth.flow import ALERTS, EVERYTHING, Ward, bearer, register
from tests.build import ago, heart_rate, panel
from tests.delivery.subscribing import subscription
from tests.fhir_client import resources

OF_P1 = "system/Observation.rs?patient=Patient/p1"
SAID = {
    "resourceType": "Parameters",
    "parameter": [
        {"name": "action", "valueCode": "5"},
        {"name": "who", "valueReference": {"reference": "Practitioner/x"}},
    ],
}


@pytest.fixture
def kept(ward: Ward) -> Ward:
    headers = ward.headers(EVERYTHING)
    docs: tuple[dict[str, Any], ...] = (
        {"resourceType": "Patient", "id": "p1", "identifier": [{"system": "urn:mrn", "value": "7"}]},
        {"resourceType": "Patient", "id": "p2", "identifier": [{"system": "urn:mrn", "value": "8"}]},
        {**panel(84, 50, ago(5), "p1"), "id": "one"},
        {**panel(84, 50, ago(5), "p2"), "id": "two"},
        {**heart_rate(70, ago(9)), "id": "gone"},
    )
    for doc in docs:
        answer = ward.client.put(f"/fhir/{doc['resourceType']}/{doc['id']}", json=doc, headers=headers)
        assert answer.status_code == 201, answer.text
    ward.client.delete("/fhir/Observation/gone", headers=headers)
    return ward


def poll(ward: Ward, headers: dict[str, str], consumer: str = "pager", count: int = 100) -> Any:
    path = f"/fhir/$poll?consumer={consumer}&from=beginning&_count={count}"
    answer = ward.client.post(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def listed(ward: Ward, headers: dict[str, str]) -> dict[str, int]:
    """The consumers that a client is shown, each with how many alerts wait."""
    found = ward.client.get("/fhir/$consumers", headers=headers).json().get("parameter", [])
    parts = [{part["name"]: part for part in one["part"]} for one in found]
    return {one["name"]["valueString"]: one["alerts"]["valueUnsignedInt"] for one in parts}


def test_what_waits_for_a_consumer_is_counted_within_its_clients_scope(kept: Ward) -> None:
    """The number alone would tell of every patient's alerts."""
    everybody, narrow = kept.headers(ALERTS), kept.headers(OF_P1)
    mine = len(resources(poll(kept, narrow)))
    assert len(resources(poll(kept, everybody))) == 2 * mine > 0
    assert (listed(kept, narrow), listed(kept, everybody)) == ({"pager": mine}, {"pager": 2 * mine})


def test_a_client_whose_name_begins_with_anothers_is_another(kept: Ward, database_url: str) -> None:
    short, long = (
        bearer(register(database_url, name, ALERTS).token(kept.client)) for name in ("ward", "ward~east")
    )
    poll(kept, long, "secret")
    assert (listed(kept, short), [*listed(kept, long)]) == ({}, ["secret"])


def test_one_client_leaves_consumers_to_the_others(kept: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred are kept: the pager would find none left."""
    monkeypatch.setattr("models.store.consumers.MOST_OF_CLIENT", 2)
    greedy, pager = kept.headers(ALERTS), kept.headers(ALERTS)
    for name in ("one", "two", "one"):
        poll(kept, greedy, name)
    third = kept.client.post("/fhir/$poll?consumer=three", headers=greedy)
    assert (third.status_code, "$consumer-remove" in third.text) == (409, True)
    poll(kept, pager)
    assert kept.client.post("/fhir/$consumer-remove?consumer=one", headers=greedy).is_success
    poll(kept, greedy, "three")


def test_what_may_not_be_searched_may_not_be_polled_or_told(kept: Ward) -> None:
    """Alerts of whoever bears an identifier would tell who that is."""
    headers, whose = kept.headers(ALERTS, "system/Subscription.c"), "patient:identifier=urn:mrn|7"
    assert kept.client.get(f"/fhir/Observation?{whose}", headers=headers).status_code == 403
    assert kept.client.post(f"/fhir/$poll?consumer=pager&{whose}", headers=headers).status_code == 403
    assert listed(kept, headers) == {}, "a poll that is refused begins nothing"
    doc = subscription("https://engine.example.org/hook", f"Observation?{ALERTS.partition('?')[2]}&{whose}")
    assert kept.client.post("/fhir/Subscription", json=doc, headers=headers).status_code == 403
    knowing = (ALERTS, "system/Subscription.c", "system/Patient.s")
    assert kept.ask("POST", "/fhir/Subscription", *knowing, json=doc).status_code == 201


@pytest.mark.parametrize("id", ["one", "gone"])
def test_acknowledging_tells_of_no_reading(kept: Ward, id: str) -> None:
    """Whoever may change Tasks may acknowledge alerts; whether a reading is there is for those who may read it."""

    def told(id: str, *scopes: str) -> tuple[int, str]:
        answer = kept.ask("POST", f"/fhir/Observation/{id}/$acknowledge", *scopes, json=SAID)
        return answer.status_code, answer.text.replace(id, "ID")

    for scopes in (("system/Task.cruds",), ("system/Task.cruds", ALERTS)):
        assert told(id, *scopes) == told("unknown", *scopes)
    assert told(id, EVERYTHING)[0] == {"one": 422, "gone": 410}[id]
    alerts = resources(kept.ask("GET", "/fhir/Observation?category=alert&patient=p1", ALERTS).json())
    assert told(alerts[0]["id"], "system/Task.cruds")[0] == 200


def test_a_client_of_one_patient_claims_no_others_readings(kept: Ward) -> None:
    """What was sent under an identifier belongs to the Patient who bears it: it would be read by claiming that."""
    orphan = {**heart_rate(70, ago(3)), "subject": {"identifier": {"system": "urn:mrn", "value": "9"}}}
    assert kept.ask("POST", "/fhir/Observation", EVERYTHING, json=orphan).status_code == 201
    narrow, patch = "system/Patient.crud?_id=p1,p3", "application/json-patch+json"
    own = {"system": "urn:mrn", "value": "7"}

    def put(*names: dict[str, str], id: str = "p1", more: str = OF_P1) -> int:
        doc = {"resourceType": "Patient", "id": id, "gender": "female"} | (
            {"identifier": [*names]} if names else {}
        )
        return kept.ask("PUT", f"/fhir/Patient/{id}", narrow, more, json=doc).status_code

    claims = [{"system": "urn:mrn", "value": value} for value in ("9", "8", "unknown")]
    assert [put(own, claim) for claim in claims] == [403, 403, 403]
    assert [put(claim, id="p3") for claim in claims] == [403, 403, 403]
    add = [{"op": "add", "path": "/identifier/-", "value": claims[0]}]
    headers = {"Content-Type": patch}
    assert kept.ask("PATCH", "/fhir/Patient/p1", narrow, json=add, headers=headers).status_code == 403
    assert [put(own), put()] == [200, 200], "what it bears it may keep, and lose"
    assert put(own) == 403, "lost, it is anybody's"
    assert put(claims[0], more="system/Patient.s") == 200


def test_a_writer_learns_of_no_patients_identifiers(kept: Ward) -> None:
    """Whose identifier it is, is for those who may search the Patients."""

    def post(value: str, *scopes: str) -> int:
        doc = {**heart_rate(70, ago(3)), "subject": {"identifier": {"system": "urn:mrn", "value": value}}}
        return kept.ask("POST", "/fhir/Observation", *scopes, json=doc).status_code

    narrow = "system/Observation.c?patient=Patient/p1"
    assert [post(value, narrow) for value in ("7", "8", "unknown")] == [403, 403, 403]
    knowing = (narrow, "system/Patient.s")
    assert [post(value, *knowing) for value in ("7", "8", "unknown")] == [201, 403, 403]
    assert post("8", "system/Observation.c") == 201, "of a scope that is not narrowed nothing depends on it"
