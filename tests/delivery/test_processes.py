"""A process that is started again goes on where it was; what becomes of one that is killed: test_faults.py."""

import signal
from pathlib import Path

import httpx

from tests.delivery.subscribing import active, low, subscription
from tests.receiver import Receiver
from tests.serving import Service

HOSTS = {"subscription_hosts": "127.0.0.0/8"}


def _started(url: str, folder: Path, name: str) -> Service:
    made = Service(url, folder / f"{name}.log", **HOSTS)
    made.start()
    return made


def _told(receiver: Receiver, number: int) -> set[str]:
    return {one.path.rpartition("/")[2] for one in receiver.at(f"/hook{number}/")}


def test_a_restart_repeats_nothing_that_was_taken(
    database_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    service = _started(database_url, tmp_path, "p")
    try:
        with httpx.Client(base_url=service.url, timeout=60) as client:
            active(client, subscription(f"{receiver.url}/hook0"))
            first = low(client, "p1")
            receiver.wait(lambda: _told(receiver, 0) == {first})
        assert service.stop() == 0
        service.start()
        with httpx.Client(base_url=service.url, timeout=60) as client:
            second = low(client, "p2")
            receiver.wait(lambda: _told(receiver, 0) == {first, second})
        assert len(receiver.at("/hook0/")) == 2
    finally:
        service.stop(signal.SIGKILL)
