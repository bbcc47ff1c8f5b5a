"""Subscriptions to the topic, as the R5 Subscriptions Backport has them in R4."""

from typing import Any

import httpx
import pytest

from models.fhir.validation import validate_bundle_shell
from service.delivery import subscription as asking
from tests.build import BASE, ago, panel
from tests.delivery.subscribing import TOPIC, active, ask, kept, low, subscription, topical
from tests.receiver import TAKEN, Answer, Received, Receiver


def told_of(got: Received) -> dict[str, Any]:
    """The state at the head of a notification, its events as a list of their parts."""
    state = got.document["entry"][0]["resource"]
    found: dict[str, Any] = {"events": []}
    for parameter in state["parameter"]:
        if parameter["name"] == "notification-event":
            parts = {
                part["name"]: next(v for k, v in part.items() if k != "name") for part in parameter["part"]
            }
            found["events"].append(parts)
        else:
            found[parameter["name"]] = next(v for k, v in parameter.items() if k != "name")
    return found


def _notified(receiver: Receiver, number: int) -> list[Received]:
    """The notifications, once so many events were told of, without the handshake."""
    sent: list[Received] = receiver.wait(
        lambda: (
            sum(len(told_of(one)["events"]) for one in receiver.at("/topic")) >= number
            and receiver.at("/topic")
        )
    )
    return sent[1:]


def test_the_handshake_names_subscription_topic_and_state(told: httpx.Client, receiver: Receiver) -> None:
    id = active(told, topical(f"{receiver.url}/topic"))
    test = receiver.at("/topic")[0]
    assert (test.method, test.headers["content-type"]) == ("POST", "application/fhir+json")
    assert test.document["type"] == "history"
    assert validate_bundle_shell(test.document) == []
    state = told_of(test)
    assert state["subscription"]["reference"].endswith(f"/fhir/Subscription/{id}")
    assert (state["topic"], state["status"], state["type"]) == (TOPIC, "requested", "handshake")
    assert state["events-since-subscription-start"] == "0"


@pytest.mark.parametrize("content", ["empty", "id-only", "full-resource"])
def test_each_event_has_a_number_and_as_much_as_was_asked(
    told: httpx.Client, receiver: Receiver, content: str
) -> None:
    active(told, topical(f"{receiver.url}/topic", content))
    alerts = [low(told, "p1"), low(told, "p2")]
    sent = _notified(receiver, 2)
    states = [told_of(one) for one in sent]
    events = [event for state in states for event in state["events"]]
    assert [event["event-number"] for event in events] == ["1", "2"]
    assert {(state["type"], state["status"]) for state in states} == {("event-notification", "active")}
    assert states[-1]["events-since-subscription-start"] == "2"
    foci = [event["focus"]["reference"].rpartition("/")[2] for event in events if "focus" in event]
    assert foci == ([] if content == "empty" else alerts)
    entries = [entry for one in sent for entry in one.document["entry"][1:]]
    assert len(entries) == (0 if content == "empty" else 2)
    shown = [entry["resource"] for entry in entries if "resource" in entry]
    now = [told.get(f"/fhir/Observation/{id}").json() for id in alerts]
    assert shown == (now if content == "full-resource" else [])
    assert all(validate_bundle_shell(one.document) == [] for one in sent)


def test_filters_narrow_it(told: httpx.Client, receiver: Receiver) -> None:
    filters = ("Observation?patient=Patient/p2", "Observation?code=hypotension")
    active(told, topical(f"{receiver.url}/topic", "id-only", *filters))
    low(told, "p1")
    alert = low(told, "p2")
    (sent,) = _notified(receiver, 1)
    assert [event["focus"]["reference"].rpartition("/")[2] for event in told_of(sent)["events"]] == [alert]


def test_a_notification_holds_as_many_events_as_were_asked(told: httpx.Client, receiver: Receiver) -> None:
    id = active(told, topical(f"{receiver.url}/topic", "id-only", max_count=2))
    receiver.behaviour = lambda _: Answer(503)
    for patient in range(5):
        low(told, f"p{patient}")
    receiver.behaviour = lambda _: TAKEN
    sent = _notified(receiver, 5)
    counts = [len(told_of(one)["events"]) for one in sent]
    assert sum(counts) == 5
    assert max(counts) == 2
    kept(told, id, 5)
    again = told.get(f"/fhir/Subscription/{id}/$events?eventsSinceNumber=2&eventsUntilNumber=4").json()
    (events, total) = _numbers(again)
    assert (events, total) == (["2", "3", "4"], "5")


def _numbers(bundle: dict[str, Any]) -> tuple[list[str], str]:
    state = told_of(Received("", "", {}, httpx.Request("POST", "http://x", json=bundle).content))
    return [event["event-number"] for event in state["events"]], state["events-since-subscription-start"]


