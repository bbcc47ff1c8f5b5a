"""P1: what was acknowledged is kept, and no reading is kept without its alert, whenever the process dies."""

import random
import signal
import threading
import time
from pathlib import Path

import httpx

from tests.build import ago, bundle, entry, panel
from tests.fhir_client import POLL, everything
from tests.serving import serving

ROUNDS, WRITERS = 4, 6


class Writer(threading.Thread):
    """Posts low readings until the service is gone; `kept` are the ids that were acknowledged."""

    def __init__(self, url: str, number: int) -> None:
        super().__init__()
        self._url, self._number = url, number
        self.kept: list[str] = []

    def run(self) -> None:
        with httpx.Client(timeout=60) as client:
            for turn in range(100_000):
                try:
                    self.kept += self._post(client, turn)
                except httpx.TransportError:
                    return

    def _post(self, client: httpx.Client, turn: int) -> list[str]:
        patient = f"k{self._number}-{time.monotonic_ns()}"
        if turn % 3:
            answer = client.post(f"{self._url}/fhir/Observation", json=panel(84, 58, patient=patient))
            assert answer.status_code == 201
            return [answer.json()["id"]]
        many = bundle("transaction", *(entry(panel(84, 58, ago(at), f"{patient}-{at}")) for at in range(5)))
        answer = client.post(f"{self._url}/fhir", json=many)
        assert answer.status_code == 200
        return [part["response"]["location"].split("/")[-3] for part in answer.json()["entry"]]


def test_sigkill_under_load_loses_nothing(database_url: str, tmp_path: Path) -> None:
    """Killed at moments that differ each round; the database alone tells what is true afterwards."""
    chance = random.Random(2026)
    acknowledged: list[str] = []
    for _ in range(ROUNDS):
        with serving(database_url, tmp_path / "service.log") as service:
            writers = [Writer(service.url, number) for number in range(WRITERS)]
            for writer in writers:
                writer.start()
            enough = chance.randint(20, 200)
            while sum(len(writer.kept) for writer in writers) < enough:
                assert all(writer.is_alive() for writer in writers)
                time.sleep(0.005)
            service.stop(signal.SIGKILL)
            for writer in writers:
                writer.join(60)
            acknowledged += [id for writer in writers for id in writer.kept]
    with serving(database_url, tmp_path / "service.log") as service, httpx.Client(timeout=60) as client:
        readings = everything(client, f"{service.url}/fhir/Observation?category=vital-signs&_count=500")
        alerts = everything(client, service.url + POLL.replace("_count=7", "_count=500"))
    kept = {f"Observation/{reading['id']}" for reading in readings}
    assert kept >= {f"Observation/{id}" for id in acknowledged}
    judged = [alert["derivedFrom"][0]["reference"] for alert in alerts]
    assert sorted(judged) == sorted(kept)
