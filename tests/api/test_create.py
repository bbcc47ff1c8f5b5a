"""create and conditional create."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.build import ago, panel
from tests.fhir_client import everything, resources, rule


def _post(client: httpx.Client, text: str, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(
        "/fhir/Observation", content=text, headers={"Content-Type": "application/fhir+json", **names}
    )


def test_a_low_reading_is_kept_and_names_its_alert(client: httpx.Client) -> None:
    answer = client.post("/fhir/Observation", json=panel(84, 50))
    assert answer.status_code == 201
    kept = answer.json()
    assert kept["meta"]["versionId"] == "1"
    assert answer.headers["etag"] == 'W/"1"'
    assert answer.headers["location"].endswith(f"/fhir/Observation/{kept['id']}/_history/1")
    assert answer.headers["last-modified"].endswith("GMT")
    address, relation = answer.headers["link"].split("; ")
    assert relation == 'rel="https://clonidine-watch.org/rel/alert"'
    assert rule(client.get(address.strip("<>")).json()) == "hypotension"


def test_what_was_sent_comes_back_to_the_digit(client: httpx.Client) -> None:
    text = (
        '{ "resourceType" : "Observation", "status":"final","code":{"text":"caf\\u00e9"},'
        '"effectiveDateTime":"2026-01-01T10:00:00.120+05:30",'
        '"subject":{"reference":"Patient/x"},'
        '"extension":[{"url":"urn:e","valueDecimal":1E-22}],'
        '"valueQuantity":{"value":120.500,"unit":"x"}}'
    )
    kept = client.get(_post(client, text).headers["location"]).text
    for part in ('"value":120.500', "1E-22", "2026-01-01T10:00:00.120+05:30", "café"):
        assert part in kept


def test_the_client_chooses_what_comes_back(client: httpx.Client) -> None:
    low = panel(84, 50)
    wish = {"Prefer": "return=minimal"}
    nothing = client.post("/fhir/Observation", json=low, headers=wish)
    assert (nothing.content, nothing.headers.get("content-type")) == (b"", None)
    assert client.head(nothing.headers["location"]).headers["content-type"]
    wish = {"Prefer": "handling=strict; return=OperationOutcome"}
    outcome = client.post("/fhir/Observation", json=low, headers=wish).json()
    issue = next(issue for issue in outcome["issue"] if issue["code"] == "business-rule")
    assert issue["severity"] == "warning"
    assert issue["details"]["coding"][0]["code"] in {"hypotension", "hypotension-severe"}
    assert client.get(f"/fhir/{issue['diagnostics']}").status_code == 200
    wish = {"Prefer": "return=presentation"}
    assert client.post("/fhir/Observation", json=low, headers=wish).json()["resourceType"] == "Observation"


def test_a_resend_with_if_none_exist_makes_nothing_new(client: httpx.Client) -> None:
    reading = panel(84, 50, identifier=[{"system": "urn:x", "value": "m,1"}])
    condition = {"If-None-Exist": "identifier=urn:x|m\\,1"}
    first = client.post("/fhir/Observation", json=reading, headers=condition)
    again = client.post("/fhir/Observation", json=reading, headers=condition)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["location"] == first.headers["location"]
    assert len(everything(client, "/fhir/Observation?identifier=urn:x|m\\,1")) == 1


def test_identical_conditional_creates_at_once_make_one_resource(client: httpx.Client) -> None:
    reading = panel(84, 50, identifier=[{"system": "urn:x", "value": "m1"}])

    def post(_: int) -> int:
        condition = {"If-None-Exist": "identifier=urn:x|m1"}
        return client.post("/fhir/Observation", json=reading, headers=condition).status_code

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(post, range(24))) == [200] * 23 + [201]


def test_if_none_exist_that_fits_several_is_refused(client: httpx.Client) -> None:
    for minutes in (1, 2):
        client.post("/fhir/Observation", json=panel(120, 80, ago(minutes)))
    condition = {"If-None-Exist": "patient=p1"}
    assert client.post("/fhir/Observation", json=panel(120, 80), headers=condition).status_code == 412


@pytest.mark.parametrize("condition", ["", "nonsense=1", "_count=1", "date=yesterday"])
def test_if_none_exist_must_be_a_search(client: httpx.Client, condition: str) -> None:
    answer = client.post("/fhir/Observation", json=panel(120, 80), headers={"If-None-Exist": condition})
    assert answer.status_code == 400


def test_criteria_in_the_address_are_those_of_if_none_exist(client: httpx.Client) -> None:
    reading = panel(84, 50, identifier=[{"system": "urn:x", "value": "m 1"}])
    address = "/fhir/Observation?identifier=urn:x|m%201"
    first = client.post(address, json=reading)
    again = client.post(f"{address}&_format=json", json=reading)
    same = client.post("/fhir/Observation", json=reading, headers={"If-None-Exist": "identifier=urn:x|m%201"})
    assert [answer.status_code for answer in (first, again, same)] == [201, 200, 200]
    assert again.headers["location"] == same.headers["location"] == first.headers["location"]
    assert len(everything(client, address)) == 1
    assert client.post("/fhir/Observation?_format=json", json=reading).status_code == 201
    assert client.post(address, json=reading).status_code == 412


@pytest.mark.parametrize("asked", ["_count=1", "nonsense=1", "identifier=x&_sort=date", "date=yesterday"])
def test_criteria_in_the_address_must_be_a_search(sqlite_client: httpx.Client, asked: str) -> None:
    answer = sqlite_client.post(f"/fhir/Observation?{asked}", json=panel(120, 80))
    assert answer.status_code == 400
    assert everything(sqlite_client, "/fhir/Observation") == []


def test_criteria_are_given_in_one_place(sqlite_client: httpx.Client) -> None:
    condition = {"If-None-Exist": "identifier=urn:x|m1"}
    answer = sqlite_client.post(
        "/fhir/Observation?identifier=urn:x|m1", json=panel(120, 80), headers=condition
    )
    assert answer.status_code == 400
    assert "one of both" in answer.json()["issue"][0]["details"]["text"]


def test_submit_gives_the_reading_then_its_alerts(client: httpx.Client) -> None:
    answer = client.post("/fhir/Observation/$submit", json=panel(84, 58))
    assert answer.status_code == 200
    reading, alert = resources(answer.json())
    assert reading["code"]["coding"][0]["code"] == "85354-9"
    assert rule(alert) == "hypotension"
    assert alert["derivedFrom"] == [{"reference": f"Observation/{reading['id']}"}]


def test_a_vital_sign_of_nobody_is_refused(client: httpx.Client) -> None:
    nobody = panel(84, 50)
    for subject in (None, {"display": "bed 3"}):
        del nobody["subject"]
        if subject:
            nobody["subject"] = subject
        answer = client.post("/fhir/Observation", json=nobody)
        assert answer.status_code == 422
        assert answer.json()["issue"][0]["expression"] == ["Observation.subject"]
        nobody["subject"] = subject


def test_clients_cannot_write_or_change_alerts(client: httpx.Client) -> None:
    client.post("/fhir/Observation", json=panel(84, 50))
    (alert, *_) = everything(client, "/fhir/Observation?category=alert")
    address = f"/fhir/Observation/{alert['id']}"
    assert client.post("/fhir/Observation", json=alert).status_code == 422
    assert client.put(address, json=alert).status_code == 422
    assert client.put(address, json={**panel(120, 80), "id": alert["id"]}).status_code == 422
    assert client.delete(address).status_code == 422
    assert client.get(address).json() == alert
