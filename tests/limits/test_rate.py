"""How often one client may ask."""

from pathlib import Path

import httpx
import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome
from starlette.requests import Request

from api.throttle import CLIENT, MOST_CLIENTS, WINDOW, Buckets, Left, client_key
from tests.auth.flow import SMART, bearer, register
from tests.build import panel
from tests.in_process import application

QUOTA = 60


class Clock:
    """Time as the test has it."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_bucket_is_emptied_and_fills_up_again(clock: Clock) -> None:
    buckets = Buckets(QUOTA, clock)
    assert [buckets.take("a").requests for _ in range(QUOTA)] == list(range(QUOTA - 1, -1, -1))
    assert buckets.take("a") == Left(0, WINDOW, 1)
    assert buckets.take("b") == Left(QUOTA - 1, 1, 0)
    clock.now += 0.5
    assert buckets.take("a").wait == 1
    clock.now += 0.5
    assert [buckets.take("a").wait, buckets.take("a").wait] == [0, 1]
    clock.now += 10 * WINDOW
    assert buckets.take("a") == Left(QUOTA - 1, 1, 0)


def test_whoever_waits_as_long_as_told_is_served(clock: Clock) -> None:
    for quota in (1, 7, 60, 1000):
        buckets = Buckets(quota, clock)
        for _ in range(quota):
            assert not buckets.take("a").wait
        clock.now += buckets.take("a").wait
        assert not buckets.take("a").wait


def test_the_clients_that_are_remembered_are_bounded(clock: Clock) -> None:
    buckets = Buckets(1, clock)
    for number in range(MOST_CLIENTS + 1):
        buckets.take(str(number))
    assert not buckets.take("0").wait
    assert buckets.take(str(MOST_CLIENTS)).wait


def _request(address: str, **more: str) -> Request:
    return Request({"type": "http", "headers": [], "client": (address, 1), **more})


def test_a_client_is_who_it_has_shown_to_be_else_its_address() -> None:
    assert client_key(_request("192.0.2.1")) != client_key(_request("192.0.2.2"))
    assert client_key(_request("192.0.2.1", **{CLIENT: "a"})) == client_key(
        _request("192.0.2.2", **{CLIENT: "a"})
    )
    assert client_key(_request("192.0.2.1", **{CLIENT: "192.0.2.2"})) != client_key(_request("192.0.2.2"))
    assert client_key(_request("2001:db8::1")) == client_key(_request("2001:db8::2:3"))
    assert client_key(_request("2001:db8::1")) != client_key(_request("2001:db8:0:1::1"))


def test_whoever_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    with application(f"sqlite:///{tmp_path / 'record.db'}", rate_limit=3) as client:
        answers = [client.post("/fhir/Observation", json=panel(120, 80)) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
        assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == [
            "r=2",
            "r=1",
            "r=0",
            "r=0",
        ]
        assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"client";q=3;w=60'}
        last = answers[-1]
        assert 1 <= int(last.headers["retry-after"]) <= 20
        assert OperationOutcome.model_validate_json(last.content).issue[0].code == "throttled"
        assert last.headers["cache-control"] == "no-store"
        assert "x-request-id" in last.headers
        for path in ("/health/live", "/health/ready", "/metrics"):
            assert client.get(path).status_code == 200
        assert client.get("/cds-services").status_code == 429


def test_there_is_no_limit_where_none_is_set(sqlite_client: httpx.Client) -> None:
    for _ in range(100):
        answer = sqlite_client.get("/fhir/Patient")
    assert answer.status_code == 200
    assert "ratelimit" not in answer.headers


def test_a_bundle_is_one_request(tmp_path: Path) -> None:
    entry = {"request": {"method": "GET", "url": "Patient"}}
    with application(f"sqlite:///{tmp_path / 'record.db'}", rate_limit=2) as client:
        answer = client.post("/fhir", json={"resourceType": "Bundle", "type": "batch", "entry": [entry] * 9})
        assert {one["response"]["status"] for one in answer.json()["entry"]} == {"200 OK"}
        assert "r=1;" in answer.headers["ratelimit"]


@pytest.fixture
def a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing comes back while a test runs, however slow the machine is."""
    monkeypatch.setattr("api.throttle.WINDOW", 86_400)


@pytest.mark.usefixtures("a_day")
def test_a_client_that_has_shown_who_it_is_has_a_quota_of_its_own(sqlite_url: str) -> None:
    """Those behind one address do not share what one of them, or somebody without a token, uses up."""
    engines = [register(sqlite_url, name, "system/Goal.rs") for name in ("one", "two")]
    with application(sqlite_url, **SMART, rate_limit=6) as client:
        one, two = (bearer(engine.token(client)) for engine in engines)

        def ask(headers: dict[str, str], times: int) -> list[int]:
            return [client.get("/fhir/Goal", headers=headers).status_code for _ in range(times)]

        assert ask(one, 1) + ask(two, 1) == [200, 200]
        assert ask(bearer("forged"), 4) == [401, 401, 429, 429], "by address, with what tokens cost"
        assert ask(one, 6) == [200] * 4 + [429] * 2, "its token and the first use of it count too"
        assert ask(two, 4) == [200] * 4
        assert ask({}, 1) == [429]


@pytest.mark.usefixtures("a_day")
def test_another_token_gives_no_other_quota(sqlite_url: str) -> None:
    engine = register(sqlite_url, "one", "system/Goal.rs")
    with application(sqlite_url, **SMART, rate_limit=6) as client:
        first = bearer(engine.token(client))
        assert [client.get("/fhir/Goal", headers=first).status_code for _ in range(6)] == [200] * 5 + [429]
        second = bearer(engine.token(client))
        assert client.get("/fhir/Goal", headers=second).status_code == 200, "by address, to be verified"
        assert client.get("/fhir/Goal", headers=second).status_code == 429
        assert client.get("/fhir/Goal", headers=first).status_code == 429


@pytest.mark.usefixtures("a_day")
def test_a_flood_of_forged_tokens_is_refused_before_any_is_verified(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.auth import authority

    looked, real = [], authority.unverified
    monkeypatch.setattr(authority, "unverified", lambda text: looked.append(text) or real(text))
    with application(sqlite_url, **SMART, rate_limit=3) as client:
        for number in range(20):
            client.get("/fhir/Goal", headers=bearer(f"forged.{number}"))
    assert len(looked) == 3
