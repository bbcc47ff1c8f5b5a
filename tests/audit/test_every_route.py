"""Every route leaves one event, done or refused, and what touches nothing that is kept leaves none."""

from typing import Any

import httpx
import pytest

from api.access import NEEDS
from models.fhir.library import complaints
from models.search.cursor import Cursor
from service.audit.kinds import KINDS
from tests.audit.trail import AUDITED, about, events, last, query, short, sound
from tests.auth.flow import Ward
from tests.auth.test_every_route_and_scope import ASKED, Asked, send
from tests.build import bundle, entry, panel
from tests.fhir_client import resources
from tests.in_process import application

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BALP = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."


def test_the_table_of_events_names_what_the_table_of_permissions_does() -> None:
    assert set(KINDS) == {name for name, need in NEEDS.items() if not need.open} | {"token"}


def left(url: str, one: Asked, status: int, before: int) -> str:
    """What is wrong with what a request left; "" for nothing."""
    new = events(url)[before:]
    wanted = 1 if one.name in KINDS else 0
    if len(new) != wanted:
        return f"{one.name} left {len(new)} events"
    if not new:
        return ""
    action, code, outcome = short(new[0])
    kind = KINDS[one.name]
    done = "0" if status < 400 else "4" if status < 500 else "8"
    if (action, code, outcome) != (kind.action, kind.subtype[1], done):
        return f"{one.name} left {action} {code} {outcome}"
    return str([*complaints(new[0])] or "")


def test_every_route_leaves_one_event(database_url: str) -> None:
    with application(database_url, **AUDITED) as client:
        wrong = []
        for one in ASKED:
            before = len(events(database_url))
            wrong.append(left(database_url, one, send(client, one, {}), before))
        assert [*filter(None, wrong)] == []
        assert client.get("/health").status_code == client.get("/docs").status_code == 200
    assert sound(database_url).events == len([one for one in ASKED if one.name in KINDS])


def test_every_refusal_for_want_of_a_token_leaves_one(ward: Ward, database_url: str) -> None:
    for at, one in enumerate(one for one in ASKED if one.name in KINDS and one.name != "token"):
        assert send(ward.client, one, {}) == 401
        assert len(events(database_url)) == at + 1
    assert {short(event)[2] for event in events(database_url)} == {"4"}
    assert {event["outcomeDesc"] for event in events(database_url)} == {"401 login"}


@pytest.fixture
def kept(audited: httpx.Client) -> httpx.Client:
    assert audited.put("/fhir/Patient/p1", json={"resourceType": "Patient", "id": "p1"}).status_code == 201
    assert audited.put("/fhir/Observation/low", json={**panel(84, 50), "id": "low"}).status_code == 201
    return audited


DONE: dict[str, tuple[str, str, tuple[str, str, str], list[str], str]] = {
    "read": ("GET", "/fhir/Observation/low", ("R", "read", "0"), ["Observation/low/_history/1", "Patient/p1"],
             "PatientRead"),
    "vread": ("GET", "/fhir/Observation/low/_history/1", ("R", "vread", "0"),
              ["Observation/low/_history/1", "Patient/p1"], "PatientRead"),
    "history": ("GET", "/fhir/Observation/low/_history", ("R", "history-instance", "0"),
                ["Observation/low", "Patient/p1"], ""),
    "search": ("GET", "/fhir/Observation", ("E", "search-type", "0"), ["Patient/p1"], "PatientQuery"),
    "a search that finds nothing": ("GET", "/fhir/Goal?patient=p7", ("E", "search-type", "0"), ["Patient/p7"],
                                    "PatientQuery"),
    "search over types": ("GET", "/fhir?_type=Patient", ("E", "search-system", "0"), ["Patient/p1"], "PatientQuery"),
    "compartment": ("GET", "/fhir/Patient/p1/Observation", ("E", "search-type", "0"), ["Patient/p1"], "PatientQuery"),
    "everything": ("GET", "/fhir/Patient/p1/$everything", ("E", "operation", "0"), ["Patient/p1"], ""),
    "dose check": ("GET", "/fhir/Patient/p1/$dose-check", ("E", "operation", "0"), ["Patient/p1"], ""),
    "meta": ("GET", "/fhir/Observation/low/$meta", ("E", "operation", "0"),
             ["Observation/low/_history/1", "Patient/p1"], ""),
    "delete": ("DELETE", "/fhir/Observation/low", ("D", "delete", "0"),
               ["Observation/low/_history/2", "Patient/p1"], "PatientDelete"),
}  # fmt: skip


