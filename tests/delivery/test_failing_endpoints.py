"""Endpoints that fail: nothing is lost, nobody else waits, the Subscription says what is wrong."""

import base64
import hmac
import random

import httpx
import pytest

from api.clock import now
from api.delivery.outbound import Outbound
from api.delivery.signature import secret
from service.delivery import lane
from service.delivery.endpoints import Endpoints
from tests.delivery.conftest import SECRET
from tests.delivery.subscribing import active, ask, low, subscription, topical, until
from tests.receiver import TAKEN, Answer, Behaviour, Received, Receiver

FAULTS: dict[str, Answer] = {
    "500": Answer(500),
    "429": Answer(429, (("Retry-After", "0"),)),
    "302": Answer(302, (("Location", "/elsewhere"),)),
    "400": Answer(400),
    "410": Answer(410),
    "dropped": Answer(None),
}


def _first(times: int, fault: Answer) -> Behaviour:
    """Fail so many times, then take everything."""
    seen: list[Received] = []

    def behave(got: Received) -> Answer:
        seen.append(got)
        return fault if len(seen) <= times else TAKEN

    return behave


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("form", ["update", "topic"])
def test_what_fails_is_sent_again_until_it_is_taken(
    told: httpx.Client, receiver: Receiver, fault: str, form: str
) -> None:
    make = subscription if form == "update" else topical
    id = active(told, make(f"{receiver.url}/hook"))
    receiver.behaviour = _first(4, FAULTS[fault])
    alert = low(told)
    receiver.wait(lambda: any(alert.encode() in one.body for one in receiver.at("/hook")))
    told_ids = [one.headers["webhook-id"] for one in receiver.received if alert.encode() in one.body]
    assert len(told_ids) == 5
    assert len(set(told_ids)) == 1
    assert not receiver.at("/elsewhere")
    assert "error" not in until(told, id, "active")


def test_a_failing_subscription_says_why_and_recovers(told: httpx.Client, receiver: Receiver) -> None:
    id = active(told, subscription(f"{receiver.url}/hook"))
    receiver.behaviour = lambda _: Answer(500)
    alert = low(told)
    found = until(told, id, "error")
    assert found["error"] == "The endpoint answered 500. It is tried again until it is taken."
    receiver.behaviour = lambda _: TAKEN
    receiver.wait(lambda: receiver.at(f"/hook/Observation/{alert}"))
    assert "error" not in until(told, id, "active")
    states = told.get(f"/fhir/Subscription/{id}/_history").json()["entry"]
    assert [entry["resource"]["status"] for entry in states] == ["active", "error", "active", "requested"]


def test_an_endpoint_that_nobody_answers_at_is_in_error(told: httpx.Client, receiver: Receiver) -> None:
    receiver.server.server_close()
    id = ask(told, subscription(f"{receiver.url}/hook"))
    assert until(told, id, "error")["error"].startswith("The endpoint refuses connections.")


def test_one_that_fails_too_long_is_turned_off_and_goes_on_where_it_was(
    told: httpx.Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = active(told, subscription(f"{receiver.url}/hook"))
    receiver.behaviour = lambda _: Answer(500)
    monkeypatch.setattr(lane.Lane, "patient", lambda *_: False)
    missed = low(told, "p1")
    found = until(told, id, "off")
    assert found["error"].startswith("The endpoint answered 500. Turned off after ")
    receiver.behaviour = lambda _: TAKEN
    monkeypatch.undo()
    again = {key: value for key, value in found.items() if key != "error"}
    told.put(f"/fhir/Subscription/{id}", json={**again, "status": "requested"})
    receiver.wait(lambda: receiver.at(f"/hook/Observation/{missed}"))


def test_a_slow_endpoint_keeps_no_other_waiting(told: httpx.Client, receiver: Receiver) -> None:
    for number in range(3):
        active(told, subscription(f"{receiver.url}/slow{number}"))
    active(told, subscription(f"{receiver.url}/quick"))
    receiver.behaviour = lambda got: Answer(after=5) if got.path.startswith("/slow") else TAKEN
    alerts = [low(told, f"p{patient}") for patient in range(4)]
    receiver.wait(lambda: len(receiver.at("/quick/")) == len(alerts))
    assert not [one for number in range(3) for one in receiver.at(f"/slow{number}/")]


def test_an_endpoint_that_never_answers_counts_as_failed(told: httpx.Client, receiver: Receiver) -> None:
    id = active(told, topical(f"{receiver.url}/hook", timeout=1))
    receiver.behaviour = lambda _: Answer(after=3)
    low(told)
    assert until(told, id, "error")["error"].startswith("No answer within 1 seconds.")
    receiver.behaviour = lambda _: TAKEN
    until(told, id, "active")


def test_half_of_all_connections_dropped_loses_nothing_and_keeps_the_order(
    told: httpx.Client, receiver: Receiver
) -> None:
    chance = random.Random(7)
    active(told, subscription(f"{receiver.url}/hook", "Observation?category=alert"))
    receiver.behaviour = lambda _: chance.choice([TAKEN, Answer(None), Answer(503), TAKEN])
    patients, rounds = 4, 10
    alerts = [low(told, f"p{at % patients}", minutes=600 - at) for at in range(patients * rounds)]
    receiver.wait(lambda: {one.path.rpartition("/")[2] for one in receiver.at("/hook/")} == set(alerts))
    firsts = list(dict.fromkeys(one.path.rpartition("/")[2] for one in receiver.at("/hook/")))
    for patient in range(patients):
        mine = alerts[patient::patients]
        assert [id for id in firsts if id in mine] == mine
    assert len(receiver.at("/hook/")) == len(alerts)


def test_a_notification_is_signed_for_its_receiver_alone(told: httpx.Client, receiver: Receiver) -> None:
    id = active(told, subscription(f"{receiver.url}/hook"))
    low(told)
    got = receiver.wait(lambda: receiver.at("/hook/"))[0]
    key = base64.b64decode(secret(SECRET, id).removeprefix("whsec_"))
    name, stamp = got.headers["webhook-id"], got.headers["webhook-timestamp"]
    signed = f"{name}.{stamp}.".encode() + got.body
    expected = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    assert got.headers["webhook-signature"] == f"v1,{expected}"
    assert secret(SECRET, "another") != secret(SECRET, id)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\u00b2",
        "\u0661",
        "soon",
        "nan",
        "-5",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2030 00:00:00 +99999999999999",
    ],
)
def test_a_pause_that_cannot_be_read_is_none(text: str) -> None:
    """What an endpoint writes there must not end the lane, which counts its failures."""
    assert Outbound(Endpoints(), "", now)._after(text) == 0
