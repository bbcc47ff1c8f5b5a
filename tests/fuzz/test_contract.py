"""What the OpenAPI document promises of every operation holds, whatever is sent: schemathesis makes the requests."""

import copy
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from fhir.resources.R4B.operationoutcome import OperationOutcome
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.exchange import FHIR_JSON
from api.openapi import document
from models import examples
from models.resource_types import TYPES
from models.resource_types.published import PUBLISHED
from tests.in_process import application

DOCUMENT = document()
SCHEMA: Any = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = {
    operation.label: operation for operation in (found.ok() for found in SCHEMA.get_all_operations())
}
KEPT = "kept"
PLACES = {"id": KEPT, "version": "1"}
"""What the paths of likely requests name."""
EXAMPLES = 3
"""Requests of each kind for an operation in one round."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OF_NOTHING = [not_a_server_error, status_code_conformance, response_headers_conformance]
"""Of an answer without a body: 204, 304, or the client wants none."""

SAMPLE = ("Observation", "Patient", "StructureDefinition")
"""Types whose operations `make test` asks; the others are made from the same tables. `make fuzz` asks all."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each operation."""
    if "label" in metafunc.fixturenames:
        whole = metafunc.config.getoption("--fuzz-minutes") > 0
        metafunc.parametrize(
            "label", [label for label in OPERATIONS if whole or _type(label) in ("", *SAMPLE)]
        )


def _type(label: str) -> str:
    """The resource type in the path of an operation."""
    name = label.partition("/fhir/")[2].partition("/")[0]
    return name if name in (*TYPES, *PUBLISHED) else ""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A service that all operations write into."""
    with application(f"sqlite:///{tmp_path_factory.mktemp('contract')}/contract.db") as client:
        yield client


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        yield made


def refusal(_: Any, response: Any, case: Any) -> None:
    """Whatever is refused below /fhir is refused by an OperationOutcome; what is empty claims no format."""
    assert response.content or "content-type" not in response.headers
    if response.status_code >= 400 and case.path.startswith("/fhir") and case.method != "HEAD":
        assert response.headers["content-type"][0].startswith(FHIR_JSON)
        OperationOutcome.model_validate_json(response.content)


def rounds(seconds: float) -> Iterator[int]:
    """Seeds until the time is over, one at least."""
    began, at = time.monotonic(), 0
    while at == 0 or time.monotonic() - began < seconds:
        yield at
        at += 1


def test_the_document_is_kept(
    label: str, running: httpx.Client, session: requests.Session, fuzz_seconds: float
) -> None:
    kinds = [GenerationMode.POSITIVE]
    if label.partition(" ")[2].startswith("/fhir"):
        kinds += [GenerationMode.NEGATIVE]
    for at in rounds(fuzz_seconds / len(OPERATIONS)):
        for kind in kinds:
            _round(OPERATIONS[label].as_strategy(kind), at, running, session)
        _keep(label, running)
        _round(_likely(label), at, running, session)


def _keep(label: str, client: httpx.Client) -> None:
    """Have a resource of the operation's type under KEPT."""
    if (type := _type(label)) in TYPES:
        doc = json.loads(next(iter(examples.of(type))).text)
        client.put(f"/fhir/{type}/{KEPT}", json={**doc, "id": KEPT}).raise_for_status()


def _likely(label: str) -> st.SearchStrategy[Any]:
    """Requests about what is kept, with the examples of the document as bodies, and a positive one's headers."""
    content = OPERATIONS[label].definition.raw.get("requestBody", {}).get("content", {})
    bodies = {
        media: [_resolved(shown)["value"] for shown in found.get("examples", {}).values()]
        for media, found in content.items()
    }

    def likely(case: Any, at: int) -> Any:
        case.path_parameters.update(
            {name: known for name, known in PLACES.items() if name in case.path_parameters}
        )
        if offered := bodies.get(case.media_type):
            body = copy.deepcopy(offered[at % len(offered)])
            case.body = {**body, "id": KEPT} if case.method == "PUT" and isinstance(body, dict) else body
        return case

    return st.builds(likely, OPERATIONS[label].as_strategy(), st.integers(0, 9))


def _resolved(shown: dict[str, Any]) -> dict[str, Any]:
    name = shown.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = DOCUMENT["components"]["examples"][name] if name else shown
    return found


def _round(cases: st.SearchStrategy[Any], at: int, client: httpx.Client, session: requests.Session) -> None:
    @seed(at)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(cases)
    def ask(case: Any) -> None:
        response = case.call(base_url=str(client.base_url), session=session)
        checks = CHECKS if response.content else OF_NOTHING
        case.validate_response(response, checks=checks, additional_checks=[refusal])

    ask()
