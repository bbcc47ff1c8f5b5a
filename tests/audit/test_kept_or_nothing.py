"""No work without its event, and no event of work that was not done: whenever the process dies, whatever fails."""

import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from models.store.chain import Noted
from models.store.engine import engine
from models.store.ledger import Turn
from tests.audit.trail import AUDITED, about, events, short, sound
from tests.build import bundle, entry, panel
from tests.in_process import application
from tests.serving import serving

ROUNDS, CLIENTS = 3, 6


def versions(database_url: str) -> set[str]:
    """What clients wrote, as it stands in the database."""
    made = engine(database_url)
    with made.connect() as connection:
        rows = connection.execute(
            text("SELECT id, number FROM version WHERE NOT alert AND type = 'Observation'")
        )
        found = {f"Observation/{id}/_history/{number}" for id, number in rows}
    made.dispose()
    return found


def written(database_url: str) -> set[str]:
    """What the audit says that clients wrote."""
    done = [event for event in events(database_url) if short(event)[::2] in (("C", "0"), ("U", "0"))]
    return {one for event in done for one in about(event) if "/_history/" in one}


class Client(threading.Thread):
    """Writes and reads until the service is gone; `read` are the reads that were answered."""

    def __init__(self, url: str, number: int) -> None:
        super().__init__()
        self._url, self._number, self.read, self.turns = url, number, 0, 0

    def run(self) -> None:
        with httpx.Client(base_url=self._url, timeout=60) as client:
            try:
                while True:
                    self._once(client)
                    self.turns += 1
            except httpx.TransportError:
                return

    def _once(self, client: httpx.Client) -> None:
        patient = f"k{self._number}-{time.monotonic_ns()}"
        many = bundle("transaction", *(entry(panel(120, 80, patient=f"{patient}-{at}")) for at in range(3)))
        assert client.post("/fhir", json=many).status_code == 200
        assert client.post("/fhir/Observation", json=panel(120, 80, patient=patient)).status_code == 201
        assert client.get(f"/fhir/Observation?patient={patient}").status_code == 200
        self.read += 1


def test_sigkill_under_load_leaves_no_write_without_its_event(database_url: str, tmp_path: Path) -> None:
    chance, read = random.Random(2026), 0
    for _ in range(ROUNDS):
        with serving(database_url, tmp_path / "log", **AUDITED) as service:
            clients = [Client(service.url, number) for number in range(CLIENTS)]
            for client in clients:
                client.start()
            enough = chance.randint(10, 60)
            while sum(client.turns for client in clients) < enough:
                assert all(client.is_alive() for client in clients)
                time.sleep(0.005)
            service.stop(signal.SIGKILL)
            for client in clients:
                client.join(60)
            read += sum(client.read for client in clients)
    assert written(database_url) == versions(database_url) != set()
    assert len([event for event in events(database_url) if short(event)[0] == "E"]) >= read
    sound(database_url)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What the audit raises in a transaction, once it is told to."""
    told: list[Exception] = []
    audit = Turn.audit

    def broken(self: Turn, noted: list[Noted], now: int) -> None:
        audit(self, noted, now)
        if told and noted:
            raise told[0]

    monkeypatch.setattr(Turn, "audit", broken)
    return told


REQUESTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a write": ("POST", "/fhir/Observation", {"json": panel(84, 50)}),
    "a transaction": ("POST", "/fhir", {"json": bundle("transaction", entry(panel(84, 50)))}),
    "a read": ("GET", "/fhir/Observation/low", {}),
    "a search": ("GET", "/fhir/Observation", {}),
    "a refusal": ("GET", "/fhir/Observation/nobody", {}),
    "no address": ("GET", "/fhir/what/is/this/and/that", {}),
    "an operation": ("GET", "/fhir/Patient/p1/$dose-check", {}),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_what_cannot_be_audited_is_not_done_and_not_told(
    database_url: str, failing: list[Exception], name: str
) -> None:
    method, path, how = REQUESTS[name]
    with application(database_url, **AUDITED) as client:
        assert client.put("/fhir/Observation/low", json={**panel(84, 50), "id": "low"}).is_success
        before, kept = len(events(database_url)), versions(database_url)
        failing.append(OSError("no space"))
        answer = client.request(method, path, **how)
        assert answer.status_code == 503, answer.text
        assert "Observation/low" not in answer.text
        assert answer.json()["resourceType"] == "OperationOutcome"
        failing.clear()
        assert (len(events(database_url)), versions(database_url)) == (before, kept)
        assert client.request(method, path, **how).status_code < 500
    assert sound(database_url).events == before + 1


def test_an_entry_of_a_batch_that_cannot_be_audited_says_so(
    database_url: str, failing: list[Exception]
) -> None:
    with application(database_url, **AUDITED) as client:
        failing.append(OSError("no space"))
        looks = {"request": {"method": "GET", "url": "Observation"}}
        answer = client.post("/fhir", json=bundle("batch", entry({**panel(1, 2), "status": "x"}), looks))
        assert [one["response"]["status"] for one in answer.json()["entry"]] == ["503", "503"]
    assert events(database_url) == []


def test_a_write_that_fails_leaves_no_event_of_success(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit itself fails: of the reading and of its event, one after the other as they are tried again."""
    with application(database_url, **AUDITED) as client:
        keep = Turn.keep

        def broken(self: Turn, kept: Any, now: int) -> int:
            keep(self, kept, now)
            raise OSError("no space")

        monkeypatch.setattr(Turn, "keep", broken)
        assert client.post("/fhir/Observation", json=panel(84, 50)).status_code >= 500
        monkeypatch.undo()
        assert [short(event) for event in events(database_url)] == [("C", "create", "8")]
        assert versions(database_url) == set()
