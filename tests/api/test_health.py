"""The service says of itself who is late with alerts, and stays ready all the same."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from models.store.engine import database_url as url_of
from models.store.reader import reader
from models.times import micros
from service.lag import Lag
from service.watch import Watch
from tests.consumers import BEGIN, acknowledging, low, poll
from tests.in_process import application
from tests.operations.test_consumers import execute

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


def lag(waiting: float | None = None, silent: float | None = None) -> Lag:
    """Somebody for whom an alert has waited so long, who fetched so long ago."""
    then = [None if one is None else micros(AT - timedelta(seconds=one)) for one in (waiting, silent)]
    return Lag("pager", "", 0, int(waiting is not None), *then, None)


@pytest.mark.parametrize(
    ("found", "late"),
    [
        (lag(), False),
        (lag(180, 180), False),
        (lag(180.001, 1), True),
        (lag(None, 180.001), True),
        (lag(180.001, None), True),
        (lag(-5, -5), False),
    ],
)
def test_late_is_who_has_alerts_wait_or_fetches_nothing(found: Lag, late: bool) -> None:
    assert found.late(AT, 180) is late
    assert not found.late(AT, 0)


def back(database_url: str, seconds: int) -> None:
    """Have the consumer fetched so long ago."""
    execute(database_url, "UPDATE consumer SET fetched = fetched - :ago", ago=seconds * 1_000_000)


def lines(client: httpx.Client) -> dict[str, float]:
    """The metrics of consumers and of what alerts took."""
    text = client.get("/metrics").text.splitlines()
    found = [line.rsplit(" ", 1) for line in text if "consumer" in line or "alert_seconds_count" in line]
    return {
        name.removeprefix("clonidine_watch_"): float(value)
        for name, value in found
        if not name.startswith("#")
    }


def test_health_is_degraded_while_a_consumer_is_late(client: httpx.Client, database_url: str) -> None:
    assert client.get("/health").json() == {"status": "well"}
    low(client, "a")
    page = poll(client, BEGIN)
    assert client.get("/health").json() == {"status": "well"}
    back(database_url, 181)
    answer = client.get("/health")
    assert answer.status_code == 200
    (late,) = answer.json()["late"]
    assert (answer.json()["status"], late["consumer"], late["alerts"], late["silent"] >= 181) == (
        "degraded",
        "pager",
        1,
        True,
    )
    assert (client.get("/health/ready").status_code, client.get("/health/live").status_code) == (200, 200)
    assert lines(client)['consumer_late{consumer="pager"}'] == 1
    poll(client, acknowledging(page))
    poll(client)
    assert client.get("/health").json() == {"status": "well"}
    assert lines(client)['consumer_late{consumer="pager"}'] == 0


def test_the_limit_is_a_setting(database_url: str) -> None:
    with application(database_url, consumer_lag_seconds=0) as client:
        poll(client, BEGIN)
        back(database_url, 1_000_000)
        assert client.get("/health").json() == {"status": "well"}


def test_the_metrics_tell_of_each_consumer_and_of_none_that_is_gone(client: httpx.Client) -> None:
    low(client, "a"), low(client, "b")
    poll(client, BEGIN)
    told = lines(client)
    assert told['consumer_lag_alerts{consumer="pager"}'] == 2
    assert told['consumer_lag_seconds{consumer="pager"}'] > 0
    assert 0 <= told['consumer_last_fetch_seconds{consumer="pager"}'] < 60
    poll(client, "/fhir/$consumer-remove?consumer=pager")
    assert not [name for name in lines(client) if name.startswith("consumer")]


def test_the_log_tells_once_who_is_late_and_once_who_no_longer_is(
    client: httpx.Client, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    low(client, "a")
    page = poll(client, BEGIN)

    async def look() -> None:
        readers = reader(url_of(database_url))
        await readers.open()
        watch = Watch(readers, lambda: datetime.now(UTC), 180)
        for _ in range(2):
            await watch.look()
        back(database_url, 181)
        for _ in range(2):
            await watch.look()
        poll(client, acknowledging(page))
        poll(client)
        for _ in range(2):
            await watch.look()
        await readers.close()

    caplog.set_level(logging.INFO, "service.watch")
    asyncio.run(look())
    late, well = (record.getMessage() for record in caplog.records if record.name == "service.watch")
    assert late.startswith("pager is late: 1 alerts wait")
    assert well == "pager is late no more"


def test_an_alert_is_measured_when_it_is_committed_and_when_it_first_leaves(client: httpx.Client) -> None:
    names = [f'alert_seconds_count{{stage="{stage}"}}' for stage in ("committed", "fetched")]

    def moved(before: list[float]) -> list[float]:
        return [lines(client)[name] - was for name, was in zip(names, before, strict=True)]

    before = [lines(client)[name] for name in names]
    url = "/fhir/Observation?category=alert&_sort=_lastUpdated&_lastUpdated=gt2020-01-01"
    low(client, "a")
    client.get(url)
    assert moved(before) == [1, 0], "what was there when a feed is first seen is history"
    low(client, "b")
    client.get("/fhir/Observation?category=alert")
    assert moved(before) == [2, 0], "a search is no poll"
    client.get(url), client.get(f"{url}&_count=5")
    assert moved(before) == [2, 1], "it leaves for the first time but once"
    poll(client, BEGIN), poll(client)
    assert moved(before) == [2, 1], "what was there when a consumer begins is history"
    low(client, "c")
    poll(client), poll(client)
    poll(client, "/fhir/$consumer-reset?consumer=pager&from=beginning"), poll(client)
    assert moved(before) == [3, 2], "what comes again is not measured again"


def test_what_cannot_be_told_of_consumers_is_said_and_nothing_else_is_lost(
    sqlite_client: httpx.Client, sqlite_url: str
) -> None:
    execute(sqlite_url, "DROP TABLE consumer")
    answer = sqlite_client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert "reason" in answer.json()
    metrics = sqlite_client.get("/metrics")
    assert metrics.status_code == 200
    assert "clonidine_watch_requests_total" in metrics.text
    assert low(sqlite_client, "a")
