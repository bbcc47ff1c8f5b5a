"""Conditional update and deletion find their one resource when they are written, whoever else writes."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.build import panel
from tests.fhir_client import everything, rule

CRITERIA = "identifier=urn:x|m1"
ADDRESS = f"/fhir/Observation?{CRITERIA}"
NAMED = [{"system": "urn:x", "value": "m1"}]


def _reading(systolic: int = 120, **more: Any) -> dict[str, Any]:
    return panel(systolic, 80, "2026-01-01T10:00:00Z", identifier=NAMED, **more)


def test_an_update_that_finds_nothing_creates_then_updates_what_it_made(client: httpx.Client) -> None:
    first = client.put(ADDRESS, json=_reading(120))
    second = client.put(ADDRESS, json=_reading(121))
    same = client.put(ADDRESS, json=_reading(121))
    assert [answer.status_code for answer in (first, second, same)] == [201, 200, 200]
    assert second.json()["id"] == first.json()["id"]
    assert second.headers["etag"] == same.headers["etag"] == 'W/"2"'
    assert len(everything(client, ADDRESS)) == 1


def test_the_id_in_the_body_is_used_or_has_to_agree(client: httpx.Client) -> None:
    made = client.put(ADDRESS, json=_reading(120, id="o1"))
    assert (made.status_code, made.json()["id"]) == (201, "o1")
    assert client.put(ADDRESS, json=_reading(121, id="o1")).status_code == 200
    other = client.put(ADDRESS, json=_reading(122, id="o2"))
    assert other.status_code == 400
    assert other.json()["issue"][0]["expression"] == ["Observation.id"]
    taken = client.put("/fhir/Observation?identifier=urn:x|m2", json=panel(120, 80, id="o1"))
    assert taken.status_code == 409
    assert "o1" in taken.json()["issue"][0]["details"]["text"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_criteria_that_match_several_are_refused_with_their_number(client: httpx.Client, method: str) -> None:
    for _ in range(3):
        client.post("/fhir/Observation", json=_reading())
    patch = [{"op": "remove", "path": "/identifier"}]
    body = {"PUT": _reading(121), "PATCH": patch, "DELETE": None}[method]
    kind = {"Content-Type": "application/json-patch+json"} if method == "PATCH" else {}
    answer = client.request(method, ADDRESS, json=body, headers=kind)
    assert answer.status_code == 412
    assert "matches 3 resources" in answer.json()["issue"][0]["details"]["text"]
    assert len(everything(client, ADDRESS)) == 3


def test_a_deletion_takes_the_one_that_is_found_and_its_alerts(client: httpx.Client) -> None:
    kept = client.post("/fhir/Observation", json=_reading(84)).json()
    assert client.delete(ADDRESS, headers={"If-Match": 'W/"7"'}).status_code == 412
    assert [client.delete(ADDRESS).status_code for _ in range(2)] == [204, 204]
    assert client.get(f"/fhir/Observation/{kept['id']}").status_code == 410
    assert everything(client, "/fhir/Observation?category=alert&status=final") == []


@pytest.mark.parametrize("asked", ["", "?", "?_count=1", "?nonsense=1", f"?{CRITERIA}&_sort=date"])
def test_criteria_must_be_a_search(sqlite_client: httpx.Client, asked: str) -> None:
    for method in ("PUT", "DELETE"):
        body = _reading() if method == "PUT" else None
        answer = sqlite_client.request(method, f"/fhir/Observation{asked}", json=body)
        assert answer.status_code == 400, answer.text


def test_an_alert_is_not_reached_by_criteria_either(client: httpx.Client) -> None:
    client.post("/fhir/Observation", json=panel(84, 58))
    (alert,) = everything(client, "/fhir/Observation?category=alert")
    assert client.delete("/fhir/Observation?category=alert").status_code == 422
    assert client.put(f"/fhir/Observation?_id={alert['id']}", json=_reading()).status_code == 422
    assert rule(client.get(f"/fhir/Observation/{alert['id']}").json()) == "hypotension"


def test_if_none_match_lets_an_update_create_alone(client: httpx.Client) -> None:
    only = {"If-None-Match": "*"}
    reading = _reading(120, id="o1")
    statuses = [client.put("/fhir/Observation/o1", json=reading, headers=only).status_code for _ in range(2)]
    assert statuses == [201, 412]
    assert client.put(ADDRESS, json=_reading(121), headers=only).status_code == 412
    client.delete("/fhir/Observation/o1")
    assert client.put("/fhir/Observation/o1", json=reading, headers=only).status_code == 201


def test_creations_under_one_id_at_once_make_one(client: httpx.Client) -> None:
    def put(systolic: int) -> int:
        reading = _reading(systolic, id="o1")
        return client.put("/fhir/Observation/o1", json=reading, headers={"If-None-Match": "*"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(put, range(100, 116))) == [201, *[412] * 15]


def test_conditional_requests_of_different_kinds_at_once_make_one_resource(client: httpx.Client) -> None:
    """Updates and creations with the same criteria meet at one lock."""

    def write(at: int) -> int:
        if at % 2:
            return client.put(ADDRESS, json=_reading(100 + at)).status_code
        condition = {"If-None-Exist": CRITERIA}
        return client.post("/fhir/Observation", json=_reading(100 + at), headers=condition).status_code

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(write, range(24))) == [200] * 23 + [201]
    (kept,) = everything(client, ADDRESS)
    assert int(kept["meta"]["versionId"]) >= 12


def test_deletions_and_updates_at_once_leave_one_or_none(client: httpx.Client) -> None:
    def write(at: int) -> int:
        answer = client.put(ADDRESS, json=_reading(100 + at)) if at % 2 else client.delete(ADDRESS)
        return answer.status_code

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(write, range(36))) <= {200, 201, 204}
    assert len(everything(client, ADDRESS)) <= 1
