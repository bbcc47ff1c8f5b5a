"""Told to end under load, the service turns nobody away whom it had let in, and loses nothing that it acknowledged."""

import json
import signal
import socket
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.build import ago, panel
from tests.fhir_client import everything
from tests.serving import serving

SENDERS = 6


class Sender(threading.Thread):
    """Posts over one connection, and leaves for another server when it is asked to, as a load balancer does."""

    def __init__(self, url: str, number: int) -> None:
        super().__init__()
        self._url, self._number = url, number
        self.kept: list[str] = []
        self.broken: list[str] = []
        self.asked_to_leave = False

    def run(self) -> None:
        with httpx.Client(timeout=60) as client:
            while not self.asked_to_leave:
                try:
                    doc = panel(84, 58, ago(5), f"s{self._number}-{len(self.kept)}")
                    answer = client.post(f"{self._url}/fhir/Observation", json=doc)
                except httpx.TransportError as error:
                    self.broken.append(repr(error))
                    return
                assert answer.status_code == 201
                self.kept.append(answer.json()["id"])
                self.asked_to_leave = answer.headers.get("connection") == "close"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_no_request_breaks_and_nothing_is_lost(database_url: str, tmp_path: Path, workers: str) -> None:
    with serving(database_url, tmp_path / "log", "--workers", workers, drain_seconds=2) as service:
        senders = [Sender(service.url, number) for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        while not all(len(sender.kept) > 3 for sender in senders):
            time.sleep(0.01)
        service.tell()
        for sender in senders:
            sender.join(60)
        assert [sender.broken for sender in senders] == [[]] * SENDERS
        assert all(sender.asked_to_leave for sender in senders)
        assert service.wait() == 0
    with serving(database_url, tmp_path / "log") as service, httpx.Client(timeout=60) as client:
        kept = {
            one["id"] for one in everything(client, f"{service.url}/fhir/Observation?category=vital-signs")
        }
    assert kept == {id for sender in senders for id in sender.kept}


@pytest.mark.parametrize("workers", ["1", "2"])
def test_once_it_only_ends_what_it_had_begun_nobody_else_is_let_in(
    sqlite_url: str, tmp_path: Path, workers: str
) -> None:
    body = json.dumps(panel(84, 58)).encode()
    head = f"POST /fhir/Observation HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    with serving(sqlite_url, tmp_path / "log", "--workers", workers) as service:
        with socket.create_connection(("127.0.0.1", service.port), timeout=60) as slow:
            slow.sendall(head.encode() + body[:-1])
            httpx.get(f"{service.url}/health/live")  # whoever takes the first has taken it by now
            service.tell()
            while not refuses(service.port):
                time.sleep(0.01)
            slow.sendall(body[-1:])
            assert slow.recv(100).startswith(b"HTTP/1.1 201 ")
        assert service.wait() == 0


def refuses(port: int) -> bool:
    """Whether a new connection is refused, which its client knows at once."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_it_says_that_it_is_not_ready_while_it_still_answers(
    sqlite_url: str, tmp_path: Path, how: signal.Signals
) -> None:
    with serving(sqlite_url, tmp_path / "log", drain_seconds="600") as service:
        service.tell(how)
        with httpx.Client(base_url=service.url, timeout=60) as client:
            while (answer := client.get("/health/ready")).status_code == 200:
                time.sleep(0.01)
            assert answer.json() == {"status": "not ready", "reason": "The service is shutting down."}
            assert answer.headers["connection"] == "close"
            assert client.get("/health/live").status_code == 200
            assert client.post("/fhir/Observation", json=panel(84, 58)).status_code == 201
        assert service.stop(how) == 0  # told twice, it waits no longer


def test_each_question_about_health_has_an_answer(client: httpx.Client) -> None:
    for path, status in (("live", "live"), ("ready", "ready"), ("startup", "started")):
        assert client.get(f"/health/{path}").json() == {"status": status}
