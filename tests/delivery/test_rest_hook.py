"""Subscriptions of R4: tested, told in order, as updates or without a body."""

import httpx

from tests.build import ago, panel
from tests.delivery.subscribing import active, ask, kept, low, state, subscription, until
from tests.fhir_client import phase
from tests.receiver import TAKEN, Answer, Receiver


def test_an_endpoint_is_tested_before_it_is_told_and_gets_each_alert_as_an_update(
    told: httpx.Client, receiver: Receiver
) -> None:
    doc = subscription(f"{receiver.url}/hook", channel={"header": ["Authorization: Bearer abc"]})
    id = active(told, doc)
    test = receiver.received[0]
    assert (test.method, test.path, test.body) == ("POST", "/hook", b"")

    alert = low(told)
    got = receiver.wait(lambda: receiver.at("/hook/Observation"))[0]
    assert (got.method, got.path) == ("PUT", f"/hook/Observation/{alert}")
    assert got.headers["content-type"] == "application/fhir+json"
    assert got.headers["authorization"] == "Bearer abc"
    assert got.document == told.get(f"/fhir/Observation/{alert}").json()
    assert state(told, id)["meta"]["versionId"] == "2"


def test_without_a_payload_each_alert_is_an_empty_request(told: httpx.Client, receiver: Receiver) -> None:
    active(told, subscription(f"{receiver.url}/ping?key=7/", payload=""))
    low(told, "p1")
    low(told, "p2")
    pings = receiver.wait(lambda: len(found := receiver.at("/ping")) >= 3 and found)
    assert {(one.method, one.path, one.body) for one in pings} == {("POST", "/ping?key=7/", b"")}


def test_it_is_told_of_what_its_criteria_find_and_of_nothing_else(
    told: httpx.Client, receiver: Receiver
) -> None:
    active(told, subscription(f"{receiver.url}/p2", "Observation?category=alert&patient=Patient/p2"))
    active(told, subscription(f"{receiver.url}/all", "Observation?category=alert"))
    alerts = [low(told, "p1"), low(told, "p2")]
    receiver.wait(lambda: len(receiver.at("/all/")) == 2)
    receiver.wait(lambda: receiver.at("/p2/"))
    assert {one.path for one in receiver.at("/all/")} == {f"/all/Observation/{id}" for id in alerts}
    assert [one.path for one in receiver.at("/p2/")] == [f"/p2/Observation/{alerts[1]}"]


def test_other_resources_can_be_subscribed_to(told: httpx.Client, receiver: Receiver) -> None:
    active(told, subscription(f"{receiver.url}/readings", "Observation?code=85354-9&patient=p1"))
    told.post("/fhir/Observation", json=panel(120, 80, patient="p2"))
    kept = told.post("/fhir/Observation", json=panel(120, 80)).json()["id"]
    receiver.wait(lambda: receiver.at("/readings/"))
    assert [one.path for one in receiver.at("/readings/")] == [f"/readings/Observation/{kept}"]


def test_a_retraction_is_told_too(told: httpx.Client, receiver: Receiver) -> None:
    active(told, subscription(f"{receiver.url}/hook", "Observation?category=alert"))
    reading = told.post("/fhir/Observation", json=panel(84, 58)).json()
    receiver.wait(lambda: receiver.at("/hook/"))
    told.put(f"/fhir/Observation/{reading['id']}", json={**reading, "status": "entered-in-error"})
    last = receiver.wait(lambda: len(found := receiver.at("/hook/")) == 2 and found[-1])
    assert last.document["status"] == "entered-in-error"


def test_what_was_raised_before_the_test_succeeded_is_told_after_it(
    told: httpx.Client, receiver: Receiver
) -> None:
    receiver.behaviour = lambda _: Answer(503)
    id = ask(told, subscription(f"{receiver.url}/hook"))
    until(told, id, "error")
    alert = low(told)
    receiver.behaviour = lambda _: TAKEN
    receiver.wait(lambda: receiver.at(f"/hook/Observation/{alert}"))
    assert "error" not in until(told, id, "active")


def test_alerts_of_one_patient_come_in_the_order_of_commit(told: httpx.Client, receiver: Receiver) -> None:
    active(told, subscription(f"{receiver.url}/hook", "Observation?category=alert"))
    patients, rounds = 5, 8
    for turn in range(rounds):
        for patient in range(patients):
            low(told, f"p{patient}", minutes=600 - turn * 5)
    total = patients * rounds
    receiver.wait(lambda: len({one.path for one in receiver.at("/hook/")}) == total)
    for patient in range(patients):
        times = [
            one.document["meta"]["lastUpdated"]
            for one in receiver.at("/hook/")
            if one.document["subject"]["reference"] == f"Patient/p{patient}"
        ]
        assert len(times) == rounds
        assert times == sorted(times)
    phases = [phase(one.document) for one in receiver.at("/hook/")]
    assert phases.count("new") == patients


def test_turned_off_by_its_client_it_is_told_no_more_and_begins_anew(
    told: httpx.Client, receiver: Receiver
) -> None:
    id = active(told, subscription(f"{receiver.url}/hook"))
    told.put(f"/fhir/Subscription/{id}", json={**state(told, id), "status": "off"})
    witness = active(told, subscription(f"{receiver.url}/witness"))
    missed = low(told, "p1")
    receiver.wait(lambda: receiver.at(f"/witness/Observation/{missed}"))
    told.put(f"/fhir/Subscription/{id}", json={**state(told, id), "status": "requested"})
    until(told, id, "active")
    alert = low(told, "p2")
    receiver.wait(lambda: receiver.at(f"/hook/Observation/{alert}"))
    assert not receiver.at(f"/hook/Observation/{missed}")
    assert state(told, witness)["status"] == "active"


def test_deleted_it_is_told_no_more(told: httpx.Client, receiver: Receiver) -> None:
    id = active(told, subscription(f"{receiver.url}/hook"))
    told.delete(f"/fhir/Subscription/{id}")
    active(told, subscription(f"{receiver.url}/witness"))
    alert = low(told)
    receiver.wait(lambda: receiver.at(f"/witness/Observation/{alert}"))
    assert not receiver.at("/hook/")


def test_changed_by_its_client_it_goes_on_where_it_was(told: httpx.Client, receiver: Receiver) -> None:
    id = active(told, subscription(f"{receiver.url}/old"))
    first = low(told, "p1")
    receiver.wait(lambda: receiver.at(f"/old/Observation/{first}"))
    kept(told, id, 1)
    changed = {**subscription(f"{receiver.url}/new"), "id": id}
    assert told.put(f"/fhir/Subscription/{id}", json=changed).status_code == 200
    second = low(told, "p2")
    receiver.wait(lambda: receiver.at(f"/new/Observation/{second}"))
    assert not receiver.at(f"/new/Observation/{first}")


def test_its_end_turns_it_off(told: httpx.Client, receiver: Receiver) -> None:
    id = ask(told, subscription(f"{receiver.url}/hook", end=ago(-3 / 60)))
    assert "error" not in until(told, id, "off")
