"""Nobody's reading is lost to an alert, and no alert to a reading: an id that is taken is told to who comes second."""

from typing import Any

import httpx

from tests.build import ago, bundle, entry, panel
from tests.fhir_client import everything


def low(id: str, at: str) -> dict[str, Any]:
    return {**panel(84, 50, at), "id": id}


def taken(client: httpx.Client, reading: dict[str, Any]) -> str:
    """The id of the alert that the reading will raise."""
    answer = client.post("/fhir/$evaluate", json=bundle("collection", {"resource": reading}))
    return str(answer.json()["entry"][0]["resource"]["id"])


def test_a_reading_under_the_id_of_an_alert_to_come_is_kept_and_the_conflict_told(
    client: httpx.Client,
) -> None:
    reading = low("r1", ago(9))
    id = taken(client, reading)
    squatter = {**panel(120, 80, ago(20), "p2"), "id": id}
    assert client.put(f"/fhir/Observation/{id}", json=squatter).status_code == 201
    refused = client.put("/fhir/Observation/r1", json=reading)
    assert refused.status_code == 422
    assert refused.json()["issue"][0]["details"]["coding"][0]["code"] == "alert-id-taken"
    assert client.get(f"/fhir/Observation/{id}").json()["component"] == squatter["component"]
    assert client.get("/fhir/Observation/r1").status_code == 404
    assert client.delete(f"/fhir/Observation/{id}").status_code == 204
    assert client.put("/fhir/Observation/r1", json=reading).status_code == 201
    (alert,) = everything(client, "/fhir/Observation?category=alert")
    assert (alert["id"], alert["meta"]["versionId"]) == (id, "3")


def test_the_same_in_one_transaction_keeps_neither(client: httpx.Client) -> None:
    reading = low("r1", ago(9))
    id = taken(client, reading)
    squatter = {**panel(120, 80, ago(20), "p2"), "id": id}
    both = [entry(doc, "PUT", f"Observation/{doc['id']}") for doc in (reading, squatter)]
    answer = client.post("/fhir", json=bundle("transaction", *both))
    assert answer.status_code == 422, answer.text
    assert everything(client, "/fhir/Observation") == []


def test_a_neighbour_in_the_same_batch_is_kept(client: httpx.Client) -> None:
    reading = low("r1", ago(9))
    id = taken(client, reading)
    squatter = {**panel(120, 80, ago(20), "p2"), "id": id}
    client.put(f"/fhir/Observation/{id}", json=squatter)
    docs = (reading, low("r2", ago(8)))
    entries = [entry(doc, "PUT", f"Observation/{doc['id']}") for doc in docs]
    answer = client.post("/fhir", json=bundle("batch", *entries)).json()
    assert [item["response"]["status"][:3] for item in answer["entry"]] == ["422", "201"]
