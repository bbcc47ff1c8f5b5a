"""Faults of everything around delivery, a short one of each; `make soak` has the long ones.

After each: nothing acknowledged is lost, every alert was delivered, in order, hardly anything twice.
"""

import random
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from api import clock
from models.store import engine
from tests.build import ago, panel
from tests.consumers import BEGIN, PAGE, ids, onward, poll
from tests.delivery.subscribing import active, kept, low, subscription, topical
from tests.fhir_client import POLL, everything, phase
from tests.in_process import application
from tests.postgres import Postgres
from tests.receiver import PATIENCE, TAKEN, Answer, Received, Receiver
from tests.serving import Service
from tests.soak.storm import Storm, faults

ALL = "Observation?category=alert"
HOSTS = {"SUBSCRIPTION_HOSTS": "127.0.0.0/8"}


@pytest.fixture
def processes() -> Iterator[list[Service]]:
    """Those that a test starts; ended by force."""
    made: list[Service] = []
    yield made
    for service in made:
        service.stop(signal.SIGKILL)


def _start(processes: list[Service], url: str, folder: Path) -> Service:
    service = Service(url, folder / f"p{len(processes)}.log", **HOSTS)
    processes.append(service)
    service.start()
    return service


def _told(receiver: Receiver, path: str = "/hook/") -> list[str]:
    return [one.path.rpartition("/")[2] for one in receiver.at(path)]


def test_a_process_killed_in_the_middle_of_delivery(
    database_url: str, tmp_path: Path, receiver: Receiver, processes: list[Service]
) -> None:
    service = _start(processes, database_url, tmp_path)
    with httpx.Client(base_url=service.url, timeout=60) as client:
        active(client, subscription(f"{receiver.url}/hook", ALL))
        receiver.behaviour = lambda _: Answer(after=0.2)
        alerts = [low(client, minutes=90 - at) for at in range(8)]
    receiver.wait(lambda: len(_told(receiver)) >= 2)
    service.stop(signal.SIGKILL)
    receiver.behaviour = lambda _: TAKEN
    service.start()
    receiver.wait(lambda: set(_told(receiver)) == set(alerts))
    assert list(dict.fromkeys(_told(receiver))) == alerts
    assert len(_told(receiver)) < 2 * len(alerts)


def test_a_process_that_was_frozen_does_not_tell_what_another_has_told(
    database_url: str, tmp_path: Path, receiver: Receiver, processes: list[Service]
) -> None:
    frozen = _start(processes, database_url, tmp_path)
    with httpx.Client(base_url=frozen.url, timeout=60) as client:
        active(client, subscription(f"{receiver.url}/hook", ALL))
        receiver.behaviour = lambda _: Answer(503)
        alerts = [low(client, minutes=90 - at) for at in range(9)]
    other = _start(processes, database_url, tmp_path)
    receiver.behaviour = lambda _: Answer(after=0.5)  # all nine are of one page now
    receiver.wait(lambda: len(_told(receiver)) >= 2)
    frozen.signal(signal.SIGSTOP)
    receiver.behaviour = lambda _: TAKEN
    receiver.wait(lambda: set(_told(receiver)) == set(alerts))
    before = len(receiver.received)
    frozen.signal(signal.SIGCONT)
    with httpx.Client(base_url=frozen.url, timeout=60) as client:
        last = low(client, "p2")
        receiver.wait(lambda: last in _told(receiver))
    assert other.stop() == 0
    assert len(receiver.received) - before <= 2  # the last one, and what was under way when it froze


@pytest.mark.parametrize("seed", [1])
def test_postgresql_restarted_under_load(
    tmp_path: Path, receiver: Receiver, processes: list[Service], seed: int
) -> None:
    with Postgres.running() as server:
        url = server.fresh()
        services = [_start(processes, url, tmp_path) for _ in range(2)]
        storm = Storm(services, receiver, seed, pause=0.1)
        storm.subscribe(1)
        receiver.behaviour = faults(random.Random(seed))
        with storm.blowing():
            receiver.wait(lambda: len(receiver.taken) > 20)
            server.stop("immediate")
            before = sum(client.refused for client in (*storm.writers, storm.poller))
            _until(lambda: sum(client.refused for client in (*storm.writers, storm.poller)) > before)
            server.start()
            taken = len(receiver.taken)
            receiver.wait(lambda: len(receiver.taken) > taken + 20)
        account = storm.account()
        for service in processes:
            service.stop(signal.SIGKILL)
    assert account.lost == []
    assert account.disorder == []
    assert storm.writers[0].acknowledged


def _until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class _Moved(datetime):
    """A clock that can be set."""

    by = timedelta()

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.by  # type: ignore[arg-type]