@pytest.mark.parametrize("name", DONE)
def test_an_event_names_what_was_seen(kept: httpx.Client, database_url: str, name: str) -> None:
    method, path, told, named, profile = DONE[name]
    assert kept.request(method, path).status_code in (200, 204)
    event = last(database_url)
    assert short(event) == told
    assert [*dict.fromkeys(about(event))] == named
    assert event["meta"].get("profile", []) == ([BALP + profile] if profile else [])
    client, server = event["agent"]
    assert (client["network"], client["requestor"]) == ({"address": "127.0.0.1", "type": "2"}, True)
    assert (server["who"], server["requestor"]) == ({"reference": "Device/rule-engine"}, False)
    assert event["source"]["observer"] == {"reference": "Device/rule-engine"}


def test_a_request_is_named_by_its_id_and_a_query_by_what_was_asked(
    kept: httpx.Client, database_url: str
) -> None:
    id = "0" * 31 + "1"
    kept.get("/fhir/Observation?patient=p1&_count=1", headers={"X-Request-ID": id})
    event = last(database_url)
    assert query(event) == "GET /fhir/Observation?patient=p1&_count=1"
    assert event["entity"][-1]["what"] == {"identifier": {"value": id}}
    kept.post("/fhir/Observation/_search?_count=1", content="patient=p2", headers=FORM)
    event = last(database_url)
    assert query(event) == "POST /fhir/Observation/_search?_count=1&patient=p2"
    assert about(event) == ["Patient/p2"]


def test_each_entry_of_a_bundle_leaves_one(kept: httpx.Client, database_url: str) -> None:
    entries = (
        entry(panel(120, 80, patient="p3")),
        entry({**panel(118, 80, patient="p4"), "id": "own"}, "PUT", "Observation/own"),
        {"request": {"method": "GET", "url": "Observation/low"}},
    )
    for type in ("transaction", "batch"):
        before = len(events(database_url))
        assert kept.post("/fhir", json=bundle(type, *entries)).status_code == 200
        new = sorted(events(database_url)[before:], key=lambda event: event["subtype"][0]["code"])
        assert [short(event) for event in new] == [
            ("C", "create", "0"),
            ("R", "read", "0"),
            ("U", "update", "0"),
        ]
        assert [about(event)[-1] for event in new] == ["Patient/p3", "Patient/p1", "Patient/p4"]
        assert len({event["entity"][-1]["what"]["identifier"]["value"] for event in new}) == 1


def test_a_batch_tells_of_the_entries_that_are_refused_and_a_transaction_of_itself(
    kept: httpx.Client, database_url: str
) -> None:
    wrong = {**panel(120, 80), "status": "bogus"}
    entries = (
        entry(panel(120, 80)),
        entry(wrong),
        entry({**panel(110, 70), "id": "low"}, "PUT", "Observation/low", ifMatch='W/"7"'),
        {"request": {"method": "GET", "url": "Observation/nobody"}},
    )
    before = len(events(database_url))
    assert kept.post("/fhir", json=bundle("batch", *entries)).status_code == 200
    new = events(database_url)[before:]
    assert min(event.get("outcomeDesc", "") for event in new) == ""
    assert sorted(event["outcomeDesc"].split()[0] for event in new if "outcomeDesc" in event) == [
        "404",
        "412",
        "422",
    ]
    assert kept.post("/fhir", json=bundle("transaction", *entries)).status_code == 422
    new = events(database_url)[before + 4 :]
    assert [short(event) for event in new] == [("E", "transaction", "4")]
    assert kept.post("/fhir", json=bundle("batch")).status_code == 200
    assert short(last(database_url)) == ("E", "transaction", "0")


