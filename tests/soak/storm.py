"""A storm: clients at work while processes and databases die; in the end the account of what became of it."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import httpx

from tests.delivery.subscribing import ask, subscription, topical, until
from tests.fhir_client import POLL, everything
from tests.receiver import TAKEN, Answer, Behaviour, Received, Receiver
from tests.serving import Service
from tests.soak.clients import Client, Consumer, Poller, Writer, versions

EVERY = "Observation?category=alert"
CALM = 120.0
"""Seconds until everything has come once the storm is over: the longest pause of an endpoint that failed is 60."""
FAULTS = (*[TAKEN] * 14, Answer(500), Answer(429), Answer(302), Answer(None), Answer(None), Answer(after=0.3))


class Taken(NamedTuple):
    """A version of an alert that an endpoint took."""

    id: str
    version: str
    patient: str
    updated: str


class Account(NamedTuple):
    """What became of it: an empty `lost` and `disorder` is what is promised."""

    lost: list[str]
    disorder: list[str]
    figures: dict[str, str]


def faults(chance: random.Random) -> Behaviour:
    """An endpoint that fails now and then in every way, and takes the most."""
    lock = threading.Lock()

    def behave(_: Received) -> Answer:
        with lock:
            return chance.choice(FAULTS)

    return behave


class Storm:
    """`services` under way, the endpoint of their Subscriptions, and all who use them."""

    def __init__(self, services: list[Service], receiver: Receiver, seed: int, pause: float) -> None:
        self.services, self.receiver = services, receiver
        self.chance = random.Random(seed)
        self.writers = [Writer(services, self._own(), number, pause) for number in range(3)]
        self.poller, self.consumer = Poller(services, self._own()), Consumer(services, self._own())
        self.hooks: dict[str, str] = {}
        self._end = 0.0

    def _own(self) -> random.Random:
        return random.Random(self.chance.random())

    def subscribe(self, number: int) -> None:
        """So many Subscriptions of each form, active before the storm begins."""
        with httpx.Client(base_url=self.services[0].url, timeout=60) as client:
            for at in range(number):
                for form, make in (("update", subscription), ("topic", topical)):
                    path = f"/{form}{at}"
                    doc = make(self.receiver.url + path)
                    if form == "update":
                        doc["criteria"] = EVERY
                    self.hooks[path] = ask(client, doc)
            for id in self.hooks.values():
                until(client, id, "active")

    @contextmanager
    def blowing(self) -> Iterator[None]:
        """Clients at work; afterwards the endpoints take everything, and the readers have read to the end."""
        readers: list[Client] = [self.poller, self.consumer]
        for client in (*self.writers, *readers):
            client.start()
        try:
            yield
        finally:
            for writer in self.writers:
                writer.ended.set()
            self.receiver.behaviour = lambda _: TAKEN
        for writer in self.writers:
            writer.join(120)
        self._end = time.time()
        for reader in readers:
            reader.ended.set()
            reader.join(120)
        for client in (*self.writers, *readers):
            assert client.failed is None, repr(client.failed)
            assert not client.is_alive()

    def account(self) -> Account:
        """Wait until everything has come to everybody, or say what has not."""
        with httpx.Client(base_url=self.services[0].url, timeout=60) as client:
            every = everything(client, POLL)
        alerts = [
            one for one in every if _updated(one["meta"]["lastUpdated"]) < self._end
        ]  # no later reminders
        acknowledged = [id for writer in self.writers for id in writer.acknowledged]
        causes = {ref["reference"] for alert in every for ref in alert["derivedFrom"]}
        lost = [f"reading {id} has no alert" for id in acknowledged if f"Observation/{id}" not in causes]
        truth = set(versions(alerts))
        _calm(
            lambda: all(truth <= {(one.id, one.version) for one in self.taken(path)} for path in self.hooks)
        )
        disorder, sent = [], 0
        for path in self.hooks:
            taken = self.taken(path)
            sent += len(taken)
            missing = truth - {(one.id, one.version) for one in taken}
            lost += [f"{path} was not told of {one}" for one in missing]
            disorder += [f"{path}: {one}" for one in out_of_order(taken)]
        lost += [f"the poller missed {one}" for one in truth - set(self.poller.seen)]
        lost += [f"the consumer missed {one}" for one in truth - set(self.consumer.seen)]
        twice = [one for one, times in Counter(self.poller.seen).items() if times > 1]
        disorder += [f"the poller was given {one} twice" for one in twice]
        distinct = sum(len({(one.id, one.version) for one in self.taken(path)}) for path in self.hooks)
        return Account(
            lost,
            disorder,
            {
                "readings acknowledged": str(len(acknowledged)),
                "requests sent again": str(sum(writer.refused for writer in self.writers)),
                "alerts": str(len(alerts)),
                "notifications": f"{distinct} at {len(self.hooks)} Subscriptions",
                "taken twice": f"{sent - distinct} ({(sent - distinct) / max(distinct, 1):.1%})",
                "polled": f"{len(self.poller.seen)}, {len(twice)} twice",
                "consumed": f"{len(self.consumer.seen)}, {len(set(self.consumer.seen))} distinct",
                "taken up": str(self.consumer.taken_up),
                "from commit until taken": self._delays(),
            },
        )

    def taken(self, path: str) -> list[Taken]:
        """What one Subscription's endpoint took, in the order of arrival."""
        return [alert for got in self.receiver.at(path) if got.body for alert in _told(got.document)]

    def _delays(self) -> str:
        first: dict[tuple[str, str, str], float] = {}
        for got in self.receiver.at("/"):
            for one in _told(got.document) if got.body else ():
                delay = got.at - _updated(one.updated)
                first.setdefault((got.path.split("/")[1], one.id, one.version), delay)
        delays = sorted(first.values())
        if not delays:
            return "none"
        p50, p99 = (delays[min(len(delays) - 1, int(share * len(delays)))] for share in (0.5, 0.99))
        return f"p50 {p50:.2f} s, p99 {p99:.2f} s, longest {delays[-1]:.2f} s"


def out_of_order(taken: list[Taken]) -> list[str]:
    """What came behind something later of its patient, counting the first time that each came."""
    latest: dict[str, str] = {}
    found = []
    for one in dict.fromkeys(taken):
        if one.updated < latest.get(one.patient, ""):
            found.append(f"{one.id} version {one.version} came late")
        latest[one.patient] = max(one.updated, latest.get(one.patient, ""))
    return found


def _told(doc: dict[str, Any]) -> list[Taken]:
    found = [doc] if doc["resourceType"] == "Observation" else [
        entry["resource"] for entry in doc["entry"][1:]
    ]  # fmt: skip
    return [
        Taken(
            one["id"],
            one["meta"]["versionId"],
            one["subject"]["reference"],
            one["meta"]["lastUpdated"],
        )
        for one in found
    ]


def _updated(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _calm(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + CALM
    while not met() and time.monotonic() < deadline:
        time.sleep(0.5)
