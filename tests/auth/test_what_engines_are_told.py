"""Consumers and Subscriptions reach what their client may read, and no other client's."""

from typing import Any

import httpx
import pytest

from tests.auth.flow import ALERTS, EVERYTHING, Ward
from tests.build import ago, panel
from tests.delivery.subscribing import subscription, topical
from tests.fhir_client import resources

CATEGORY = "category=https://clonidine-watch.org/fhir/CodeSystem/observation-category|alert"
HTTPS = "https://engine.example.org/hook"
SUBSCRIBE = "system/Subscription.cruds"
OF_P1 = "system/Observation.rs?patient=Patient/p1"


def poll(ward: Ward, headers: dict[str, str], more: str = "") -> httpx.Response:
    return ward.client.post(f"/fhir/$poll?consumer=pager&from=beginning{more}", headers=headers)


@pytest.fixture
def kept(ward: Ward) -> Ward:
    headers = ward.headers(EVERYTHING)
    for patient in ("p1", "p2"):
        doc = panel(84, 50, ago(5), patient)
        assert ward.client.post("/fhir/Observation", json=doc, headers=headers).status_code == 201
    return ward


def test_a_consumer_is_given_what_its_client_may_read(kept: Ward) -> None:
    page = poll(kept, kept.headers(OF_P1)).json()
    assert [one["subject"]["reference"] for one in resources(page)] == ["Patient/p1"]
    assert len(resources(poll(kept, kept.headers(ALERTS)).json())) == 2


def test_clients_do_not_move_each_others_consumers(kept: Ward) -> None:
    one, other = kept.headers(ALERTS), kept.headers(ALERTS)
    page = poll(kept, one).json()
    links = {link["relation"]: link["url"] for link in page["link"]}
    cursor = links["ack"].partition("cursor=")[2]
    assert "consumer=pager&" in links["ack"]
    assert len(resources(poll(kept, other).json())) == 2
    refused = kept.client.post(f"/fhir/$ack?consumer=pager&cursor={cursor}", headers=other)
    assert refused.status_code == 409, refused.text
    assert kept.client.post(f"/fhir/$ack?consumer=pager&cursor={cursor}", headers=one).status_code == 200
    assert resources(poll(kept, one).json()) == []
    assert len(resources(poll(kept, other).json())) == 2
    listed = kept.client.get("/fhir/$consumers", headers=one).json()["parameter"]
    assert [part["valueString"] for one in listed for part in one["part"] if part["name"] == "name"] == [
        "pager"
    ]


@pytest.mark.parametrize("path", ["$poll?consumer=pager", "$consumers", "$consumer-remove?consumer=pager"])
def test_without_observations_there_is_no_consumer(sqlite_ward: Ward, path: str) -> None:
    method = "GET" if path == "$consumers" else "POST"
    assert sqlite_ward.ask(method, f"/fhir/{path}", "system/Patient.rs").status_code == 403


@pytest.mark.parametrize(
    ("scopes", "doc", "status"),
    [
        ((ALERTS, SUBSCRIBE), subscription(HTTPS, f"Observation?{CATEGORY}"), 201),
        ((ALERTS, SUBSCRIBE), subscription(HTTPS, f"Observation?{CATEGORY}&patient=Patient/p1"), 201),
        ((ALERTS, SUBSCRIBE), topical(HTTPS), 201),
        ((ALERTS, SUBSCRIBE), subscription(HTTPS, "Observation?category=alert"), 403),
        ((ALERTS, SUBSCRIBE), subscription(HTTPS, "Observation?code=85354-9"), 403),
        ((ALERTS, SUBSCRIBE), subscription(HTTPS, f"Observation?{CATEGORY},vital-signs"), 403),
        ((ALERTS, SUBSCRIBE), subscription(HTTPS, f"Observation?category:not={CATEGORY[9:]}"), 403),
        ((ALERTS, SUBSCRIBE), subscription(HTTPS, "Patient?name=A"), 403),
        ((OF_P1, SUBSCRIBE), topical(HTTPS), 403),
        ((OF_P1, SUBSCRIBE), topical(HTTPS, "id-only", "Observation?patient=Patient/p1"), 201),
        (("system/Observation.s", SUBSCRIBE), subscription(HTTPS, f"Observation?{CATEGORY}"), 403),
        ((ALERTS,), subscription(HTTPS, f"Observation?{CATEGORY}"), 403),
        ((EVERYTHING,), subscription(HTTPS, "Observation?code=85354-9"), 201),
    ],
)
def test_a_subscription_is_told_of_no_more_than_its_maker_may_read(
    sqlite_ward: Ward, scopes: tuple[str, ...], doc: dict[str, Any], status: int
) -> None:
    answer = sqlite_ward.ask("POST", "/fhir/Subscription", *scopes, json=doc)
    assert answer.status_code == status, answer.text


def test_what_it_is_told_of_cannot_be_widened_later(sqlite_ward: Ward) -> None:
    headers = sqlite_ward.headers(ALERTS, SUBSCRIBE)
    doc = subscription(HTTPS, f"Observation?{CATEGORY}")
    id = sqlite_ward.client.post("/fhir/Subscription", json=doc, headers=headers).json()["id"]
    wider = {**subscription(HTTPS, "Observation?code=85354-9"), "id": id}
    put = sqlite_ward.client.put(f"/fhir/Subscription/{id}", json=wider, headers=headers)
    patch = [{"op": "replace", "path": "/criteria", "value": "Observation?code=85354-9"}]
    patched = sqlite_ward.client.patch(
        f"/fhir/Subscription/{id}",
        json=patch,
        headers={**headers, "Content-Type": "application/json-patch+json"},
    )
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"resource": wider, "request": {"method": "PUT", "url": f"Subscription/{id}"}}],
    }
    batch = sqlite_ward.client.post("/fhir", json=bundle, headers=headers).json()
    assert (put.status_code, patched.status_code) == (403, 403)
    assert batch["entry"][0]["response"]["status"].startswith("403")


def test_events_are_told_again_to_those_who_may_read_them(kept: Ward) -> None:
    id = kept.ask("POST", "/fhir/Subscription", EVERYTHING, json=topical(HTTPS)).json()["id"]
    path = f"/fhir/Subscription/{id}/$events"
    assert kept.ask("GET", path, "system/Subscription.rs").status_code == 200
    assert kept.ask("GET", path, ALERTS).status_code == 403
    assert kept.ask("GET", f"/fhir/Subscription/{id}/$status", ALERTS).status_code == 403


def test_acknowledging_needs_the_tasks(kept: Ward) -> None:
    alert = kept.ask("GET", "/fhir/Observation?category=alert", ALERTS).json()["entry"][0]["resource"]["id"]
    said = {"resourceType": "Parameters", "parameter": [{"name": "action", "valueCode": "5"}]}
    path = f"/fhir/Observation/{alert}/$acknowledge"
    assert kept.ask("POST", path, ALERTS, json=said).status_code == 403
    assert kept.ask("POST", path, ALERTS, "system/Task.ru?patient=Patient/p1", json=said).status_code == 403
    assert kept.ask("POST", path, ALERTS, "system/Task.ru", json=said).status_code == 200