REFUSED: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "unknown": ("GET", "/fhir/Observation/nobody", {}, "404 not-found"),
    "no type that is served": ("GET", "/fhir/Encounter/x", {}, "404 not-found"),
    "no address": ("GET", "/fhir/Observation/low/what/is/this", {}, "404"),
    "no method": ("POST", "/fhir/AuditEvent", {"json": {}}, "405"),
    "a method on one event": ("DELETE", "/fhir/AuditEvent/1", {}, "405"),
    "a parameter": ("GET", "/fhir/Observation?zork=1", {}, "400 search"),
    "a rule": (
        "POST",
        "/fhir/Observation",
        {"json": {**panel(1, 2), "status": "bogus"}},
        "422 observation-status",
    ),
    "a version": ("DELETE", "/fhir/Observation/low", {"headers": {"If-Match": 'W/"9"'}}, "412 conflict"),
    "no JSON": ("POST", "/fhir/Observation", {"content": "{"}, "400 json"),
    "a media type": ("POST", "/fhir/Observation", {"content": "x", "headers": FORM}, "415 not-supported"),
    "what is accepted": (
        "GET",
        "/fhir/Observation",
        {"headers": {"Accept": "text/html"}},
        "406 not-supported",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_told_in_codes(kept: httpx.Client, database_url: str, name: str) -> None:
    method, path, how, told = REFUSED[name]
    before = len(events(database_url))
    assert str(kept.request(method, path, **how).status_code) == told[:3]
    (event,) = events(database_url)[before:]
    assert (event["outcome"], event["outcomeDesc"]) == ("4", told)
    assert [*complaints(event)] == []


def test_a_client_is_named_and_what_is_beyond_it_is_a_refusal(ward: Ward, database_url: str) -> None:
    everything, few = ward.headers("system/*.cruds"), ward.headers("system/Goal.r")
    names = [event["agent"][0]["who"]["identifier"]["value"] for event in events(database_url)]
    assert [short(event) for event in events(database_url)] == [("E", "110122", "0")] * 2
    assert ward.client.put(
        "/fhir/Observation/low", json={**panel(84, 50), "id": "low"}, headers=everything
    ).is_success
    assert last(database_url)["agent"][0]["who"] == {"identifier": {"value": names[0]}}
    assert ward.client.get("/fhir/Observation/low", headers=few).status_code == 403
    event = last(database_url)
    assert (event["outcomeDesc"], about(event)) == ("403 forbidden", ["Observation/low"])
    assert event["agent"][0]["who"] == {"identifier": {"value": names[1]}}
    assert ward.client.post("/auth/token", data={"grant_type": "password"}).status_code == 400
    assert short(last(database_url)) == ("E", "110122", "4")


def test_what_is_chosen_off_leaves_nothing(database_url: str) -> None:
    with application(database_url) as client:
        client.post("/fhir/Observation", json=panel(84, 50))
        client.get("/fhir/Observation")
        client.get("/fhir/Encounter/x")
        assert resources(client.get("/fhir/AuditEvent").json()) == []
    assert events(database_url) == []
    assert sound(database_url).events == 0


def test_an_event_is_in_no_feed_and_no_history(kept: httpx.Client, database_url: str) -> None:
    for path in ("/fhir?_count=100", "/fhir/_history", "/fhir/Patient/p1/$everything", "/fhir/Patient/p1/*"):
        assert "AuditEvent" not in kept.get(path).text
    before = Cursor.read(_monitor(kept)).seq
    kept.get("/fhir/Observation/low")
    assert Cursor.read(_monitor(kept)).seq == before
    assert len(events(database_url)) > 6


def _monitor(client: httpx.Client) -> str:
    links = client.get("/fhir/Observation?_sort=_lastUpdated").json()["link"]
    url: str = next(one["url"] for one in links if one["relation"] == "monitor")
    return url.partition("_cursor=")[2]
