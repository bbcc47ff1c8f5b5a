"""What an alert takes until 190 endpoints have it, with ten dead ones among them.

Two hundred Subscriptions ask for every alert; each reading is a new patient's and raises one. Of the ten a third
refuses connections, a third never answers, a third answers after seconds.
"""

import json
import statistics
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from bench import ward
from bench.contest import Contest, Figures, Row
from bench.hooks import Hooks
from bench.load import NotMeasured, ask
from bench.servers import Server
from bench.stage import Stage

LIVING, DEAD = 190, 10
CRITERIA = "Observation?category=alert"
HOSTS = {"CLONIDINE_WATCH_SUBSCRIPTION_HOSTS": "127.0.0.0/8"}
PATIENCE = 60.0
"""Seconds until all Subscriptions are active, and until everything has come."""
SHORTEST = 6.0
"""Seconds of a turn: at one alert a second there is nothing to count in less."""
_NUMBERS = count(1)


def subscription(endpoint: str) -> dict[str, Any]:
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "measurement",
        "criteria": CRITERIA,
        "channel": {"type": "rest-hook", "endpoint": endpoint, "payload": "application/fhir+json"},
    }


def told(stage: Stage, rate: float, database: str = "sqlite", processes: int = 1) -> Figures:
    """What the alerts took from their commit until they were taken."""
    url = stage.database(database)
    running = [stage.launch("service", url, **HOSTS) for _ in range(processes)]
    with Hooks().open() as hooks:
        try:
            _subscribe(running[0], hooks)
            seconds = max(stage.seconds, SHORTEST)
            cpu = sum(server.cpu() for server in running)
            alerts = _post(running, rate, seconds)
            _arrived(hooks, alerts * LIVING)
            cpu = sum(server.cpu() for server in running) - cpu
        finally:
            for server in running:
                server.stop()
        delays = sorted(hooks.delays)
    p99 = delays[min(len(delays) - 1, int(0.99 * len(delays)))]
    return Figures(len(delays) / seconds, statistics.median(delays), p99, cpu / len(delays))


def _subscribe(server: Server, hooks: Hooks) -> None:
    for number in range(LIVING):
        ask(server.port, "POST", "/fhir/Subscription", ward.body(subscription(hooks.living(number))))
    for number in range(DEAD):
        ask(server.port, "POST", "/fhir/Subscription", ward.body(subscription(hooks.dead(number))))
    deadline = time.monotonic() + PATIENCE
    while True:
        found = json.loads(
            ask(server.port, "GET", "/fhir/Subscription?status=active&_summary=count&_total=accurate")
        )
        if found["total"] >= LIVING:
            return
        if time.monotonic() > deadline:
            raise NotMeasured(f"{found['total']} Subscriptions became active")
        time.sleep(0.2)


def _post(running: list[Server], rate: float, seconds: float) -> int:
    """Readings at a steady rate, to the processes in turn; how many."""
    begin, number = time.monotonic(), int(rate * seconds)
    for at in range(number):
        time.sleep(max(0.0, begin + at / rate - time.monotonic()))
        patient = f"told-{next(_NUMBERS)}"
        reading = ward.panel(patient, datetime.now(UTC) - timedelta(minutes=5), (84, 52))
        ask(running[at % len(running)].port, "POST", "/fhir/Observation", ward.body(reading))
    return number


def _arrived(hooks: Hooks, number: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while len(hooks.delays) < number:
        if time.monotonic() > deadline:
            raise NotMeasured(f"{len(hooks.delays)} of {number} notifications came within {PATIENCE:g} s")
        time.sleep(0.1)


STAGES = [(database, processes) for database in ("sqlite", "postgresql") for processes in (1, 2)]
RATE = 5

CONTEST = Contest(
    "delivery",
    {
        f"{database}, {processes}": partial(told, rate=RATE, database=database, processes=processes)
        for database, processes in STAGES
    },
    tuple(
        Row(
            f"told-p99-{database}-{processes}",
            f"alert committed until each of {LIVING} endpoints has it, {DEAD} dead ones among them, {RATE} alerts a "
            f"second, {database}, {processes} {'process' if processes == 1 else 'processes'}: p99",
            2.0, 1.0, "p99", f"{database}, {processes}", unit="s",
        )
        for database, processes in STAGES
    ),
)  # fmt: skip