def test_the_clock_stepped_back_an_hour(
    database_url: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers grow all the same, and what follows them goes on: delivery, polls, consumers, reminders."""
    monkeypatch.setattr(clock, "datetime", _Moved)
    monkeypatch.setattr(_Moved, "by", timedelta())
    options = {"subscription_hosts": "127.0.0.0/8", "remind_seconds": 1, "tick_seconds": 0.1}
    with application(database_url, **options) as client:
        active(client, subscription(f"{receiver.url}/hook", ALL))
        before = low(client, "p1", minutes=70)
        receiver.wait(lambda: before in _told(receiver))
        page = poll(client, BEGIN)
        assert before in ids(page)
        monkeypatch.setattr(_Moved, "by", timedelta(hours=-1))
        after = low(client, "p1", minutes=65)
        critical = low(client, "p2", minutes=65, systolic=60)
        receiver.wait(lambda: {after, critical} <= set(_told(receiver)))
        found = receiver.wait(lambda: [one for one in receiver.at("/hook/") if _reminds(one, critical)])
        assert found[0].document["status"] == "final"
        assert {after, critical} <= {*ids(poll(client, onward(page))), *ids(poll(client, PAGE))}
        alerts = everything(client, POLL)
        assert [one["id"] for one in alerts if one["id"] in (before, after)] == [before, after]
        updated = [one["meta"]["lastUpdated"] for one in alerts]
        assert sorted(set(updated)) == updated
        since = next(one["meta"]["lastUpdated"] for one in alerts if one["id"] == before)
        later = everything(client, f"{POLL}&_lastUpdated=gt{since.replace('+', '%2B')}")
        assert {after, critical} <= {one["id"] for one in later}


def _reminds(got: Received, alert: str) -> bool:
    return got.path.endswith(alert) and phase(got.document) == "reminder"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", folder], check=False).returncode:
        pytest.skip("a small disk can be mounted by root alone")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_disk_that_is_full(disk: Path, receiver: Receiver) -> None:
    options = {"subscription_hosts": "127.0.0.0/8"}
    with application(f"sqlite:///{disk}/clonidine-watch.db", **options) as client:
        active(client, subscription(f"{receiver.url}/hook", ALL))
        alerts = [low(client, "p0")]
        filler = disk / "filler"
        with pytest.raises(OSError, match="No space left"):
            filler.write_bytes(b"x" * 8_000_000)
        refused = _fill(client, alerts)
        assert refused.json()["resourceType"] == "OperationOutcome"
        assert refused.json()["issue"][0]["code"] == "transient"
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (503, "not ready")
        filler.unlink()
        _until(lambda: client.get("/health/ready").status_code == 200)
        alerts.append(low(client, "last"))
        receiver.wait(lambda: set(alerts) <= set(_told(receiver)))
        assert set(alerts) <= {alert["id"] for alert in everything(client, POLL)}
        assert len(_told(receiver)) == len(set(_told(receiver)))


def _fill(client: httpx.Client, alerts: list[str]) -> httpx.Response:
    """Low readings until one is refused; each that was acknowledged adds its alert."""
    for number in range(2000):
        answer = client.post("/fhir/Observation", json=panel(84, 58, ago(5), f"full-{number}"))
        if answer.status_code == 503:
            return answer
        assert answer.status_code == 201, answer.text
        alerts.append(answer.links["https://clonidine-watch.org/rel/alert"]["url"].rpartition("/")[2])
    raise AssertionError("the disk never was full")


def test_what_the_database_cannot_note_is_not_sent_again(
    sqlite_url: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notification was taken while nothing can be written: it is noted later, and not sent anew meanwhile."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
    holding, release = threading.Event(), threading.Event()

    def hold() -> None:
        with sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=PATIENCE) as other:
            other.execute("BEGIN IMMEDIATE")
            holding.set()
            release.wait(PATIENCE)

    holder = threading.Thread(target=hold)

    def behave(got: Received) -> Answer:
        if b"event-notification" in got.body and not holder.ident:
            holder.start()
            holding.wait(PATIENCE)
        return TAKEN

    with application(sqlite_url, subscription_hosts="127.0.0.0/8") as client:
        id = active(client, topical(f"{receiver.url}/topic"))
        receiver.behaviour = behave
        low(client)
        assert holding.wait(PATIENCE)
        _until(lambda: client.get("/health/ready").status_code == 503)
        time.sleep(3)  # for the attempts that are not to be
        release.set()
        holder.join()
        kept(client, id, 1)
    assert len([one for one in receiver.at("/topic") if b"event-notification" in one.body]) == 1
