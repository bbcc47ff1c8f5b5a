"""Those who use the service while it is attacked: each goes on at another process where one does not answer."""

import random
import threading
from abc import ABC, abstractmethod
from typing import Any

import httpx

from tests.build import ago, panel
from tests.consumers import onward
from tests.fhir_client import POLL, link, resources
from tests.serving import Service

ROUND = "urn:oid:2.999.1"
PATIENTS, READINGS = 5, 100
"""Of each writer at a time, and how many readings they have in all, before others come."""
BEGIN = "/fhir/$poll?consumer=pager&from=beginning&_count=7"
WHO = {"name": "who", "valueReference": {"reference": "Practitioner/nurse-1"}}


class Client(threading.Thread, ABC):
    """Works until told to end; `failed` is what it could not bear."""

    def __init__(self, services: list[Service], chance: random.Random) -> None:
        super().__init__(daemon=True)
        self._services, self._chance = services, chance
        self._client = httpx.Client(timeout=20)
        self.ended = threading.Event()
        self.failed: BaseException | None = None
        self.refused = 0

    def run(self) -> None:
        try:
            with self._client:
                self.work()
        except BaseException as error:
            self.failed = error

    @abstractmethod
    def work(self) -> None:
        """What it does until `ended` is set."""

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response | None:
        """The answer of some process; None where there is none, or it says to come again."""
        root = self._chance.choice(self._services).url
        try:
            answer = self._client.request(method, root + path, **more)
        except httpx.HTTPError:
            answer = None
        if answer is None or answer.status_code in (429, 503):
            self.refused += 1
            self.ended.wait(0.2)
            return None
        assert answer.status_code < 300, answer.text
        return answer


class Writer(Client):
    """Posts low readings, each again until it is acknowledged; `acknowledged` are their ids, patient by patient."""

    def __init__(self, services: list[Service], chance: random.Random, number: int, pause: float) -> None:
        super().__init__(services, chance)
        self._number, self._pause = number, pause
        self.acknowledged: list[str] = []

    def work(self) -> None:
        at = 0
        while not self.ended.wait(self._pause * 2 * self._chance.random()):
            at += 1
            value = f"w{self._number}-{at}"
            reading = panel(
                60 if at % 7 == 0 else 84,  # critical now and then, and reminded of
                50,
                ago(60 - at / 60),
                f"w{self._number}-p{at // READINGS}-{at % PATIENTS}",
                identifier=[{"system": ROUND, "value": value}],
            )
            again = {"If-None-Exist": f"identifier={ROUND}|{value}"}
            answer = None
            while answer is None and not self.ended.is_set():
                answer = self.ask("POST", "/fhir/Observation", json=reading, headers=again)
            if answer is not None:
                self.acknowledged.append(answer.json()["id"])


class Poller(Client):
    """Follows the cursor; `seen` is every version that it was given."""

    def __init__(self, services: list[Service], chance: random.Random) -> None:
        super().__init__(services, chance)
        self.seen: list[tuple[str, str]] = []

    def work(self) -> None:
        path = POLL
        while True:
            last = self.ended.is_set()
            answer = self.ask("GET", path)
            if answer is None:
                continue
            page = answer.json()
            self.seen += versions(resources(page))
            path = _path(link(page, "next") or link(page, "monitor") or "")
            if last and not page.get("entry"):
                return
            self.ended.wait(0 if link(page, "next") else 0.1)


class Consumer(Client):
    """Takes pages by $poll and acknowledges each with the next request; acknowledges every third alert as a nurse."""

    def __init__(self, services: list[Service], chance: random.Random) -> None:
        super().__init__(services, chance)
        self.seen: list[tuple[str, str]] = []
        self.taken_up = 0

    def work(self) -> None:
        path = BEGIN
        while True:
            last = self.ended.is_set()
            answer = self.ask("POST", path)
            if answer is None:
                continue
            page = answer.json()
            found = resources(page)
            self.seen += versions(found)
            for alert in found:
                if self._chance.random() < 1 / 3:
                    self._take_up(alert["id"])
            path = _path(onward(page))
            if last and not found:
                return
            self.ended.wait(0 if found else 0.1)

    def _take_up(self, alert: str) -> None:
        body = {"resourceType": "Parameters", "parameter": [WHO]}
        with_task = self.ask("GET", f"/fhir/Task?focus=Observation/{alert}")
        if with_task is None or not resources(with_task.json()):
            return  # an alert that pages nobody has none
        if self.ask("POST", f"/fhir/Observation/{alert}/$acknowledge", json=body) is not None:
            self.taken_up += 1


def versions(alerts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """(id, version) of each."""
    return [(alert["id"], alert["meta"]["versionId"]) for alert in alerts]


def _path(url: str) -> str:
    """An address without the process that gave it."""
    return "/" + url.split("/", 3)[3]
