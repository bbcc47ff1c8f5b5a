"""What Prometheus sees: counts and durations, never an identifier.

Several workers count together: each writes its numbers into files of the folder that PROMETHEUS_MULTIPROC_DIR names.
"""

import os
import time
from collections.abc import Callable, Sequence

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from service.commit import Answer
from service.intake import Write

Commit = Callable[[Sequence[Write]], Sequence[Answer | Exception]]
TOGETHER = "PROMETHEUS_MULTIPROC_DIR"

REQUESTS = Counter("clonidine_watch_requests_total", "Requests answered.", ["interaction", "status"])
SECONDS = Histogram(
    "clonidine_watch_request_seconds",
    "From the request's headers to the answer.",
    ["interaction"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
RAISED = Counter("clonidine_watch_alerts_raised_total", "Alerts raised.", ["rule", "severity", "phase"])
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


def count_alerts(answer: Answer) -> None:
    """Count the alerts that a write raised."""
    for result in answer:
        for alert, _ in result.raised:
            RAISED.labels(alert.rule, alert.severity, alert.phase).inc()


def measured(commit: Commit) -> Commit:
    """`commit`, with the size of each batch and the time that it takes."""

    def counted(writes: Sequence[Write]) -> Sequence[Answer | Exception]:
        began = time.perf_counter()
        answers = commit(writes)
        COMMITS.observe(time.perf_counter() - began)
        BATCH.observe(len(writes))
        return answers

    return counted


def exposition() -> bytes:
    """Prometheus' text format, of all workers together."""
    if TOGETHER not in os.environ:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together)
