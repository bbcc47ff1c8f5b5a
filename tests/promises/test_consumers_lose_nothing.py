"""A consumer gets every alert at least once: with writers at once, several engines under one name, over crashes."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.build import ago, bundle, entry, panel
from tests.consumers import BEGIN, PAGE, acknowledging, ids, low, onward, poll
from tests.fhir_client import POLL, everything, resources
from tests.serving import Service, serving

WRITERS, ROUNDS, BATCH = 4, 5, 12
Seen = list[tuple[str, str]]


def _write(url: str, writer: int) -> None:
    with httpx.Client(timeout=60) as client:
        for turn in range(ROUNDS):
            low = [panel(84, 58, ago(5), patient=f"w{writer}-{turn}-{at}") for at in range(BATCH)]
            kind = ("batch", "transaction")[turn % 2]
            client.post(f"{url}/fhir", json=bundle(kind, *map(entry, low))).raise_for_status()


class Engine(threading.Thread):
    """Hands on a page, then acknowledges it with the next request, until told to end and nothing comes any more."""

    def __init__(self, url: str, criteria: str = "") -> None:
        super().__init__()
        self._url, self._begin = url, f"{BEGIN}&_count=7{criteria}"
        self.seen: Seen = []
        self.done = threading.Event()
        self.failed: BaseException | None = None

    def run(self) -> None:
        try:
            with httpx.Client(base_url=self._url, timeout=60) as client:
                url = self._begin
                while True:
                    last = self.done.is_set()
                    page = poll(client, url)
                    metas = [(alert["id"], alert["meta"]["versionId"]) for alert in resources(page)]
                    self.seen += metas
                    if last and not metas:
                        return
                    url = onward(page)
        except BaseException as error:
            self.failed = error


def _attack(services: list[Service], engines: list[Engine]) -> Seen:
    """Write while the engines fetch; the alerts that there are in the end, in the order of commit."""
    for engine in engines:
        engine.start()
    try:
        with ThreadPoolExecutor(WRITERS) as pool:
            urls = [services[writer % len(services)].url for writer in range(WRITERS)]
            list(pool.map(_write, urls, range(WRITERS)))
    finally:
        for engine in engines:
            engine.done.set()
    for engine in engines:
        engine.join(120)
        assert engine.failed is None, engine.failed
    with httpx.Client() as client:
        kept = everything(client, services[0].url + POLL)
    truth = [(alert["id"], alert["meta"]["versionId"]) for alert in kept]
    assert len(truth) == WRITERS * ROUNDS * BATCH
    return truth


def test_one_engine_gets_each_alert_once_and_in_order(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path / "service.log") as service:
        alone = Engine(service.url)
        assert _attack([service], [alone]) == alone.seen


def test_two_engines_under_one_name_leave_nothing_out(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path / "service.log") as service:
        both = [Engine(service.url), Engine(service.url)]
        truth = _attack([service], both)
        assert {*both[0].seen, *both[1].seen} == {*truth}


def test_the_same_over_two_server_processes(postgresql_url: str, tmp_path: Path) -> None:
    with (
        serving(postgresql_url, tmp_path / "one.log") as one,
        serving(postgresql_url, tmp_path / "two.log") as two,
    ):
        both = [Engine(one.url), Engine(two.url)]
        truth = _attack([one, two], both)
        assert {*both[0].seen, *both[1].seen} == {*truth}


def test_the_same_with_two_workers_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    with serving(sqlite_url, tmp_path / "service.log", "--workers", "2") as service:
        both = [Engine(service.url), Engine(service.url)]
        truth = _attack([service], both)
        assert {*both[0].seen, *both[1].seen} == {*truth}


def test_a_stop_between_poll_and_acknowledgement_loses_nothing(database_url: str, tmp_path: Path) -> None:
    """Killed before the acknowledgement, where least is left behind, and ended in order after it."""
    with serving(database_url, tmp_path / "service.log") as service, httpx.Client(timeout=60) as client:
        client.base_url = httpx.URL(service.url)
        made = [low(client, patient) for patient in "abc"]
        page = poll(client, f"{BEGIN}&_count=2")
        service.stop(signal.SIGKILL)
        service.start()
        assert ids(poll(client, f"{PAGE}&_count=2")) == made[:2]
        poll(client, acknowledging(page))
        service.stop()
        service.start()
        assert ids(poll(client)) == made[2:]


def test_polls_and_acknowledgements_at_once_never_move_it_back(client: httpx.Client) -> None:
    for at in range(12):
        low(client, f"p{at}")
    pages, url = [], f"{BEGIN}&_count=1"
    while ids(page := poll(client, url)):
        pages.append(page)
        url = onward(page)
    with ThreadPoolExecutor(6) as pool:
        links = [link for page in pages for link in (acknowledging(page), onward(page))]
        found = list(pool.map(lambda link: client.post(link).status_code, links[::-1] + links))
    assert {*found} == {200}
    assert ids(poll(client)) == []
