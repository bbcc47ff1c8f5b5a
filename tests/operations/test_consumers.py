"""Consumers are listed with how far they are behind, reset, removed; a restored database is noticed."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from models.store import consumers as store
from models.store.engine import engine
from tests.build import ago, panel
from tests.consumers import BEGIN, PAGE, acknowledging, ids, low, onward, poll, refused, told
from tests.fhir_client import resources

RESET, REMOVE = "/fhir/$consumer-reset?consumer=pager", "/fhir/$consumer-remove?consumer=pager"


def execute(database_url: str, sql: str, **args: Any) -> None:
    """Change the database behind the service's back."""
    made = engine(database_url)
    with made.begin() as connection:
        connection.execute(text(sql), args)
    made.dispose()


def test_there_are_none_at_first(sqlite_client: httpx.Client) -> None:
    assert sqlite_client.get("/fhir/$consumers").json() == {"resourceType": "Parameters"}
    answer = sqlite_client.get("/fhir/$consumers?consumer=pager")
    assert (answer.status_code, answer.json()["resourceType"]) == (404, "OperationOutcome")


def test_each_is_told_with_what_waits_for_it(client: httpx.Client) -> None:
    poll(client, BEGIN)
    poll(client, "/fhir/$poll?consumer=west&subject=Patient/w")
    low(client, "a"), low(client, "b")
    named = [
        consumer["part"][0]["valueString"] for consumer in client.get("/fhir/$consumers").json()["parameter"]
    ]
    assert named == ["pager", "west"]
    here, west = told(client), told(client, "west")
    assert (here["alerts"], here["at-least"], here["late"], "criteria" in here) == (2, False, False, False)
    assert (west["alerts"], west["waiting-seconds"], west["criteria"]) == (0, 0, "subject=Patient/w")
    assert here["waiting-seconds"] >= 0
    assert "last-acknowledgement" not in here
    page = poll(client)
    assert told(client)["alerts"] == 2, "what was fetched and not acknowledged still waits"
    poll(client, acknowledging(page))
    here = told(client)
    assert (here["alerts"], here["waiting-seconds"]) == (0, 0)
    assert here["position"] == resources(page)[1]["meta"]["lastUpdated"] <= here["last-acknowledgement"]


def test_no_more_are_counted_than_is_worth_it(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.lag.MOST", 2)
    monkeypatch.setattr("api.operations.consumers.MOST", 2)
    poll(client, BEGIN)
    for at in range(3):
        low(client, f"p{at}")
    assert (told(client)["alerts"], told(client)["at-least"]) == (2, True)


def test_what_is_not_for_it_does_not_wait_for_it(client: httpx.Client) -> None:
    poll(client, f"{BEGIN}&subject=Patient/b")
    low(client, "a")
    client.post("/fhir/Observation", json=panel(120, 80))
    assert told(client)["alerts"] == 0


def test_asking_how_far_it_is_changes_nothing(client: httpx.Client) -> None:
    alert = low(client, "a")
    page = poll(client, BEGIN)
    before = told(client)
    same = ("position", "last-fetch", "alerts")
    assert [told(client)[name] for name in same] == [before[name] for name in same]
    assert ids(poll(client)) == [alert] == ids(page)


def test_it_is_reset_to_replay_and_old_cursors_hold_no_more(client: httpx.Client) -> None:
    made = [low(client, patient) for patient in "abc"]
    page = poll(client, BEGIN)
    poll(client, acknowledging(page))
    second = resources(page)[1]["meta"]["lastUpdated"]
    poll(client, f"{RESET}&from={second}")
    assert "reset" in refused(client, acknowledging(page), 410)
    again = client.post(onward(page))
    assert ids(again.json()) == made[1:], "an engine that goes on as before gets them again"
    assert "reset" in again.headers["warning"]
    assert ids(poll(client, onward(again.json()))) == []
    assert (
        poll(client, f"{RESET}&from=beginning")["parameter"][1]["valueInstant"]
        == "1970-01-01T00:00:00.000000Z"
    )
    assert ids(poll(client)) == made
    poll(client, f"{RESET}&from=now")
    assert ids(poll(client)) == []
    assert ids(poll(client, BEGIN)) == [], "from counts for a new consumer alone"


def test_one_that_is_removed_begins_anew(client: httpx.Client) -> None:
    alert = low(client, "a")
    old = poll(client, f"{BEGIN}&_tag=new")
    assert poll(client, REMOVE)["parameter"][0]["valueString"] == "pager"
    assert client.get("/fhir/$consumers").json() == {"resourceType": "Parameters"}
    assert ids(poll(client, f"{BEGIN}&subject=Patient/a")) == [alert]
    assert "reset" in refused(client, acknowledging(old), 410)


@pytest.mark.parametrize("url", [f"{RESET}&from=now", REMOVE, "/fhir/$ack?consumer=pager&cursor=x"])
def test_one_that_does_not_exist_is_not_found(client: httpx.Client, url: str) -> None:
    assert "no consumer pager" in refused(client, url, 404)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("/fhir/$ack?consumer=pager", "cursor"),
        ("/fhir/$ack?cursor=x", "consumer"),
        (RESET, "from"),
        (f"{RESET}&from=2999", "future"),
        ("/fhir/$consumer-remove", "consumer"),
        ("/fhir/$consumer-remove?consumer=Not%20A%20Name", "consumer"),
    ],
)
def test_what_is_missing_or_wrong_is_named(sqlite_client: httpx.Client, url: str, word: str) -> None:
    assert f"'{word}'" in refused(sqlite_client, url, 400) or word in refused(sqlite_client, url, 400)


