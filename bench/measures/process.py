"""The idle process: how soon it answers on an empty database, and what memory it holds then."""

from bench.contest import Contest, Figures, Row
from bench.stage import Stage


def start(stage: Stage) -> Figures:
    server = stage.launch("service", stage.database("sqlite"))
    figures = Figures(start=server.started, resident=server.resident())
    server.stop()
    return figures


CONTEST = Contest(
    "process",
    {"service": start},
    (
        Row("start", "start-up, until the first request is answered", 4, 2, "start", "service", unit="s"),
        Row("memory", "resident memory idle", 200, 120, "resident", "service", unit="MB", scale=1e-6),
    ),
)
