"""Observation/{id}/$acknowledge over HTTP: the answer, the refusals, the list of what is open, the Device, metrics."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from service.conformance import published
from service.ruleset import load
from tests.build import bundle, entry, panel
from tests.fhir_client import everything, link

WHO = {"name": "who", "valueReference": {"reference": "Practitioner/nurse-1"}}


def said(*parameters: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": [*parameters]}


def raised(client: httpx.Client, systolic: int = 74, diastolic: int = 38, patient: str = "p1") -> str:
    """The address of the alert that a low panel raises."""
    answer = client.post("/fhir/Observation", json=panel(systolic, diastolic, patient=patient))
    assert answer.status_code == 201, answer.text
    (address,) = re.findall(r"<[^>]*/fhir/(Observation/[^>]+)>", answer.headers["Link"])
    return str(address)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.json()["resourceType"] == "OperationOutcome", answer.text
    return answer.status_code, answer.json()["issue"][0]["details"]["text"]


def test_an_alert_is_acknowledged_and_off_the_list(client: httpx.Client) -> None:
    alert = raised(client)
    (task,) = everything(client, "/fhir/Task?status=requested&patient=Patient/p1")
    assert task["focus"] == {"reference": alert}
    assert everything(client, f"/fhir/Task?focus={alert}") == [task]
    answer = client.post(f"/fhir/{alert}/$acknowledge", json=said(WHO, {"name": "action", "valueCode": "5"}))
    assert (answer.status_code, answer.json()["status"]) == (200, "completed")
    assert answer.headers["ETag"] == 'W/"2"'
    assert answer.headers["Location"].endswith(f"/fhir/Task/{task['id']}/_history/2")
    assert everything(client, "/fhir/Task?status=requested&patient=p1") == []
    (told,) = everything(client, f"/fhir/Provenance?target=Task/{task['id']}")
    assert told["agent"][0]["who"] == WHO["valueReference"]
    assert told["meta"]["lastUpdated"] > answer.json()["meta"]["lastUpdated"]
    again = client.post(f"/fhir/{alert}/$acknowledge", json=said(WHO, {"name": "action", "valueCode": "5"}))
    assert again.json() == answer.json()


def test_a_snooze_and_a_reason_as_text(sqlite_client: httpx.Client) -> None:
    until = (datetime.now(UTC) + timedelta(minutes=30)).isoformat()
    snoozed = sqlite_client.post(
        f"/fhir/{raised(sqlite_client)}/$acknowledge",
        json=said(WHO, {"name": "snoozeUntil", "valueDateTime": until}, {"name": "note", "valueString": "x"}),
    )
    assert snoozed.json()["status"] == "accepted"
    assert datetime.fromisoformat(snoozed.json()["restriction"]["period"]["end"]) == datetime.fromisoformat(
        until
    )
    dismissed = sqlite_client.post(
        f"/fhir/{raised(sqlite_client, 84, 65, 'p2')}/$acknowledge",
        json=said({"name": "reason", "valueString": "Cuff too large."}),
    )
    assert dismissed.json()["statusReason"] == {"text": "Cuff too large."}
    (told,) = everything(sqlite_client, f"/fhir/Provenance?target=Task/{dismissed.json()['id']}")
    assert told["agent"][0]["who"] == {"display": "Not told"}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (said({"name": "action", "valueCode": "5"}), 422, "A critical alert is acknowledged by somebody"),
        (said(WHO, {"name": "action", "valueCode": "1"}), 422, "Assessed Patient"),
        (said(WHO, {"name": "snoozeUntil", "valueDateTime": "2020-01-01T00:00:00Z"}), 422, "1 hours"),
        (said(WHO, {"name": "snoozeUntil", "valueDateTime": "soon"}), 400, "no instant"),
        (said(WHO, {"name": "mood", "valueString": "x"}), 400, "Known are who, action"),
        (said(WHO, WHO), 400, "twice"),
        (said({"name": "who", "valueString": "me"}), 400, "an object"),
        (said(WHO, {"name": "note", "valueInteger": 3}), 400, "text"),
        ({"resourceType": "Task"}, 400, "Parameters"),
    ],
)
def test_what_is_refused(sqlite_client: httpx.Client, body: dict[str, Any], status: int, words: str) -> None:
    alert = raised(sqlite_client)
    got, text = refusal(sqlite_client.post(f"/fhir/{alert}/$acknowledge", json=body))
    assert (got, words in text) == (status, True), text


def test_it_is_asked_of_alerts_that_are_there(sqlite_client: httpx.Client) -> None:
    assert refusal(sqlite_client.post("/fhir/Observation/x/$acknowledge", json=said(WHO)))[0] == 404
    assert refusal(sqlite_client.post("/fhir/Observation/a%20b/$acknowledge", json=said(WHO)))[0] == 404
    assert refusal(sqlite_client.get("/fhir/Observation/x/$acknowledge"))[0] == 405
    reading = sqlite_client.post("/fhir/Observation", json=panel(120, 80)).json()["id"]
    assert refusal(sqlite_client.post(f"/fhir/Observation/{reading}/$acknowledge", json=said(WHO)))[0] == 422
    stale = sqlite_client.post(
        f"/fhir/{raised(sqlite_client)}/$acknowledge", json=said(WHO), headers={"If-Match": 'W/"9"'}
    )
    assert refusal(stale)[0] == 412


def test_the_task_is_worked_on_like_any_other_and_not_deleted(client: httpx.Client) -> None:
    id = raised(client).partition("/")[2]
    task = client.get(f"/fhir/Task/{id}").json()
    nurse = WHO["valueReference"]
    kept = client.put(f"/fhir/Task/{id}", json={**task, "status": "in-progress", "owner": nurse})
    assert kept.status_code == 200, kept.text
    assert refusal(client.delete(f"/fhir/Task/{id}"))[0] == 422
    moved = client.put(f"/fhir/Task/{id}", json={**task, "focus": {"reference": "Observation/x"}})
    assert refusal(moved)[0] == 422
    batch = client.post("/fhir", json=bundle("batch", entry(task | {"intent": "plan"}, "PUT", f"Task/{id}")))
    assert batch.json()["entry"][0]["response"]["status"] == "422"


def test_the_device_that_alerts_name_can_be_read_and_not_written(sqlite_client: httpx.Client) -> None:
    alert = sqlite_client.get(f"/fhir/{raised(sqlite_client)}").json()
    read = sqlite_client.get(f"/fhir/{alert['device']['reference']}")
    assert (read.status_code, read.json()["resourceType"]) == (200, "Device")
    assert sqlite_client.post("/fhir/Device/$validate", json=without_version(read.json())).status_code == 200
    written = sqlite_client.put("/fhir/Device/rule-engine", json=without_version(read.json()))
    assert refusal(written)[0] == 422


def without_version(doc: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in doc.items() if key != "meta"}


def test_the_time_until_somebody_takes_it_up_is_measured(sqlite_client: httpx.Client) -> None:
    name = 'clonidine_watch_acknowledge_seconds_count{severity="critical"}'

    def count() -> float:
        lines = sqlite_client.get("/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    before, alert = count(), raised(sqlite_client)
    for _ in range(2):
        sqlite_client.post(f"/fhir/{alert}/$acknowledge", json=said(WHO)).raise_for_status()
    assert count() == before + 1


def test_polls_of_alerts_do_not_see_it(client: httpx.Client) -> None:
    alert = raised(client)
    page = client.get("/fhir/Observation?category=alert&_sort=_lastUpdated").json()
    monitor = link(page, "monitor")
    client.post(f"/fhir/{alert}/$acknowledge", json=said(WHO)).raise_for_status()
    assert "entry" not in client.get(monitor or "").json()


def test_its_definition_is_published() -> None:
    made = published(load())["OperationDefinition", "acknowledge"]
    assert (made["instance"], made["type"], made["affectsState"]) == (True, False, True)
    assert [one["name"] for one in made["parameter"]] == [
        "who",
        "action",
        "reason",
        "note",
        "snoozeUntil",
        "return",
    ]
