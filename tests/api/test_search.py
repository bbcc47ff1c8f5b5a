"""search, paging and the monitor cursor."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from models.resource_types import TYPES
from tests.build import ago, panel
from tests.fhir_client import POLL, everything, follow, link, resources

KNOWN = "/fhir/Observation?nonsense=1"


def test_an_unknown_parameter_is_refused_with_those_that_exist(client: httpx.Client) -> None:
    answer = client.get("/fhir/Observation?nonsense=1&date=soon")
    assert answer.status_code == 400
    first, second = answer.json()["issue"]
    for name in ("patient", "derived-from", "_lastUpdated", "_sort"):
        assert name in first["details"]["text"]
    assert "date" in second["details"]["text"]


@pytest.mark.parametrize(
    "parameters",
    ["code:in=x", "code:below=x", "code:exact=x", "patient:missing=yes", "_sort=code", "_count=-1", "_count=x",
     "_summary=half",
     "_total=maybe", "_totalMethod=maybe", "date=2026-02-30", "_lastUpdated=zz2026",
     "code=", "code=a|b|c", "_id=a%20b",
     "derived-from=", "patient=", "date=gt", "_cursor=abc", "_has=x", "code=%00"],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused(client: httpx.Client, parameters: str) -> None:
    answer = client.get(f"/fhir/Observation?{parameters}")
    assert answer.status_code == 400, parameters
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("type", TYPES)
def test_every_declared_parameter_can_be_asked(client: httpx.Client, type: str) -> None:
    for param in TYPES[type].params:
        answer = client.get(f"/fhir/{type}", params={param.name: param.example})
        assert (answer.status_code, answer.json().get("entry")) == (200, None), param.name


def test_each_form_of_a_patient_finds_the_same(client: httpx.Client) -> None:
    base = str(client.base_url).rstrip("/") + "/fhir"
    client.post("/fhir/Observation", json=panel(120, 80))
    client.post("/fhir/Observation", json={**panel(121, 80), "subject": {"reference": f"{base}/Patient/p1"}})
    client.post("/fhir/Observation", json=panel(122, 80, patient="p1/_history/4"))
    for value in ("p1", "Patient/p1", f"{base}/Patient/p1"):
        for name in ("patient", "subject"):
            assert len(everything(client, f"/fhir/Observation?{name}={value}")) == 3
    by_identifier = {"identifier": {"system": "urn:mrn", "value": "7|8"}}
    client.post("/fhir/Observation", json={**panel(120, 80), "subject": by_identifier})
    assert len(everything(client, "/fhir/Observation?patient:identifier=urn:mrn|7\\|8")) == 1


def test_totals_are_counted_when_asked(client: httpx.Client) -> None:
    for minutes in range(5):
        client.post("/fhir/Observation", json=panel(120, 80, ago(minutes)))
    assert "total" not in client.get("/fhir/Observation?_count=2").json()
    for asked in ("_total=accurate", "_totalMethod=count"):
        assert client.get(f"/fhir/Observation?_count=2&{asked}").json()["total"] == 5
    for asked in ("_count=0", "_summary=count", "_count=0&_total=accurate", "_count=0&_totalMethod=count"):
        answer = client.get(f"/fhir/Observation?{asked}").json()
        assert answer["total"] == 5
        assert "entry" not in answer


def test_pages_hold_still_while_others_write(client: httpx.Client) -> None:
    for minutes in range(10):
        client.post("/fhir/Observation", json=panel(120, 80, ago(60 + minutes), patient="still"))
    for sort in ("_lastUpdated", "-_lastUpdated", "date", "-date"):
        seen: list[str] = []
        for page in follow(client, f"/fhir/Observation?patient=still&_count=3&_sort={sort}"):
            seen += [reading["effectiveDateTime"] for reading in resources(page)]
            client.post("/fhir/Observation", json=panel(120, 80, ago(65), patient="other"))
        assert len(seen) == 10
        if sort.endswith("date"):
            assert seen == sorted(seen, reverse=sort.startswith("-"))


def test_the_monitor_link_yields_exactly_what_came_since(client: httpx.Client) -> None:
    client.post("/fhir/Observation", json=panel(84, 58, patient="a"))
    *_, last = follow(client, POLL)
    monitor = link(last, "monitor")
    assert monitor
    assert parse_qs(urlsplit(monitor).query)["category"] == ["alert"]
    for patient in ("b", "c"):
        client.post("/fhir/Observation", json=panel(84, 58, patient=patient))
    since = client.get(monitor).json()
    assert [alert["subject"]["reference"] for alert in resources(since)] == ["Patient/b", "Patient/c"]
    nothing = client.get(str(link(since, "monitor"))).json()
    assert resources(nothing) == []
    assert link(nothing, "monitor")


def test_a_cursor_of_an_earlier_life_of_the_database_is_gone(client: httpx.Client) -> None:
    *_, last = follow(client, POLL)
    monitor = str(link(last, "monitor"))
    cursor = parse_qs(urlsplit(monitor).query)["_cursor"][0]
    version, epoch, key, seq = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    for changed in ([version, "0" * 32, key, seq], [version, epoch, key, seq + 10**9]):
        text = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode()
        answer = client.get(f"{POLL}&_cursor={text}")
        assert answer.status_code == 410
        assert "_lastUpdated" in answer.json()["issue"][0]["details"]["text"]


def test_every_change_has_a_later_last_updated_than_all_before(client: httpx.Client) -> None:
    for patient in range(20):
        client.post("/fhir/Observation", json=panel(84, 58, patient=f"p{patient}"))
    times = [found["meta"]["lastUpdated"] for found in everything(client, "/fhir/Observation?_count=9")]
    assert len(times) == 40
    assert times == sorted(set(times))
    rest = everything(client, f"/fhir/Observation?_lastUpdated=gt{times[30]}")
    assert [found["meta"]["lastUpdated"] for found in rest] == times[31:]
