"""What Prometheus sees: counts and durations, never an identifier."""

from datetime import datetime

from prometheus_client import Counter, Histogram

from api.clock import now
from service.commit import Answer

REQUESTS = Counter("clonidine_watch_requests_total", "Requests answered.", ["interaction", "status"])
SECONDS = Histogram(
    "clonidine_watch_request_seconds",
    "From the request's headers to the answer.",
    ["interaction"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
RAISED = Counter("clonidine_watch_alerts_raised_total", "Alerts raised.", ["rule", "severity", "phase"])
PUSHED = Histogram(
    "clonidine_watch_pushed_seconds",
    "From the commit of a change until the endpoint of a Subscription has taken it.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
NOTIFICATIONS = Counter("clonidine_watch_notifications_total", "Requests to endpoints.", ["outcome"])


def pushed(_: str, committed: datetime) -> None:
    """Count a change that an endpoint has taken."""
    PUSHED.observe((now() - committed).total_seconds())


def count_alerts(answer: Answer) -> None:
    """Count the alerts that a write raised."""
    for result in answer:
        for alert, _ in result.raised:
            RAISED.labels(alert.rule, alert.severity, alert.phase).inc()
