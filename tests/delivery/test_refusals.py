"""A Subscription that could not be told is refused, with every reason."""

from typing import Any

import httpx
import pytest

from tests.delivery.subscribing import BACKPORT, active, low, subscription, topical
from tests.receiver import Receiver

HTTPS = "https://engine.example.org/hook"
FILTER = f"{BACKPORT}backport-filter-criteria"
UNKNOWN = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    ]
}
"""What may stand in the place of a value that FHIR requires."""
WITHOUT = {
    name: {key: value for key, value in subscription(HTTPS).items() if key != name}
    for name in ("status", "criteria", "channel")
}
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
    "an end that is past in its zone": (subscription(HTTPS, end="0001-01-01T00:00:00+14:00"), "end", "past"),
    "a status that is not known": ({**WITHOUT["status"], "_status": UNKNOWN}, "status", "requested or off"),
    "criteria that are not known": ({**WITHOUT["criteria"], "_criteria": UNKNOWN}, "criteria", "begin with"),
    "a channel that is not known": (
        {**WITHOUT["channel"], "channel": {"_type": UNKNOWN, "endpoint": HTTPS}},
        "channel.type",
        "rest-hook",
    ),
    "a filter that is no text": (
        {**topical(HTTPS), "_criteria": {"extension": [{"url": FILTER, "valueCode": "x"}]}},
        "criteria",
        "begin with",
    ),
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


def test_one_that_is_off_keeps_no_other_from_being_told(told: httpx.Client, receiver: Receiver) -> None:
    """Every process reads all that there are, again and again."""
    for doc, _, _ in CASES.values():
        assert told.post("/fhir/Subscription", json={**doc, "status": "off"}).status_code == 201
    active(told, subscription(f"{receiver.url}/hook"))
    low(told)
    receiver.wait(lambda: [one for one in receiver.at("/hook") if one.body])


def test_it_may_end_at_the_end_of_all_time(sqlite_client: httpx.Client) -> None:
    """Which is in the year 10000 here."""
    doc = subscription(HTTPS, end="9999-12-31T23:59:59-14:00")
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
