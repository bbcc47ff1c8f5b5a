"""P3: a poller sees every change, at least as its newest version, and none twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.build import ago, bundle, entry, panel
from tests.fhir_client import POLL, everything, follow, link, resources
from tests.serving import Service, serving

WRITERS, ROUNDS, BATCH = 8, 6, 20


class Poller(threading.Thread):
    """Follows the feed until told to end; `seen` are (id, version) in the order of arrival."""

    def __init__(self, url: str, by_cursor: bool) -> None:
        super().__init__()
        self._url, self._by_cursor = url, by_cursor
        self.seen: list[tuple[str, str]] = []
        self.times: list[str] = []
        self.done = threading.Event()
        self.failed: BaseException | None = None

    def run(self) -> None:
        try:
            with httpx.Client(timeout=60) as client:
                url = self._url + POLL
                while True:
                    last_round = self.done.is_set()
                    url = self._round(client, url)
                    if last_round:
                        return
        except BaseException as error:
            self.failed = error

    def _round(self, client: httpx.Client, url: str) -> str:
        for page in follow(client, url):
            metas = [(alert["id"], alert["meta"]) for alert in resources(page)]
            self.seen += [(id, meta["versionId"]) for id, meta in metas]
            self.times += [meta["lastUpdated"] for _, meta in metas]
            monitor = link(page, "monitor")
        if self._by_cursor:
            assert monitor is not None
            return monitor
        return f"{self._url}{POLL}" + (f"&_lastUpdated=gt{self.times[-1]}" if self.times else "")


def _write(url: str, writer: int) -> int:
    """Batches and transactions of low readings; how many alerts were acknowledged."""
    raised = 0
    with httpx.Client(timeout=60) as client:
        for turn in range(ROUNDS):
            low = [panel(84, 58, ago(writer + at), patient=f"w{writer}-{turn}-{at}") for at in range(BATCH)]
            kind = ("batch", "transaction")[turn % 2]
            answer = client.post(f"{url}/fhir", json=bundle(kind, *map(entry, low)))
            assert answer.status_code == 200, answer.text
            raised += sum("outcome" in part["response"] for part in answer.json()["entry"])
    return raised


def _attack(services: list[Service]) -> None:
    pollers = [Poller(service.url, by_cursor) for service in services for by_cursor in (True, False)]
    for poller in pollers:
        poller.start()
    try:
        with ThreadPoolExecutor(WRITERS) as pool:
            urls = [services[writer % len(services)].url for writer in range(WRITERS)]
            raised = sum(pool.map(_write, urls, range(WRITERS)))
    finally:
        for poller in pollers:
            poller.done.set()
    for poller in pollers:
        poller.join(120)
    assert raised == WRITERS * ROUNDS * BATCH
    with httpx.Client() as client:
        kept = everything(client, services[0].url + POLL)
    truth = {(alert["id"], alert["meta"]["versionId"]) for alert in kept}
    assert len(truth) == raised
    for poller in pollers:
        assert poller.failed is None, poller.failed
        assert set(poller.seen) == truth
        assert len(poller.seen) == len(set(poller.seen))
        assert poller.times == sorted(set(poller.times))


def test_nothing_is_missed_and_nothing_comes_twice(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path / "service.log") as service:
        _attack([service])


def test_the_same_with_several_server_processes(postgresql_url: str, tmp_path: Path) -> None:
    with (
        serving(postgresql_url, tmp_path / "one.log") as one,
        serving(postgresql_url, tmp_path / "two.log") as two,
    ):
        _attack([one, two])


@pytest.mark.parametrize("workers", ["2"])
def test_the_same_with_several_workers_on_sqlite(sqlite_url: str, tmp_path: Path, workers: str) -> None:
    with serving(sqlite_url, tmp_path / "service.log", "--workers", workers) as service:
        _attack([service])
