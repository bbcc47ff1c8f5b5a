"""What Prometheus sees: counts and durations, never an identifier."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

from api.clock import now
from models.times import micros
from service.commit import Answer
from service.lag import Lag

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
NOTIFICATIONS = Counter("clonidine_watch_notifications_total", "Requests to endpoints.", ["outcome"])

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
LAG_ALERTS = Gauge(
    "clonidine_watch_consumer_lag_alerts",
    "Alerts that wait to be acknowledged; 10,000 and more as that.",
    ["consumer"],
)
LAG_SECONDS = Gauge(
    "clonidine_watch_consumer_lag_seconds", "For how long the oldest of them has waited.", ["consumer"]
)
LAST_FETCH = Gauge(
    "clonidine_watch_consumer_last_fetch_seconds", "Since when nothing was fetched.", ["consumer"]
)
LATE = Gauge(
    "clonidine_watch_consumer_late", "1 while a consumer is later than CONSUMER_LAG_SECONDS.", ["consumer"]
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


def show(lags: Iterable[Lag], at: datetime, limit: int) -> None:
    """Put into the gauges where everybody stands who reads alerts, and nobody else."""
    for gauge in (LAG_ALERTS, LAG_SECONDS, LAST_FETCH, LATE):
        gauge.clear()
    for lag in lags:
        LAG_ALERTS.labels(lag.name).set(lag.alerts)
        LAG_SECONDS.labels(lag.name).set(lag.waiting(at))
        LATE.labels(lag.name).set(lag.late(at, limit))
        if lag.fetched is not None:
            LAST_FETCH.labels(lag.name).set(lag.silent(at))
