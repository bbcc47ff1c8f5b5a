"""Subscriptions for tests, in both forms."""

import time
from typing import Any

import httpx

from tests.build import ago, panel
from tests.receiver import PATIENCE

BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
TOPIC = "https://clonidine-watch.org/fhir/SubscriptionTopic/clonidine-alert"
PAGING = "Observation?category=alert&_tag=new,escalated,reminder"


def subscription(
    endpoint: str, criteria: str = PAGING, payload: str = "application/fhir+json", **more: Any
) -> Any:
    """A Subscription of R4; without `payload` its requests have no body."""
    channel = {"type": "rest-hook", "endpoint": endpoint, **({"payload": payload} if payload else {})}
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "test",
        "criteria": criteria,
        "channel": {**channel, **more.pop("channel", {})},
        **more,
    }


def topical(endpoint: str, content: str = "full-resource", *filters: str, **numbers: int) -> Any:
    """A Subscription to the topic; `numbers` are heartbeat_period, timeout and max_count."""
    named = {name: f"{BACKPORT}backport-{name.replace('_', '-')}" for name in numbers}
    extension = [
        {"url": named[name], "valuePositiveInt" if name == "max_count" else "valueUnsignedInt": value}
        for name, value in numbers.items()
    ]
    channel: dict[str, Any] = {
        "_payload": {"extension": [{"url": f"{BACKPORT}backport-payload-content", "valueCode": content}]}
    }
    if extension:
        channel["extension"] = extension
    doc = subscription(endpoint, TOPIC, channel=channel)
    if filters:
        url = f"{BACKPORT}backport-filter-criteria"
        doc["_criteria"] = {"extension": [{"url": url, "valueString": text} for text in filters]}
    return doc


def ask(client: httpx.Client, doc: Any) -> str:
    """Post it; its id."""
    answer = client.post("/fhir/Subscription", json=doc)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def low(client: httpx.Client, patient: str = "p1", minutes: float = 5, systolic: int = 84) -> str:
    """Post a low reading; the id of its alert."""
    answer = client.post("/fhir/Observation/$submit", json=panel(systolic, 58, ago(minutes), patient))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["entry"][1]["resource"]["id"])


def state(client: httpx.Client, id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/fhir/Subscription/{id}").json()
    return found


def kept(client: httpx.Client, id: str, number: int) -> None:
    """Wait until that many events are kept as told, which is after the endpoint has taken them."""
    deadline = time.monotonic() + PATIENCE
    while f'"events-since-subscription-start","valueString":"{number}"' not in (
        found := client.get(f"/fhir/Subscription/{id}/$status").text
    ):
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def until(client: httpx.Client, id: str, status: str) -> dict[str, Any]:
    """The Subscription once it is in a state."""
    deadline = time.monotonic() + PATIENCE
    while (found := state(client, id))["status"] != status:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def active(client: httpx.Client, doc: Any) -> str:
    """Post it and wait until it is active; its id."""
    id = ask(client, doc)
    until(client, id, "active")
    return id
