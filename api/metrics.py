"""What Prometheus sees: counts and durations, never an identifier.

Several workers count together: each writes its numbers into files of the folder that PROMETHEUS_MULTIPROC_DIR names.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from api.clock import now
from models.times import micros
from service.alerts.alert import PHASES
from service.commit import Answer
from service.intake import Write
from service.lag import Lag
from service.rules.rule_failure import RULE as FAILURE

Commit = Callable[[Sequence[Write]], Sequence[Answer | Exception]]
TOGETHER = "PROMETHEUS_MULTIPROC_DIR"
BEGAN = "clonidine_watch.began"
"""Where the scope of a request tells when its headers had come, by `time.perf_counter`."""
REQUESTS = Counter("clonidine_watch_requests_total", "Requests answered.", ["interaction", "status"])
SECONDS = Histogram(
    "clonidine_watch_request_seconds",
    "From the request's headers to the answer.",
    ["interaction"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
RAISED = Counter("clonidine_watch_alerts_raised_total", "Alerts raised.", ["rule", "severity", "phase"])
for _phase in PHASES:
    RAISED.labels(FAILURE.id, FAILURE.severity, _phase)  # seen rising from 0: an increase needs two values
NOTIFICATIONS = Counter("clonidine_watch_notifications_total", "Requests to endpoints.", ["outcome"])
for _outcome in ("taken", "refused", "timeout", "unreachable", "closed"):
    NOTIFICATIONS.labels(_outcome)  # a rate of what has never been is 0, and not unknown

ACKNOWLEDGED = Histogram(
    "clonidine_watch_acknowledge_seconds",
    "From when the Task of an alert was asked for until somebody took it up.",
    ["severity"],
    buckets=(15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400),
)

ALERT_SECONDS = Histogram(
    "clonidine_watch_alert_seconds",
    "Of each alert, by stage: committed, from the headers of the request that raised it to its durable commit; "
    "fetched and pushed, from the commit until it first left.",
    ["stage"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600, 3600),
)
COMMITTED, FETCHED, PUSHED = (ALERT_SECONDS.labels(stage) for stage in ("committed", "fetched", "pushed"))
BATCH = Histogram(
    "clonidine_watch_batch_writes",
    "Writes that were committed together.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128),
)
COMMITS = Histogram(
    "clonidine_watch_commit_seconds",
    "From a batch being taken to its being durable.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
LAG = Gauge(
    "clonidine_watch_clock_rules_lag_seconds",
    "How long the clock rules have been waiting to be asked about a patient; 0 where nobody waits.",
    multiprocess_mode="mostrecent",
)


def count(answer: Answer, seconds: float) -> None:
    """Count the alerts that a write raised, committed so many `seconds` after the request's headers had come, and how
    long those that it took up had waited."""
    for result in answer:
        if result.taken:
            ACKNOWLEDGED.labels(result.taken.severity).observe(result.taken.seconds)
        for alert, _ in result.raised:
            RAISED.labels(alert.rule, alert.severity, alert.phase).inc()
            COMMITTED.observe(seconds)


def fetched(committed: Iterable[int]) -> None:
    """Tell of alerts that leave for the first time, by when they were committed (microseconds)."""
    _since(FETCHED, committed)


def pushed(committed: Iterable[int]) -> None:
    """The same of alerts that a receiver has taken."""
    _since(PUSHED, committed)


def _since(stage: Histogram, committed: Iterable[int]) -> None:
    at = micros(now())
    for instant in committed:
        stage.observe(max(0, at - instant) / 1e6)


def measured(commit: Commit) -> Commit:
    """`commit`, with the size of each batch and the time that it takes."""

    def counted(writes: Sequence[Write]) -> Sequence[Answer | Exception]:
        began = time.perf_counter()
        answers = commit(writes)
        COMMITS.observe(time.perf_counter() - began)
        BATCH.observe(len(writes))
        return answers

    return counted


def exposition(lags: Sequence[Lag], at: datetime, limit: int) -> bytes:
    """Prometheus' text format, of all workers together; `lags` are those of everybody who reads alerts."""
    together: CollectorRegistry = REGISTRY
    if TOGETHER in os.environ:
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    readers = CollectorRegistry()
    readers.register(_Readers(lags, at, limit))
    return generate_latest(together) + generate_latest(readers)


class _Readers(Collector):
    """Where everybody stands who reads alerts now, and nobody else."""

    def __init__(self, lags: Sequence[Lag], at: datetime, limit: int) -> None:
        self._lags, self._at, self._limit = lags, at, limit

    def collect(self) -> Iterator[Metric]:
        """A gauge for each row of LAGS."""
        for name, about, value in LAGS:
            gauge = GaugeMetricFamily(f"clonidine_watch_consumer_{name}", about, labels=["consumer"])
            for lag in self._lags:
                if name != "last_fetch_seconds" or lag.fetched is not None:
                    gauge.add_metric([lag.name], value(lag, self._at, self._limit))
            yield gauge


LAGS: Sequence[tuple[str, str, Callable[[Lag, datetime, int], float]]] = (
    (
        "lag_alerts",
        "Alerts that wait to be acknowledged; 10,000 and more as that.",
        lambda lag, *_: lag.alerts,
    ),
    ("lag_seconds", "For how long the oldest of them has waited.", lambda lag, at, _: lag.waiting(at)),
    ("last_fetch_seconds", "Since when nothing was fetched.", lambda lag, at, _: lag.silent(at)),
    (
        "late",
        "1 while a consumer is later than CONSUMER_LAG_SECONDS.",
        lambda lag, at, limit: lag.late(at, limit),
    ),
)
