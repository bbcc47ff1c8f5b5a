"""The demo ward: each rule is seen on it, and it never mixes with patients."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from api.cli import CommandError
from api.clock import now
from api.commands.database import migrated
from api.demo.events import span
from api.demo.replay import LONGEST, load, ward
from api.settings import settings
from models.fhir.validation import validate
from service.commit import Intake
from service.intake import Write, entry
from service.rules import RULES
from service.ruleset import load as rules
from tests.build import panel
from tests.fhir_client import code, phase, resources, rule
from tests.in_process import application
from tests.serving import serving

ORIGIN = "https://clonidine-watch.org/fhir/CodeSystem/origin"
TYPES = ("Patient", "Condition", "Observation", "MedicationRequest", "MedicationAdministration")

BESIDE = {
    "contraindication-conduction", "contraindication-low-bp-or-hr-at-start", "hypersensitivity",
    "interaction-beta-blocker", "interaction-av-nodal", "interaction-cns-depressant",
}  # fmt: skip
"""The rules of what stands beside an order: nobody on the ward has a heart disease or another medicine."""
SHOWN = {one.id for one in RULES if one.on} - BESIDE - {"rule-failure", "treatment-duration-exceeded"}
"""The rules that five days can show."""


def alerts(client: httpx.Client) -> list[dict]:
    return resources(client.get("/fhir/Observation?category=alert&_count=1000").json())


def kept(client: httpx.Client) -> dict[str, dict]:
    """Everything in the database, by type and id, with version and time."""
    found = [one for type in TYPES for one in resources(client.get(f"/fhir/{type}?_count=1000").json())]
    return {f"{one['resourceType']}/{one['id']}": one for one in found}


def test_every_resource_is_valid_tagged_and_in_the_past() -> None:
    today = now().replace(second=0, microsecond=0)
    dated = ward(today)
    assert 6 <= len({one.doc["id"] for one in dated if one.doc["resourceType"] == "Patient"}) <= 8
    for at, doc in dated:
        assert [problem for problem in validate(doc) if problem.severity == "error"] == []
        assert doc["id"].startswith("demo-")
        assert (ORIGIN, "demo") in [(tag["system"], tag["code"]) for tag in doc["meta"]["tag"]]
        assert at <= today
    assert today - dated[-1].at < timedelta(minutes=15)


def test_every_rule_that_five_days_can_show_is_raised_on_it(database_url: str) -> None:
    said = load(settings({}, database_url=database_url))
    assert said.startswith("The demo ward is loaded: 7 patients")
    with application(database_url) as client:
        raised = alerts(client)
        course = [alert for alert in raised if alert["subject"]["reference"] == f"Patient/demo-{LONGEST.bed}"]
    assert {rule(alert) for alert in course} == SHOWN
    assert {phase(alert) for alert in raised} == {"new", "escalated", "reminder", "continuing"}


def test_loading_again_leaves_everything_as_its_users_have_made_it(database_url: str) -> None:
    chosen = settings({}, database_url=database_url)
    load(chosen)
    with application(database_url) as client:
        assert client.delete("/fhir/Observation/demo-3-bp-1-2130").status_code == 204
        assert client.post("/fhir/Observation", json=panel(120, 80, patient="p1")).status_code == 201
        before = kept(client)
        assert load(chosen) == "The demo ward is in the database already."
        assert kept(client) == before


def test_a_ward_that_was_begun_is_completed_at_its_own_times(database_url: str) -> None:
    chosen = settings({}, database_url=database_url)
    yesterday = now().replace(second=0, microsecond=0) - timedelta(days=1)
    begun = ward(yesterday)[:40]
    with migrated(database_url) as database:
        clock = [begun[0].at]
        intake = Intake(database.ledger, rules(), lambda: clock[0])
        for clock[0], doc in begun:
            intake.commit([Write((entry("PUT", doc, doc["id"], ()),))])
    load(chosen)
    with application(database_url) as client:
        found = kept(client)
    for at, doc in ward(yesterday):
        one = found[f"{doc['resourceType']}/{doc['id']}"]
        assert one["meta"]["versionId"] == "1"
        assert one["meta"]["lastUpdated"] >= at.strftime("%Y-%m-%dT%H:%M:%S")
    assert found[f"Condition/demo-{LONGEST.bed}-withdrawal"]["onsetDateTime"] == (
        yesterday - span(LONGEST.length)
    ).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_processes_that_load_it_at_once_load_it_once(database_url: str) -> None:
    chosen = settings({}, database_url=database_url)
    with ThreadPoolExecutor() as pool:
        assert len(list(pool.map(load, [chosen, chosen]))) == 2
    with application(database_url) as client:
        found = kept(client)
    assert {one["meta"]["versionId"] for one in found.values() if one["id"].startswith("demo-")} == {"1"}


def test_it_is_not_loaded_beside_patients(database_url: str) -> None:
    with application(database_url) as client:
        client.post("/fhir/Observation", json=panel(120, 80, patient="p1"))
    with pytest.raises(CommandError, match=r"resources of somebody else in this one \(Observation\)"):
        load(settings({}, database_url=database_url))


def test_serve_demo_shows_alerts_to_poll(sqlite_url: str, tmp_path: Path) -> None:
    with serving(sqlite_url, tmp_path / "log", "--demo") as service:
        poll = f"{service.url}/fhir/Observation?category=alert&_sort=_lastUpdated&_tag=new"
        found = resources(httpx.get(poll).json())
        assert "hypotension-severe" in {code(alert["code"], "clonidine-alert") for alert in found}
        service.stop()
        service.start()
        assert resources(httpx.get(poll).json()) == found
