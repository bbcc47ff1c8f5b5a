"""Goals over HTTP: alerts are those that the record implies under its patient's limits, whatever came first."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.build import ago, bundle, concept, entry, panel, quantity
from tests.fhir_client import Resource, everything, resources, rule
from tests.in_process import application

TODAY = datetime.now(UTC).date()
GOAL = "/fhir/Goal/g1"


def day(offset: int) -> str:
    return (TODAY + timedelta(days=offset)).isoformat()


def goal(low: Any = 80, unit: str = "mm[Hg]", start: str | None = day(-9), **more: Any) -> Resource:
    return {
        "resourceType": "Goal",
        "id": "g1",
        "lifecycleStatus": "active",
        "description": {"text": "Limits of this patient"},
        "subject": {"reference": "Patient/p1"},
        "expressedBy": {"reference": "Practitioner/dr1"},
        "target": [{"measure": concept("8480-6"), "detailRange": {"low": quantity(low, unit)}}],
        **({"startDate": start} if start else {}),
        **more,
    }


def reading(id: str, systolic: int, minutes: float = 5, patient: str = "p1") -> Resource:
    return {**panel(systolic, 66, ago(minutes), patient), "id": id}


def put(client: httpx.Client, *docs: Resource) -> None:
    for doc in docs:
        answer = client.put(f"/fhir/{doc['resourceType']}/{doc['id']}", json=doc)
        assert answer.status_code in (200, 201), answer.text


def low(client: httpx.Client, status: str = "final") -> list[str]:
    """The readings about which `hypotension` has an alert of this status."""
    found = everything(client, f"/fhir/Observation?code=hypotension&status={status}")
    return sorted(alert["derivedFrom"][0]["reference"].removeprefix("Observation/") for alert in found)


def test_a_goal_that_comes_after_the_readings_retracts_and_raises(client: httpx.Client) -> None:
    put(client, reading("weeks", 85, 60 * 24 * 30), reading("a", 85, 600), reading("b", 92))
    assert low(client) == ["a", "weeks"]

    put(client, goal(80))
    assert (low(client), low(client, "entered-in-error")) == (["weeks"], ["a"])
    put(client, goal(95))
    assert low(client) == ["a", "b", "weeks"]
    [alert] = everything(client, "/fhir/Observation?code=hypotension&derived-from=Observation/b")
    assert "Goal/g1, set by Practitioner/dr1" in alert["note"][0]["text"]


def test_a_goal_without_a_start_reaches_every_reading(client: httpx.Client) -> None:
    put(client, reading("years", 85, 60 * 24 * 1500), reading("a", 85, 600), goal(80, start=None))
    assert low(client) == []


def test_it_counts_no_more_once_deleted_entered_in_error_or_another_patients(client: httpx.Client) -> None:
    put(client, reading("a", 85), goal(80))
    assert low(client) == []
    assert client.delete(GOAL).status_code == 204
    assert low(client) == ["a"]
    put(client, goal(80))
    assert low(client) == []
    put(client, goal(80, lifecycleStatus="entered-in-error"))
    assert low(client) == ["a"]
    put(client, goal(80), reading("other", 85, patient="p2"))
    assert low(client) == ["other"]
    put(client, goal(80, subject={"reference": "Patient/p2"}))
    assert low(client) == ["a"]


def test_an_ended_goal_keeps_what_was_judged_under_it(client: httpx.Client) -> None:
    put(client, reading("a", 85, 60), goal(80), goal(80, lifecycleStatus="completed"))
    assert low(client) == []
    put(client, goal(80, lifecycleStatus="completed", note=[{"text": "again"}]), reading("b", 85, -2))
    assert low(client) == ["b"]
    put(client, goal(80))  # pursued again
    assert low(client) == []


def test_it_expires_with_its_due_date(client: httpx.Client) -> None:
    ended = goal(80)
    ended["target"][0]["dueDate"] = day(-3)
    put(client, reading("before", 85, 60 * 24 * 5), reading("after", 85), ended)
    assert low(client) == ["after"]


def test_a_chart_that_is_read_anew_knows_the_goal_and_what_it_reaches(database_url: str) -> None:
    with application(database_url) as client:
        put(client, reading("old", 85, 60 * 24 * 8), goal(80))
    with application(database_url) as client:
        put(client, reading("a", 85))
        assert low(client) == []
    with application(database_url) as client:
        assert client.delete(GOAL).status_code == 204
        assert low(client) == ["a", "old"]


@pytest.mark.parametrize("seed", range(4))
def test_any_order_and_any_split_end_in_the_same_alerts(client: httpx.Client, seed: int) -> None:
    chance = random.Random(seed)
    docs = [reading(f"r{number}", 76 + 3 * number, 60 * 7 * number) for number in range(8)]
    docs += [goal(82, start=day(-1)), goal(95) | {"id": "g2", "lifecycleStatus": "rejected"}]
    docs += [{"resourceType": "Patient", "id": "p1"}, *chance.sample(docs, 3)]
    chance.shuffle(docs)
    while docs:
        size = chance.choice((1, 2, 4))
        part = {(doc["resourceType"], doc["id"]): doc for doc in docs[:size]}
        del docs[:size]
        entries = [entry(doc, "PUT", f"{doc['resourceType']}/{doc['id']}") for doc in part.values()]
        answer = client.post("/fhir", json=bundle(chance.choice(("batch", "transaction")), *entries))
        assert {item["response"]["status"][:2] for item in answer.json()["entry"]} == {"20"}, answer.text
    raised = everything(client, "/fhir/Observation?category=alert&status=final")
    told = {(rule(one), one["component"][0]["valueQuantity"]["value"]) for one in raised}
    assert told >= {("hypotension-severe", 76), ("hypotension-severe", 79)}
    assert ("hypotension", 82) not in told  # 14 hours ago, and the limit is 82 since yesterday


def refused(answer: httpx.Response) -> tuple[int, str, str]:
    issue = next(one for one in answer.json()["issue"] if one["severity"] == "error")
    assert "70 to 110 mm[Hg]" in issue["details"]["text"]
    return answer.status_code, issue["expression"][0], issue["details"]["coding"][0]["code"]


BEYOND = (422, "Goal.target[0].detail.low", "goal-bounds")
LOW_VALUE = "/target/0/detailRange/low/value"


def test_a_limit_beyond_a_hard_bound_is_refused_however_it_comes(client: httpx.Client) -> None:
    put(client, goal(80))
    assert refused(client.post("/fhir/Goal", json=goal(69))) == BEYOND
    assert refused(client.put(GOAL, json=goal(110.01))) == BEYOND
    patch = [{"op": "replace", "path": LOW_VALUE, "value": 69}]
    headers = {"Content-Type": "application/json-patch+json"}
    assert refused(client.patch(GOAL, json=patch, headers=headers)) == BEYOND
    batch = client.post("/fhir", json=bundle("batch", entry(goal(60), "PUT", "Goal/g1"))).json()
    assert batch["entry"][0]["response"]["status"].startswith("422")
    whole = client.post(
        "/fhir", json=bundle("transaction", entry(reading("a", 85)), entry(goal(60), "PUT", "Goal/g1"))
    )
    assert whole.status_code == 422
    assert client.get(GOAL).json()["meta"]["versionId"] == "1"
    assert client.get("/fhir/Observation?_summary=count").json()["total"] == 0


def test_validate_tells_the_bound(sqlite_client: httpx.Client) -> None:
    answer = sqlite_client.post("/fhir/Goal/$validate", json=goal(69))

    assert refused(answer) == (200, *BEYOND[1:])
    assert refused(sqlite_client.post("/fhir/Goal/g1/$validate?mode=update", json=goal(111))) == (
        200,
        *BEYOND[1:],
    )


def test_a_unit_that_cannot_be_read_warns_the_sender_and_moves_nothing(sqlite_client: httpx.Client) -> None:
    put(sqlite_client, reading("a", 85))
    headers = {"Prefer": "return=OperationOutcome"}
    answer = sqlite_client.post("/fhir/Goal", json=goal(80, unit="cm"), headers=headers)

    assert answer.status_code == 201
    [issue] = [one for one in answer.json()["issue"] if one["severity"] == "warning" and "expression" in one]
    assert issue["details"]["coding"][0]["code"] == "goal-unit"
    assert low(sqlite_client) == ["a"]


def test_evaluate_takes_goals(sqlite_client: httpx.Client) -> None:
    def evaluated(*docs: Resource) -> list[str]:
        sent = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in docs]}
        return [rule(one) for one in resources(sqlite_client.post("/fhir/$evaluate", json=sent).json())]

    assert evaluated(reading("a", 85)) == ["hypotension"]
    assert evaluated(reading("a", 85), goal(80)) == []
    assert sqlite_client.get("/fhir/Goal?_summary=count").json()["total"] == 0
