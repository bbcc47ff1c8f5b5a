"""Several processes tell Subscriptions: each is told by one of them, and goes on when that one is killed."""

import signal
from pathlib import Path

import httpx
import pytest

from tests.delivery.subscribing import active, low, subscription
from tests.receiver import Receiver
from tests.serving import Service

HOSTS = {"subscription_hosts": "127.0.0.0/8"}


def _started(url: str, folder: Path, name: str) -> Service:
    made = Service(url, folder / f"{name}.log", **HOSTS)
    made.start()
    return made


@pytest.mark.parametrize("rounds", [1])
def test_a_killed_process_loses_no_alert(
    database_url: str, tmp_path: Path, receiver: Receiver, rounds: int
) -> None:
    running = [_started(database_url, tmp_path, f"p{number}") for number in range(2)]
    alerts: list[str] = []
    try:
        with httpx.Client(base_url=running[0].url, timeout=60) as client:
            for number in range(6):
                active(client, subscription(f"{receiver.url}/hook{number}"))
        for turn in range(rounds):
            victim, other = running[turn % 2], running[(turn + 1) % 2]
            with httpx.Client(base_url=other.url, timeout=60) as client:
                alerts += [low(client, f"p{turn}-{at}") for at in range(3)]
                victim.stop(signal.SIGKILL)
                alerts += [low(client, f"q{turn}-{at}") for at in range(3)]
            victim.start()
        for number in range(6):
            receiver.wait(lambda number=number: _told(receiver, number) == set(alerts))
    finally:
        for service in running:
            service.stop(signal.SIGKILL)


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
