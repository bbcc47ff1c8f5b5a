"""What the dashboard and the alert rules ask for is counted, and what is counted is shown."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import yaml
from sqlalchemy import text

from api.health import SILENT
from models.store.engine import engine
from tests.build import panel
from tests.conftest import ROOT
from tests.in_process import application
from tests.postgres import Postgres
from tests.serving import serving

FOLDER = ROOT / "docs/operations"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana-dashboard.json").read_text())
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "prometheus-alerts.yml").read_text())["groups"][0][
    "rules"
]
SHOWN = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
ASKED = [rule["expr"] for rule in RULES]
OURS = re.compile(r"clonidine_watch_\w+")
SCRAPE = 9
"""Seconds: less than the 10 that Prometheus waits unless it is told otherwise."""
PARTS = re.compile(r"_(?:bucket|sum|count|created)$")


def counted(client: httpx.Client) -> tuple[set[str], set[str]]:
    """Families and series of ours that a service exposes after an alert was raised, fetched and taken up."""
    kept = client.post("/fhir/Observation/$submit", json=panel(84, 58)).json()
    alert = kept["entry"][1]["resource"]["id"]
    assert client.post("/fhir/$poll?consumer=pager&from=beginning").status_code == 200
    said = {"resourceType": "Parameters", "parameter": [{"name": "action", "valueCode": "5"}]}
    assert client.post(f"/fhir/Observation/{alert}/$acknowledge", json=said).status_code == 200
    told = client.get("/metrics").text
    families = re.findall(r"^# TYPE (clonidine_watch_\w+) (?!.*_created)", told, re.MULTILINE)
    series = re.findall(r"^(clonidine_watch_\w+)", told, re.MULTILINE)
    return {name for name in families if not name.endswith("_created")}, set(series)


def test_whatever_is_asked_for_is_counted(sqlite_client: httpx.Client) -> None:
    _, series = counted(sqlite_client)
    assert {name for expr in (*SHOWN, *ASKED) for name in OURS.findall(expr)} - series == set()


def test_whatever_is_counted_is_shown_and_explained(sqlite_client: httpx.Client) -> None:
    families, _ = counted(sqlite_client)
    shown = {PARTS.sub("", name) for expr in SHOWN for name in OURS.findall(expr)}
    assert families - shown == set()
    explained = set(OURS.findall((ROOT / "docs/how-to/observe.md").read_text()))
    assert families == explained


def test_every_rule_says_what_has_happened_and_what_to_do() -> None:
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning"), rule["alert"]
        assert rule["annotations"].keys() == {"summary", "action"}, rule["alert"]


def test_the_first_failure_of_a_rule_is_an_increase(sqlite_client: httpx.Client) -> None:
    told = sqlite_client.get("/metrics").text
    series = 'clonidine_watch_alerts_raised_total{phase="new",rule="rule-failure",severity="low"}'
    assert f"{series} " in told, "Prometheus sees no increase in a series that begins with 1"


def test_no_metric_names_whom_it_is_about(sqlite_client: httpx.Client) -> None:
    assert (
        sqlite_client.post("/fhir/Observation", json=panel(84, 58, patient="muster", id="x")).status_code
        == 201
    )
    assert "muster" not in sqlite_client.get("/metrics").text


def test_what_is_due_and_not_looked_at_shows(sqlite_url: str) -> None:
    with application(sqlite_url, tick_seconds=3600) as client:
        client.post("/fhir/Observation", json=panel(84, 58))
        assert "clonidine_watch_clock_rules_lag_seconds 0.0" in client.get("/metrics").text
        made = engine(sqlite_url)
        with made.begin() as connection:
            connection.execute(text("UPDATE head SET due = 1"))
        made.dispose()
        (lag,) = re.findall(
            r"^clonidine_watch_clock_rules_lag_seconds (\S+)", client.get("/metrics").text, re.MULTILINE
        )
        assert float(lag) > 1e9


def test_a_database_that_has_gone_is_no_service_that_has_gone() -> None:
    with Postgres.running() as server, application(server.fresh()) as client:
        server.stop("immediate")
        while not waits(client):  # as everybody does once no connection is left
            pass
        told = client.get("/metrics", timeout=SCRAPE).text
        asked = client.get("/health/ready", timeout=SCRAPE)
    assert (asked.status_code, asked.json()["reason"]) == (503, SILENT)
    assert "clonidine_watch_clock_rules_lag_seconds NaN" in told
    assert "clonidine_watch_requests_total" in told


def waits(client: httpx.Client) -> bool:
    """Whether one who asks for the database gets no answer soon."""
    try:
        client.get("/health/ready", timeout=1)
    except httpx.ReadTimeout:
        return True
    return False


def test_workers_count_together(sqlite_url: str, tmp_path: Path) -> None:
    with serving(sqlite_url, tmp_path / "log", workers="2") as service:
        for _ in range(20):  # each over a connection of its own, to whichever worker takes it
            assert httpx.get(f"{service.url}/fhir/metadata", timeout=60).status_code == 200
        told = {httpx.get(f"{service.url}/metrics", timeout=60).text for _ in range(5)}
    counts = [re.findall(r'requests_total{interaction="metadata",status="200"} (\S+)', page) for page in told]
    assert {count for each in counts for count in each} == {"20.0"}