def test_events_can_be_had_again_by_their_numbers(told: httpx.Client, receiver: Receiver) -> None:
    id = active(told, topical(f"{receiver.url}/topic", "id-only"))
    alerts = [low(told, f"p{patient}") for patient in range(3)]
    _notified(receiver, 3)
    kept(told, id, 3)
    path = f"/fhir/Subscription/{id}/$events"
    every = told.get(path).json()
    assert _numbers(every) == (["1", "2", "3"], "3")
    assert [entry["fullUrl"].rpartition("/")[2] for entry in every["entry"][1:]] == alerts
    body = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "eventsSinceNumber", "valueString": "3"},
            {"name": "content", "valueCode": "full-resource"},
        ],
    }
    last = told.post(path, json=body).json()
    assert [entry["resource"]["id"] for entry in last["entry"][1:]] == alerts[2:]
    assert (
        told_of(Received("", "", {}, httpx.Request("POST", "http://x", json=last).content))["type"]
        == "query-event"
    )


@pytest.mark.parametrize(
    ("number", "status"), [("9" * 18, 200), ("9" * 19, 400), ("-1", 400), ("three", 400)]
)
def test_a_number_that_no_event_can_have_is_refused(told: httpx.Client, number: str, status: int) -> None:
    id = ask(told, {**topical("https://engine.example.org/hook"), "status": "off"})
    for name in ("eventsSinceNumber", "eventsUntilNumber"):
        answer = told.get(f"/fhir/Subscription/{id}/$events?{name}={number}")
        assert answer.status_code == status, answer.text


def test_a_heartbeat_comes_where_nothing_else_does(
    told: httpx.Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(asking._NUMBERS, "backport-heartbeat-period", (1, 86_400))
    active(told, topical(f"{receiver.url}/topic", heartbeat_period=1))
    beats = receiver.wait(lambda: len(found := receiver.at("/topic")) >= 3 and found)[1:]
    assert {told_of(one)["type"] for one in beats} == {"heartbeat"}
    assert all(told_of(one)["events"] == [] for one in beats)


def test_status_tells_how_they_stand(told: httpx.Client, receiver: Receiver) -> None:
    first = active(told, topical(f"{receiver.url}/topic"))
    second = active(told, subscription(f"{receiver.url}/hook"))
    low(told)
    _notified(receiver, 1)
    kept(told, first, 1)
    one = told.get(f"/fhir/Subscription/{first}/$status").json()
    state = {
        parameter["name"]: next(v for k, v in parameter.items() if k != "name")
        for parameter in one["entry"][0]["resource"]["parameter"]
    }
    assert (one["type"], one["total"]) == ("searchset", 1)
    assert (state["type"], state["status"]) == ("query-status", "active")
    assert state["events-since-subscription-start"] == "1"
    assert told.get("/fhir/Subscription/$status").json()["total"] == 2
    assert told.get("/fhir/Subscription/$status?status=off").json()["total"] == 0
    assert told.get(f"/fhir/Subscription/$status?id={second}").json()["total"] == 1
    assert told.get("/fhir/Subscription/unknown/$status").status_code == 404
    assert told.get(f"/fhir/Subscription/{second}/$events").status_code == 422


def test_the_topic_is_listed(sqlite_client: httpx.Client) -> None:
    resources = sqlite_client.get("/fhir/metadata").json()["rest"][0]["resource"]
    (found,) = [one for one in resources if one["type"] == "Subscription"]
    assert [one["valueCanonical"] for one in found["extension"]] == [
        f"{BASE}/SubscriptionTopic/clonidine-alert"
    ]


def test_another_topic_is_refused(sqlite_client: httpx.Client) -> None:
    doc = {**topical("https://engine.example.org/topic"), "criteria": "https://other.example.org/topic"}
    answer = sqlite_client.post("/fhir/Subscription", json=doc)
    assert answer.status_code == 422
    assert TOPIC in answer.text


def test_an_alert_that_changes_is_another_event(told: httpx.Client, receiver: Receiver) -> None:
    active(told, topical(f"{receiver.url}/topic"))
    reading = told.post("/fhir/Observation", json=panel(84, 58, ago(5))).json()
    _notified(receiver, 1)
    told.put(f"/fhir/Observation/{reading['id']}", json={**reading, "status": "entered-in-error"})
    events = [entry for one in _notified(receiver, 2) for entry in one.document["entry"][1:]]
    assert [entry["resource"]["status"] for entry in events] == ["final", "entered-in-error"]
    assert [entry["request"]["method"] for entry in events] == ["POST", "PUT"]
    assert ask(told, subscription("https://engine.example.org/a"))
