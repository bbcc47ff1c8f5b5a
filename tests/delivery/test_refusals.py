"""A Subscription that could not be told is refused, with every reason."""

from typing import Any

import httpx
import pytest

from tests.delivery.subscribing import BACKPORT, subscription, topical

HTTPS = "https://engine.example.org/hook"
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "it says that it is active": (subscription(HTTPS, status="active"), "status", "requested or off"),
    "it says that it is in error": (subscription(HTTPS, status="error"), "status", "requested or off"),
    "another channel": (subscription(HTTPS, channel={"type": "websocket"}), "channel.type", "rest-hook"),
    "another payload": (subscription(HTTPS, payload="application/fhir+xml"), "channel.payload", "fhir+json"),
    "no criteria": (subscription(HTTPS, "Observation"), "criteria", "search parameters are needed"),
    "an unknown type": (
        subscription(HTTPS, "Encounter?status=planned"),
        "criteria",
        "served are Observation",
    ),
    "no type": (subscription(HTTPS, "category=alert"), "criteria", "served are Observation"),
    "an unknown parameter": (subscription(HTTPS, "Observation?colour=red"), "criteria", "colour"),
    "a sort order": (subscription(HTTPS, "Observation?code=1&_sort=date"), "criteria", "_sort"),
    "an include": (subscription(HTTPS, "Observation?code=1&_include=*"), "criteria", "_include"),
    "a chain": (subscription(HTTPS, "Observation?subject:Patient.name=A"), "criteria", "Chains"),
    "the other way": (
        subscription(HTTPS, "Patient?_has:Observation:patient:code=1"),
        "criteria",
        "Chains and _has",
    ),
    "about now": (subscription(HTTPS, "Observation?date=ap2026-11-22"), "criteria", "depends on the present"),
    "a header of ours": (
        subscription(HTTPS, channel={"header": ["Host: inside"]}),
        "channel.header[0]",
        "Name",
    ),
    "a header that brings another": (
        subscription(HTTPS, channel={"header": ["X-Ward: a\r\nHost: inside"]}),
        "channel.header[0]",
        "Name",
    ),
    "no header": (subscription(HTTPS, channel={"header": ["Authorization"]}), "channel.header[0]", "Name"),
    "an end in the past": (subscription(HTTPS, end="2020-01-01T00:00:00Z"), "end", "past"),
    "a topic without content": (
        {**topical(HTTPS), "channel": subscription(HTTPS)["channel"]},
        "channel.payload",
        "backport-payload-content",
    ),
    "a heart that races": (topical(HTTPS, heartbeat_period=1), "channel.extension", "heartbeat"),
    "a filter of another type": (topical(HTTPS, "id-only", "Patient?name=A"), "criteria", "begin with"),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_with_the_reason(sqlite_client: httpx.Client, case: str) -> None:
    doc, where, why = CASES[case]
    answer = sqlite_client.post("/fhir/Subscription", json=doc)
    assert answer.status_code == 422, answer.text
    issues = answer.json()["issue"]
    assert [issue["expression"][0] for issue in issues] == [f"Subscription.{where}"]
    assert why in issues[0]["details"]["text"]
    assert issues[0]["details"]["coding"][0]["code"].startswith("subscription-")


def test_every_reason_is_told_at_once(sqlite_client: httpx.Client) -> None:
    doc = subscription("http://10.0.0.1/", "Observation?colour=red", "text/plain", channel={"header": ["x"]})
    answer = sqlite_client.post("/fhir/Subscription", json=doc)
    assert len(answer.json()["issue"]) == 4


def test_one_that_is_off_may_say_what_it_likes(sqlite_client: httpx.Client) -> None:
    doc = subscription("http://10.0.0.1/", "Observation?colour=red", status="off")
    assert sqlite_client.post("/fhir/Subscription", json=doc).status_code == 201


def test_what_is_sent_is_what_is_kept(sqlite_client: httpx.Client) -> None:
    doc = topical(HTTPS, "empty", "Observation?patient=p1", heartbeat_period=30, timeout=5, max_count=7)
    kept = sqlite_client.post("/fhir/Subscription", json=doc).json()
    assert {key: value for key, value in kept.items() if key in doc} == doc
    assert kept["channel"]["extension"][0]["url"].startswith(BACKPORT)


def test_a_patch_that_makes_it_active_is_refused(sqlite_client: httpx.Client) -> None:
    id = sqlite_client.post("/fhir/Subscription", json=subscription(HTTPS, status="off")).json()["id"]
    patch = [{"op": "replace", "path": "/status", "value": "active"}]
    answer = sqlite_client.patch(
        f"/fhir/Subscription/{id}", json=patch, headers={"Content-Type": "application/json-patch+json"}
    )
    assert answer.status_code == 422
