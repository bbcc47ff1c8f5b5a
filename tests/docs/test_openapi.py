"""The OpenAPI document tells everything that is served, and what it shows was really answered."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import openapi_spec_validator
import pytest

from api.capability import statement
from api.errors import STATUS
from api.exchange import FORM
from api.openapi import document, responses
from api.openapi.operations import OPERATIONS, PLAIN
from api.openapi.parameters import PREFERENCES, RESULTS
from api.openapi.responses import recorded
from api.query import TAKEN, VERSIONS
from api.routes import AUTH, CDS, FHIR, NAMED, PUBLISHED
from api.routes import PLAIN as PLAIN_ROUTES
from models.parameters import EVERYWHERE
from models.resource_types import COMMON, TYPES
from models.resource_types.published import PUBLISHED as READ_ONLY
from models.search.query import RESULT
from tests.build import panel
from tests.docs.recording import record
from tests.docs.write import BASE, FILES, RECORDED, ROOT, pretty

DOCUMENT = document()
METHODS = {"get", "put", "post", "patch", "delete"}
Operation = dict[str, Any]


def operations() -> Iterator[tuple[str, str, Operation]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def resolved(value: dict[str, Any]) -> dict[str, Any]:
    """What a reference refers to."""
    if "$ref" not in value:
        return value
    found: Any = DOCUMENT
    for part in value["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    assert isinstance(found, dict)
    return found


def named(operation: Operation, place: str) -> set[str]:
    """Names of the parameters that stand in a place."""
    found = (resolved(parameter) for parameter in operation.get("parameters", ()))
    return {parameter["name"] for parameter in found if parameter["in"] == place}


def operation(id: str) -> Operation:
    return next(found for _, _, found in operations() if found["operationId"] == id)


def test_it_is_valid_openapi() -> None:
    openapi_spec_validator.validate(DOCUMENT)


def test_every_route_stands_in_it_once_a_type() -> None:
    expected = {(path, "get") for path in PLAIN_ROUTES}
    for address in (*NAMED, *PUBLISHED, *FHIR):
        for name in address.types if re.search("{(type|published)}", address.path) else ("",):
            path = re.sub("{(type|published)}", name, f"/fhir{address.path}").removesuffix("/")
            expected |= {(path, method.lower()) for method in address.methods}
    expected |= {(address.path, method.lower()) for address in (*CDS, *AUTH) for method in address.methods}
    assert {(path, method) for path, method, _ in operations()} == expected
    assert {method for _, method, _ in operations()} <= METHODS


def test_nothing_is_described_that_is_not_served() -> None:
    served = {
        interaction.__name__
        for address in (*NAMED, *PUBLISHED, *FHIR, *CDS, *AUTH)
        for interaction in address.methods.values()
    }
    assert set(OPERATIONS) == served
    assert set(PLAIN) == {answer.__name__ for answer in PLAIN_ROUTES.values()}


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [found["operationId"] for _, _, found in operations()]
    assert len(set(names)) == len(names)
    assert all(name.isalnum() and name[0].islower() for name in names)


def test_every_group_of_operations_is_introduced() -> None:
    used = {tag for _, _, found in operations() for tag in found["tags"]}
    assert used == {tag["name"] for tag in DOCUMENT["tags"]}


@pytest.mark.parametrize("served", TYPES.values(), ids=lambda served: served.name)
def test_every_search_parameter_is_documented(served: Any) -> None:
    known = {param.name for param in (*served.params, *COMMON)} | set(RESULT)
    by_identifier = {f"{param.name}:identifier" for param in served.params if param.kind == "patient"}
    assert named(operation(f"search{served.name}"), "query") == known | by_identifier


def test_every_parameter_that_shapes_an_answer_is_explained() -> None:
    assert set(RESULTS) == set(RESULT)


def test_the_parameters_of_a_history_are_those_that_it_takes() -> None:
    assert named(operation("historyObservation"), "query") == {*VERSIONS.names, *EVERYWHERE}


@pytest.mark.parametrize("name", TAKEN)
def test_the_parameters_of_an_interaction_are_those_that_it_takes(name: str) -> None:
    ids = {OPERATIONS[name].id.format(type=type) for type in ("Observation", "CodeSystem")}
    for found in (found for _, _, found in operations() if found["operationId"] in ids):
        assert named(found, "query") == {*TAKEN[name].names, *EVERYWHERE}
        assert "400" in found["responses"]


@pytest.mark.parametrize(
    ("id", "headers"),
    [
        ("createObservation", {"Prefer", "If-None-Exist"}),
        ("updateObservation", {"Prefer", "If-Match", "If-None-Match"}),
        ("updateObservationByCriteria", {"Prefer", "If-Match", "If-None-Match"}),
        ("patchObservation", {"Prefer", "If-Match"}),
        ("deleteObservation", {"If-Match", "Prefer"}),
        ("transaction", {"Prefer"}),
        ("searchObservation", {"Prefer"}),
        ("readObservation", {"If-None-Match", "If-Modified-Since", "Prefer"}),
    ],
)
def test_request_headers_are_documented(id: str, headers: set[str]) -> None:
    assert named(operation(id), "header") == headers


def test_the_preferences_offered_are_those_that_are_understood() -> None:
    from api.exchange import RETURNS

    assert set(PREFERENCES) == RETURNS


def test_a_created_reading_documents_its_headers() -> None:
    headers = operation("createObservation")["responses"]["201"]["headers"]
    assert set(headers) == {"Location", "ETag", "Last-Modified", "Link", "Warning"}


def test_every_error_is_shown_with_an_answer_that_was_given() -> None:
    shown = {
        (int(name.removeprefix("Refused")), kind)
        for name, response in DOCUMENT["components"]["responses"].items()
        for kind in response["content"]["application/fhir+json"]["examples"]
    }
    assert shown == {(status, kind.__name__) for kind, status in STATUS.items()} | {(500, "Broken")}


@pytest.mark.parametrize("kind", STATUS, ids=lambda kind: kind.__name__)
def test_the_recorded_refusal_has_the_status_of_its_error(kind: type) -> None:
    found = recorded()["refusals"][kind.__name__]
    assert found["status"] == STATUS[kind]
    assert found["outcome"]["resourceType"] == "OperationOutcome"
    assert found["outcome"]["issue"][0]["details"]["text"]


def test_each_body_offers_the_examples_of_its_type() -> None:
    for _, method, found in operations():
        for media, content in found.get("requestBody", {}).get("content", {}).items():
            if media == FORM or method == "patch":
                continue
            type = content["schema"]["$ref"].rpartition("/")[2]
            if type in ("Parameters", "CdsCall"):
                continue  # what an operation is asked, which the parameters of its GET show; what is no FHIR
            offered = [resolved(shown)["value"] for shown in content["examples"].values()]
            assert offered
            assert {value["resourceType"] for value in offered} == {type}


def test_the_patches_that_are_shown_are_taken(sqlite_client: httpx.Client) -> None:
    reading = {**panel(120, 80), "id": "o1"}
    sqlite_client.put("/fhir/Observation/o1", json=reading)
    for kind, content in operation("patchObservation")["requestBody"]["content"].items():
        for shown in content["examples"].values():
            answer = sqlite_client.patch(
                "/fhir/Observation/o1", json=shown["value"], headers={"Content-Type": kind}
            )
            assert answer.status_code == 200, answer.text


def test_what_is_recorded_is_still_what_is_answered() -> None:
    assert RECORDED.read_text(encoding="utf-8") == pretty(record()), (
        "run `make golden` and read the difference"
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_what_is_generated_is_current(file: Any) -> None:
    responses.recorded.cache_clear()
    assert file.read_text(encoding="utf-8") == FILES[file](), "run `make golden` and read the difference"


def test_the_capability_statement_names_the_types_and_parameters_of_the_document() -> None:
    searched = [one for one in statement(BASE)["rest"][0]["resource"] if "searchParam" in one]
    assert {one["type"] for one in searched} == {*TYPES, *READ_ONLY, "AuditEvent"}
    for resource in searched:
        listed = {param["name"] for param in resource["searchParam"]}
        assert listed <= named(operation(f"search{resource['type']}"), "query")


def test_the_document_can_be_written_as_json() -> None:
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT
