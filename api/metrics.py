"""What Prometheus sees: counts and durations, never an identifier."""

from prometheus_client import Counter, Histogram

from service.commit import Answer

REQUESTS = Counter("clonidine_watch_requests_total", "Requests answered.", ["interaction", "status"])
SECONDS = Histogram(
    "clonidine_watch_request_seconds",
    "From the request's headers to the answer.",
    ["interaction"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
RAISED = Counter("clonidine_watch_alerts_raised_total", "Alerts raised.", ["rule", "severity", "phase"])

ACKNOWLEDGED = Histogram(
    "clonidine_watch_acknowledge_seconds",
    "From when the Task of an alert was asked for until somebody took it up.",
    ["severity"],
    buckets=(15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400),
)


def count(answer: Answer) -> None:
    """Count the alerts that a write raised, and how long those that it took up had waited."""
    for result in answer:
        if result.taken:
            ACKNOWLEDGED.labels(result.taken.severity).observe(result.taken.seconds)
        for alert, _ in result.raised:
            RAISED.labels(alert.rule, alert.severity, alert.phase).inc()
