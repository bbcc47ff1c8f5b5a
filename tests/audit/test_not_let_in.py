"""What is refused before it is looked at leaves an event, and no flood of it fills the disk."""

import pytest

from tests.audit.trail import events, last, query
from tests.auth.flow import SMART, bearer, register
from tests.in_process import application


@pytest.fixture(autouse=True)
def a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing comes back while a test runs, however slow the machine is."""
    monkeypatch.setattr("api.throttle.WINDOW", 86_400)


def throttled(database_url: str) -> list[str]:
    """Who was told to come back later, as the audit names them."""
    found = [event for event in events(database_url) if event.get("outcomeDesc") == "429 throttled"]
    assert {event["outcome"] for event in found} <= {"4"}
    return [event["agent"][0]["who"].get("identifier", {}).get("value", "") for event in found]


def test_the_first_refusal_of_each_client_is_noted(database_url: str) -> None:
    one = register(database_url, "one", "system/Goal.rs")
    with application(database_url, **SMART, rate_limit=3) as client:
        headers = bearer(one.token(client))
        statuses = [client.get("/fhir/Goal", headers=headers).status_code for _ in range(8)]
        assert statuses == [200, 200, *[429] * 6]
        assert throttled(database_url) == ["one"]
        assert [client.get("/fhir/Goal").status_code for _ in range(5)] == [401, *[429] * 4]
    assert throttled(database_url) == ["one", ""]


def test_a_flood_from_everywhere_is_noted_so_often_and_no_more(database_url: str) -> None:
    from api.throttle import MOST_NOTED

    with application(database_url, audit="on", rate_limit=1) as client:
        for number in range(2 * MOST_NOTED):
            for _ in range(2):
                answer = client.get("/fhir/Goal", headers={"X-Forwarded-For": f"192.0.2.{number}"})
            assert answer.status_code == 429
    assert len(throttled(database_url)) == MOST_NOTED


def test_what_no_method_serves_is_noted_wherever_clients_ask(database_url: str) -> None:
    with application(database_url, **SMART) as client:
        for path in ("/fhir/$evaluate", "/auth/token", "/cds-services/clonidine-dose-check"):
            assert client.delete(path).status_code == 405
            assert last(database_url)["outcomeDesc"] == "405"
            assert query(last(database_url)) == f"DELETE {path}?"
        assert client.delete("/health/live").status_code == 405
    assert len(events(database_url)) == 3


def test_a_token_in_an_address_is_not_kept(database_url: str) -> None:
    with application(database_url, **SMART) as client:
        client.get("/fhir/Goal?access_token=eyJsecret&status=x")
        assert "eyJsecret" not in str(last(database_url))
        assert query(last(database_url)) == "GET /fhir/Goal?access_token=&status=x"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        client.post("/fhir/Goal/_search", content="client_assertion=eyJsecret", headers=form)
    assert "eyJsecret" not in str(last(database_url))
