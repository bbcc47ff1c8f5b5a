"""Who may look at the audit, what is found in it, and what does not stand there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.audit.trail import events, last, query, short
from tests.auth.flow import Ward
from tests.build import ago, bundle, entry, panel
from tests.fhir_client import follow, resources

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
IDENTIFIED = {"identifier": {"system": "urn:mrn", "value": "000731"}}


@pytest.fixture
def kept(audited: httpx.Client) -> httpx.Client:
    for id, patient in (("a", "p1"), ("b", "p2"), ("c", "p1")):
        doc = {**panel(120, 80, patient=patient), "id": id}
        assert audited.put(f"/fhir/Observation/{id}", json=doc).status_code == 201
    audited.get("/fhir/Observation/a")
    audited.get("/fhir/Observation/nobody")
    audited.delete("/fhir/Observation/c")
    audited.post("/fhir/Observation", json={**panel(120, 80), "subject": IDENTIFIED})
    return audited


def numbers(client: httpx.Client, path: str) -> list[int]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return [int(one["id"]) for one in resources(answer.json())]


FOUND = {
    "": [7, 6, 5, 4, 3, 2, 1],
    "patient=Patient/p1": [6, 4, 3, 1],
    "patient=p2": [2],
    "patient=p2,p1": [6, 4, 3, 2, 1],
    "patient:identifier=urn:mrn|000731": [7],
    "entity=Observation/a": [4, 1],
    "entity=Observation/nobody": [5],
    "patient=p1&entity=Observation/c": [6, 3],
    "action=R": [5, 4],
    "action=C,D": [7, 6],
    "outcome=4": [5],
    "outcome=http://terminology.hl7.org/CodeSystem/audit-event-outcome|4": [5],
    "subtype=update&outcome=0": [3, 2, 1],
    "agent=somebody": [],
    "date=lt2020-01-01": [],
    "_id=2,5": [5, 2],
    "_id=x": [],
}


@pytest.mark.parametrize("asked", FOUND)
def test_what_is_asked_is_found(kept: httpx.Client, asked: str) -> None:
    assert numbers(kept, f"/fhir/AuditEvent?{asked}") == FOUND[asked]
    posted = kept.post("/fhir/AuditEvent/_search", content=asked, headers=FORM)
    found = [int(one["id"]) for one in resources(posted.json())]
    assert [one for one in found if one <= 7] == FOUND[asked]


def test_dates_are_compared_as_r4_has_it(kept: httpx.Client, database_url: str) -> None:
    at = events(database_url)[2]["recorded"]
    same = [int(one["id"]) for one in events(database_url) if one["recorded"] == at]
    before = [int(one["id"]) for one in events(database_url) if one["recorded"] < at]
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    expected = {
        f"eq{at}": same, at: same, f"lt{at}": before, f"le{at}": before + same, f"eb{at}": before,
        f"ge{at}&_id=1,2,3,4,5,6,7": [one for one in range(1, 8) if one not in before],
        f"ne{at}&_id=1,2,3,4,5,6,7": [one for one in range(1, 8) if one not in same],
        f"{day}&_id=1,2": [1, 2], f"sa{day}": [], f"gt{day}": [],
    }  # fmt: skip
    given = {asked: sorted(numbers(kept, f"/fhir/AuditEvent?date={asked}")) for asked in expected}
    assert given == expected


def test_pages_go_on_where_the_last_one_ended_whatever_came_since(kept: httpx.Client) -> None:
    pages = [*follow(kept, "/fhir/AuditEvent?_count=3")]
    assert [[int(one["id"]) for one in resources(page)] for page in pages] == [[7, 6, 5], [4, 3, 2], [1]]


@pytest.mark.parametrize("asked", [
    "zork=1", "date=yesterday", "date=ap2026", "entity=a", "_cursor=abc", "action=", "_count=0", "_sort=date",
    "patient:missing=true", "_id=" + ",".join(["1"] * 51),
])  # fmt: skip
def test_what_is_not_understood_is_refused(audited: httpx.Client, asked: str) -> None:
    answer = audited.get(f"/fhir/AuditEvent?{asked}")
    assert answer.status_code == 400, answer.text


def test_one_event_can_be_read_and_to_look_is_an_event(kept: httpx.Client, database_url: str) -> None:
    assert kept.get("/fhir/AuditEvent/4").json() == events(database_url)[3]
    assert short(last(database_url)) == ("R", "read", "0")
    assert kept.get("/fhir/AuditEvent?patient=p1").is_success
    assert (query(last(database_url)), short(last(database_url))) == (
        "GET /fhir/AuditEvent?patient=p1", ("E", "search-type", "0"))  # fmt: skip
    for id in ("99", "x", "1.0", "9" * 40):
        assert kept.get(f"/fhir/AuditEvent/{id}").status_code == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_nobody_writes_it(kept: httpx.Client, database_url: str, method: str) -> None:
    path = "/fhir/AuditEvent" if method == "POST" else "/fhir/AuditEvent/1"
    before = events(database_url)
    answer = kept.request(method, path, json=before[0])
    assert answer.status_code == 405
    assert "is not served at" in answer.text
    request = {"method": method, "url": path.removeprefix("/fhir/")}
    for type in ("batch", "transaction"):
        answer = kept.post("/fhir", json=bundle(type, {"resource": before[0], "request": request}))
        assert (
            answer.status_code in (400, 404, 422) or answer.json()["entry"][0]["response"]["status"] >= "400"
        )
    assert events(database_url)[: len(before)] == before


@pytest.mark.parametrize(("scope", "status"), [
    ("system/AuditEvent.rs", 200), ("system/AuditEvent.read", 200), ("system/AuditEvent.s", 200),
    ("system/AuditEvent.r", 403), ("system/*.rs", 403), ("system/*.cruds", 403), ("system/Observation.rs", 403),
])  # fmt: skip
def test_it_is_searched_under_a_scope_of_its_own_name(ward: Ward, scope: str, status: int) -> None:
    assert ward.ask("GET", "/fhir/AuditEvent", scope).status_code == status


def test_without_a_token_it_is_for_nobody(ward: Ward) -> None:
    assert ward.client.get("/fhir/AuditEvent").status_code == 401
    assert ward.client.get("/fhir/AuditEvent/1").status_code == 401


def test_a_client_is_found_by_its_name(ward: Ward, database_url: str) -> None:
    headers = ward.headers("system/Observation.rs")
    name = last(database_url)["agent"][0]["who"]["identifier"]["value"]
    ward.client.get("/fhir/Observation", headers=headers)
    found = ward.ask("GET", f"/fhir/AuditEvent?agent={name}", "system/AuditEvent.rs").json()
    assert [short(one) for one in resources(found)] == [("E", "search-type", "0"), ("E", "110122", "0")]


def test_no_event_holds_what_a_resource_does(audited: httpx.Client, database_url: str) -> None:
    secret = "zqxsecret"
    doc: dict[str, Any] = {**panel(84, 50, ago(5)), "note": [{"text": secret}]}
    kept = audited.post("/fhir/Observation", json=doc).json()
    path = f"/fhir/Observation/{kept['id']}"
    audited.put(path, json={**kept, "status": "amended"})
    audited.patch(path, content=f'[{{"op":"add","path":"/method","value":{{"text":"{secret}"}}}}]',
                  headers={"Content-Type": "application/json-patch+json"})  # fmt: skip
    audited.get("/fhir/Observation?_count=50")
    audited.post("/fhir", json=bundle("transaction", entry(doc), entry({**doc, "status": secret})))
    audited.post("/fhir/Observation", json={**doc, "status": secret})
    audited.post("/fhir/Observation/$validate", json={**doc, secret: secret})
    audited.post("/fhir/$evaluate", json=bundle("collection", {"resource": {**doc, "id": "x"}}))
    assert len(events(database_url)) >= 8
    assert secret not in str(events(database_url))


def test_a_day_from_now_is_no_day(audited: httpx.Client) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    assert numbers(audited, f"/fhir/AuditEvent?date=ge{later:%Y-%m-%d}") == []
