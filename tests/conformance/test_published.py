"""What the service publishes about its alerts is valid, complete, and follows from the tables."""

import json
import re
from typing import Any

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class

from api.operations.named import NAMED
from models.fhir import alert_profile
from models.fhir.codec import dump
from models.fhir.validation import against, validate
from models.resource_types.published import PUBLISHED as TYPES
from service.alerts.alert import PAGEABLE, PHASES, Phase
from service.alerts.chart import Chart
from service.alerts.observation import observation
from service.conformance import published as of_the_rules
from service.record.codes import ROOT
from service.rules import RULES
from service.rules.rule import SEVERITIES
from service.ruleset import load
from tests.alerts.test_observation import ALERTS
from tests.alerts.test_rule_failure import failing, sent
from tests.conftest import ROOT as FOLDER
from tests.fhir_client import link, resources

OURS = re.compile(r"https://clonidine-watch\.org/fhir/(?:CodeSystem|ValueSet|StructureDefinition)/[a-z-]+")
PUBLISHED = of_the_rules(load())
SYSTEMS = {doc["url"]: doc for (type, _), doc in PUBLISHED.items() if type == "CodeSystem"}
FAILURES = [
    observation(alert, "Patient/p1")
    for alert in sent(Chart("Patient/p1"), "x", 75, failing("hypotension")).raised
]


def codes(id: str) -> set[str]:
    return {concept["code"] for concept in PUBLISHED["CodeSystem", id]["concept"]}


@pytest.mark.parametrize("target", PUBLISHED, ids="/".join)
def test_each_is_a_resource_that_the_library_accepts(target: tuple[str, str]) -> None:
    doc = PUBLISHED[target]
    get_fhir_model_class(target[0]).model_validate(json.loads(dump(doc)))
    assert doc["url"] == f"{ROOT}/{'/'.join(target)}"
    listed = [concept["code"] for concept in doc.get("concept", ())]
    assert len(listed) == len(set(listed))
    assert re.fullmatch("[A-Z][A-Za-z0-9_]{0,254}", doc["name"])


def test_the_codes_are_those_of_the_tables() -> None:
    assert codes("clonidine-alert") == {rule.id for rule in RULES}
    assert codes("alert-severity") == set(SEVERITIES)
    assert codes("alert-phase") == set(PHASES) == set(Phase.__args__)
    (pages,) = PUBLISHED["ValueSet", "pageable-alert-phase"]["compose"]["include"]
    assert {concept["code"] for concept in pages["concept"]} == PAGEABLE


def test_every_operation_of_our_own_is_defined() -> None:
    ours = {operation.definition for operation in NAMED if operation.definition.startswith(ROOT)}
    assert ours == {doc["url"] for (type, _), doc in PUBLISHED.items() if type == "OperationDefinition"}


def codings(tree: Any) -> list[tuple[str, str]]:
    """Every coding of a code system of ours."""
    if isinstance(tree, list):
        return [found for part in tree for found in codings(part)]
    if not isinstance(tree, dict):
        return []
    own = [(tree["system"], tree["code"])] if f"{ROOT}/CodeSystem/" in str(tree.get("system")) else []
    return own + [found for part in tree.values() for found in codings(part)]


def test_every_code_of_ours_in_an_alert_is_published() -> None:
    used = set(codings([*ALERTS, *FAILURES]))
    assert {system.rpartition("/")[2] for system, _ in used} >= {
        "alert-reason",
        "alert-component",
        "alert-phase",
    }
    known = {(url, concept["code"]) for url, doc in SYSTEMS.items() for concept in doc["concept"]}
    assert used - known == set()


def test_an_alert_about_a_failed_rule_holds_to_the_profile() -> None:
    assert {alert["code"]["coding"][0]["code"] for alert in FAILURES} >= {"rule-failure"}
    for alert in FAILURES:
        assert validate(alert) == against(alert, alert_profile.ADDRESS) == []


