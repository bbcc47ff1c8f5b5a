"""What this service sends of its own accord leaves an event for each resource, kept with how far it has told."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from service.delivery import lane
from tests.audit.trail import AUDITED, about, events, sound
from tests.delivery.subscribing import active, ask, low, subscription, topical
from tests.in_process import application
from tests.receiver import PATIENCE, Answer, Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def told(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    monkeypatch.setattr(lane, "FIRST_PAUSE", 0.05)
    with application(database_url, subscription_hosts="127.0.0.0/8", **AUDITED) as made:
        yield made


def sent(database_url: str) -> list[dict[str, Any]]:
    return [event for event in events(database_url) if event["type"]["code"] == "110106"]


def wait(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("asked", [subscription, topical])
def test_each_alert_that_is_taken_leaves_one(
    told: httpx.Client, receiver: Receiver, database_url: str, asked: Callable[[str], Any]
) -> None:
    id = active(told, asked(f"{receiver.url}/hook/secret-token"))
    alerts = [low(told, "p1"), low(told, "p2")]
    wait(lambda: len(sent(database_url)) == 2)
    assert [about(event) for event in sent(database_url)] == [
        [f"Observation/{alert}/_history/1", f"Subscription/{id}", patient]
        for alert, patient in zip(alerts, ("Patient/p1", "Patient/p2"), strict=True)
    ]
    for event in sent(database_url):
        source, recipient = event["agent"]
        assert (source["who"], source["requestor"]) == ({"reference": "Device/rule-engine"}, True)
        assert recipient["network"] == {"address": "127.0.0.1", "type": "1"}
        assert event["outcome"] == "0"
    assert "secret-token" not in str(sent(database_url))
    found = told.get("/fhir/AuditEvent?agent=Device/rule-engine&patient=p2").json()["entry"]
    assert [one["resource"] for one in found] == sent(database_url)[1:]
    sound(database_url)


def test_what_is_not_taken_leaves_a_failure(
    told: httpx.Client, receiver: Receiver, database_url: str
) -> None:
    receiver.behaviour = lambda _: Answer(500)
    id = ask(told, subscription(f"{receiver.url}/hook"))
    wait(lambda: len(sent(database_url)) >= 2)
    assert {event["outcome"] for event in sent(database_url)} == {"8"}
    assert {tuple(about(event)) for event in sent(database_url)} == {(f"Subscription/{id}",)}