def test_there_is_room_for_so_many(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST", 2)
    for name in ("one", "two"):
        poll(client, f"/fhir/$poll?consumer={name}")
    assert "$consumer-remove" in refused(client, "/fhir/$poll?consumer=three", 409)
    poll(client, "/fhir/$poll?consumer=two")


def test_after_a_restore_it_goes_on_from_where_the_backup_has_it(
    client: httpx.Client, database_url: str
) -> None:
    alert = low(client, "a")
    page = poll(client, BEGIN)
    execute(database_url, "UPDATE feed SET epoch = 'restored'")
    assert "restored" in refused(client, acknowledging(page), 410)
    again = client.post(onward(page))
    assert ids(again.json()) == [alert], "nothing is missed where an engine knows of no restore"
    assert "restored" in again.headers["warning"]
    assert ids(poll(client, onward(again.json()))) == []


def test_a_restored_database_that_never_heard_of_it_begins_it_where_it_was(
    client: httpx.Client, database_url: str
) -> None:
    first, second = low(client, "a"), low(client, "b")
    page = poll(client, f"{BEGIN}&_tag=new&_count=1")
    assert ids(page) == [first]
    execute(database_url, "DELETE FROM consumer")
    execute(database_url, "UPDATE feed SET epoch = 'restored'")
    again = poll(client, onward(page))
    assert ids(again) == [first], "the last one that it had comes once more"
    assert ids(poll(client, onward(again))) == [second]
    assert told(client)["criteria"] == "_tag=new"


def test_a_position_ahead_of_the_database_is_refused_with_what_to_do(
    client: httpx.Client, database_url: str
) -> None:
    alert = low(client, "a")
    poll(client, BEGIN)
    execute(database_url, "UPDATE consumer SET position = (SELECT seq + 1 FROM feed)")
    assert "$consumer-reset?consumer=pager&from=" in refused(client, PAGE, 410)
    poll(client, f"{RESET}&from={ago(60)}")
    assert ids(poll(client)) == [alert]


def test_what_finds_nothing_new_is_not_written_each_time(client: httpx.Client) -> None:
    low(client, "a")
    poll(client, BEGIN)
    first = told(client)["last-fetch"]
    for _ in range(3):
        poll(client)
    assert told(client)["last-fetch"] == first