def test_every_address_of_ours_in_the_code_is_published() -> None:
    files = [file for part in ("api", "service", "models") for file in (FOLDER / part).rglob("*.py")]
    texts = [file.read_text(encoding="utf-8").replace("{ROOT}", ROOT) for file in files]
    named = {found for text in texts for found in OURS.findall(text)}
    assert f"{ROOT}/CodeSystem/alert-phase" in named
    assert named - {doc["url"] for doc in PUBLISHED.values()} == set()


def test_the_profile_follows_from_what_alerts_are_held_to() -> None:
    elements = PUBLISHED["StructureDefinition", "clonidine-alert-observation"]["differential"]["element"]
    ids = [element["id"] for element in elements]
    assert len(ids) == len(set(ids))
    assert {part.slice for part in alert_profile.PARTS if part.slice} == {
        element["sliceName"] for element in elements if "sliceName" in element
    }
    assert [rule["key"] for rule in elements[0]["constraint"]] == [
        rule.key for rule in alert_profile.CONSTRAINTS
    ]
    bound = {element["binding"]["valueSet"] for element in elements if "binding" in element}
    assert bound <= {doc["url"] for doc in PUBLISHED.values()}
    assert len(bound) == 3


@pytest.mark.parametrize("target", PUBLISHED, ids="/".join)
def test_each_is_read_and_found(published: httpx.Client, target: tuple[str, str]) -> None:
    type, id = target
    read = published.get(f"/fhir/{type}/{id}")
    assert (read.status_code, read.headers["content-type"][:21]) == (200, "application/fhir+json")
    assert read.json() == json.loads(dump(PUBLISHED[target]))
    url, name = read.json()["url"], read.json()["name"]
    for query in (
        {"url": url},
        {"_id": id},
        {"_id": f"x,{id}", "version": "1.0.0"},
        {"name": name, "url": url},
    ):
        found = published.get(f"/fhir/{type}", params=query).json()
        assert (resources(found), found["total"]) == ([read.json()], 1)
    assert published.get(f"/fhir/{type}", params={"url": "urn:x"}).json()["total"] == 0


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from tests.in_process import application

    with application(f"sqlite:///{tmp_path_factory.mktemp('published') / 'x.db'}") as client:
        yield client


@pytest.mark.parametrize("type", TYPES)
def test_all_of_a_type_are_found_without_parameters(published: httpx.Client, type: str) -> None:
    found = published.get(f"/fhir/{type}").json()
    assert [one["id"] for one in resources(found)] == [id for name, id in PUBLISHED if name == type]
    assert link(found, "self") == f"{str(published.base_url).rstrip('/')}/fhir/{type}"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/CodeSystem", 405),
        ("PUT", "/CodeSystem/alert-phase", 405),
        ("DELETE", "/ValueSet/alert-phase", 405),
        ("PUT", "/StructureDefinition/x", 405),
        ("GET", "/CodeSystem/x", 404),
        ("GET", "/CodeSystem/x%00", 404),
        ("GET", "/CodeSystems/x", 404),
        ("GET", "/SearchParameter/x", 404),
        ("GET", "/CodeSystem?title=x", 400),
        ("GET", "/CodeSystem?name:exact=x", 400),
        ("POST", "/PlanDefinition", 405),
        ("PUT", "/PlanDefinition/hypotension", 405),
        ("GET", "/PlanDefinition/x", 404),
        ("GET", "/CodeSystem?_format=xml", 406),
    ],
)
def test_what_is_not_served_is_refused(published: httpx.Client, method: str, path: str, status: int) -> None:
    answer = published.request(method, f"/fhir{path}", json={} if method in ("POST", "PUT") else None)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")
    assert (answer.headers.get("allow") == "GET, HEAD") == (status == 405)


def test_a_bundle_cannot_write_them_either(published: httpx.Client) -> None:
    entry = {"resource": {"resourceType": "CodeSystem"}, "request": {"method": "POST", "url": "CodeSystem"}}
    answer = published.post("/fhir", json={"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    assert answer.status_code == 422
