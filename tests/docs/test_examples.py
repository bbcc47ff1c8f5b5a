"""What the pages offer to post is valid, and does what they say."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from models import examples
from models.examples import EXAMPLES, Example, example, moved
from models.fhir.validation import validate, validate_bundle_shell
from models.problem import Problem
from tests.conftest import ROOT
from tests.fhir_client import phase, resources, rule
from tests.in_process import application

FOLDER = ROOT / "models/examples"
FHIR_JSON = {"Content-Type": "application/fhir+json"}
ALERTS = "/fhir/Observation?category=alert"


@pytest.fixture
def ward(sqlite_url: str) -> Iterator[httpx.Client]:
    """A client of the application with an empty database."""
    with application(sqlite_url) as client:
        yield client


def problems(doc: dict[str, Any]) -> list[Problem]:
    if doc["resourceType"] != "Bundle":
        return validate(doc)
    return [*validate_bundle_shell(doc), *(found for inner in resources(doc) for found in validate(inner))]


def post(client: httpx.Client, item: Example, **headers: str) -> httpx.Response:
    """Posted where it belongs, its times around now."""
    bundle = "/$evaluate" if item.type == "Bundle" and item.document["type"] == "collection" else ""
    path = bundle if item.type == "Bundle" else f"/{item.type}"
    text = moved(item.text, datetime.now(UTC))
    return client.post(f"/fhir{path}", content=text, headers=FHIR_JSON | headers)


def test_every_file_is_an_example_and_every_example_a_file() -> None:
    assert {item.name for item in EXAMPLES} == {file.stem for file in FOLDER.glob("*.json")}


@pytest.mark.parametrize("item", EXAMPLES, ids=lambda item: item.name)
def test_an_example_is_valid_and_draws_no_warning(item: Example) -> None:
    assert problems(item.document) == []


@pytest.mark.parametrize("item", EXAMPLES, ids=lambda item: item.name)
def test_an_example_raises_the_alerts_that_it_names(ward: httpx.Client, item: Example) -> None:
    for name in item.after:
        assert post(ward, example(name)).is_success
    before = {alert["id"] for alert in resources(ward.get(ALERTS).json())}
    answer = post(ward, item)
    assert answer.is_success, answer.text
    found = resources(answer.json() if "/$" in answer.request.url.path else ward.get(ALERTS).json())
    alerts = [alert for alert in found if alert["id"] not in before]
    assert {rule(alert) for alert in alerts} == set(item.raises)
    assert {phase(alert) for alert in alerts} <= {"new"}


def test_the_identified_reading_is_created_once(ward: httpx.Client) -> None:
    item = example("observation-identified")
    (identifier,) = item.document["identifier"]
    condition = f"identifier={identifier['system']}|{identifier['value']}"
    assert condition in item.about
    first = post(ward, item, **{"If-None-Exist": condition})
    again = post(ward, item, **{"If-None-Exist": condition})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]


def test_the_transaction_finds_its_patient_the_second_time(ward: httpx.Client) -> None:
    for _ in range(2):
        assert post(ward, example("bundle-transaction")).is_success
    assert ward.get("/fhir/Patient?_summary=count").json()["total"] == 1
    orders = resources(ward.get("/fhir/MedicationRequest").json())
    (patient,) = resources(ward.get("/fhir/Patient").json())
    assert {order["subject"]["reference"] for order in orders} == {f"Patient/{patient['id']}"}


@pytest.mark.parametrize("item", EXAMPLES, ids=lambda item: item.name)
def test_moved_by_nothing_an_example_stays_as_it_is(item: Example) -> None:
    assert moved(item.text, examples.NOW) == item.text


def test_every_type_has_an_example(ward: httpx.Client) -> None:
    listed = ward.get("/fhir/metadata").json()["rest"][0]["resource"]
    served = {one["type"] for one in listed if {"code": "create"} in one.get("interaction", ())}
    assert "Provenance" in served
    assert served <= {item.type for item in EXAMPLES}
