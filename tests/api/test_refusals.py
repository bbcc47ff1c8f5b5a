"""Errors are part of the product: each an OperationOutcome that FHIR's own model accepts."""

import json

import httpx
import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from tests.build import bundle, entry, panel
from tests.in_process import application

JSON = "application/fhir+json"
LOW = json.dumps(panel(84, 50))


def _outcome(answer: httpx.Response) -> list[dict[str, object]]:
    assert answer.headers["content-type"].startswith(JSON)
    OperationOutcome.model_validate(answer.json())
    issues: list[dict[str, object]] = answer.json()["issue"]
    return issues


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("GET", "/nowhere", {}, None, 404),
        ("GET", "/fhir/Encounter", {}, None, 404),
        ("GET", "/fhir/Encounter/1", {}, None, 404),
        ("GET", "/fhir/Observation/1/_history/2/3", {}, None, 404),
        ("PATCH", "/fhir/Observation/1", {}, "{}", 400),
        ("PATCH", "/fhir/Observation/1", {"Content-Type": "application/merge-patch+json"}, "{}", 415),
        ("PATCH", "/fhir/Observation/1", {"Content-Type": "application/json"}, "{}", 415),
        ("PUT", "/fhir/Observation/1/_history", {}, "{}", 405),
        ("DELETE", "/fhir/Observation", {}, None, 400),
        ("PUT", "/fhir/Observation", {}, LOW, 400),
        ("GET", "/fhir/$evaluate", {}, None, 405),
        ("GET", "/fhir/metadata", {"Accept": "application/fhir+xml"}, None, 406),
        ("GET", "/fhir/metadata", {"Accept": "application/json;q=0"}, None, 406),
        ("POST", "/fhir/Observation", {"Content-Type": "application/fhir+xml"}, "<x/>", 415),
        ("POST", "/fhir/Observation", {"Content-Type": JSON + "; charset=latin-1"}, LOW, 415),
        ("POST", "/fhir/Observation", {"Content-Encoding": "gzip"}, LOW, 415),
        ("POST", "/fhir/Observation", {}, "{", 400),
        ("POST", "/fhir/Observation", {}, "", 400),
        ("POST", "/fhir/Observation", {}, "[]", 400),
        ("POST", "/fhir/Observation", {}, b"\xff\xfe", 400),
        ("POST", "/fhir/Observation", {}, '{"resourceType":"Patient"}', 400),
        (
            "POST",
            "/fhir/Observation",
            {},
            LOW.replace('"status": "final"', '"status": "final", "status": "final"'),
            400,
        ),
        ("POST", "/fhir/Observation", {}, LOW.replace('"final"', '"bogus"'), 422),
        ("PUT", "/fhir/Observation/a_b", {}, LOW, 400),
        ("POST", "/fhir", {}, LOW, 400),
        ("POST", "/fhir", {}, json.dumps(bundle("searchset")), 422),
        ("POST", "/fhir/$evaluate?at=soon", {}, json.dumps(bundle("collection")), 400),
        ("POST", "/fhir/$evaluate?when=now", {}, json.dumps(bundle("collection")), 400),
        ("POST", "/fhir/$evaluate", {}, json.dumps(bundle("batch")), 422),
    ],
)
def test_a_refusal_is_an_operation_outcome(
    sqlite_client: httpx.Client,
    method: str,
    path: str,
    headers: dict[str, str],
    body: str | None,
    status: int,
) -> None:
    given = {"Content-Type": JSON, **headers} if body is not None else headers
    answer = sqlite_client.request(method, path, headers=given, content=body)
    assert answer.status_code == status, answer.text
    assert all(issue["severity"] == "error" for issue in _outcome(answer))
    assert ("allow" in answer.headers) == (status == 405)


def test_bogus_status_is_refused_where_it_stands(sqlite_client: httpx.Client) -> None:
    answer = sqlite_client.post(
        "/fhir/Observation", json={**panel(84, 50), "status": "bogus", "colour": "red"}
    )
    where = [issue.get("expression") for issue in _outcome(answer)]
    assert ["Observation.status"] in where
    assert len(where) == 2


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_beyond_the_limit_is_refused(sqlite_url: str, announced: bool) -> None:
    with application(sqlite_url, max_body_bytes=2048) as client:
        content = b" " * 5000 if announced else iter([b" " * 1000] * 5)
        answer = client.post("/fhir/Observation", content=content, headers={"Content-Type": JSON})
    assert answer.status_code == 413
    _outcome(answer)


def test_a_type_that_is_not_served_is_told_inside_a_bundle(sqlite_client: httpx.Client) -> None:
    other = entry({"resourceType": "Encounter", "status": "planned"})
    answer = sqlite_client.post("/fhir", json=bundle("transaction", entry(panel(120, 80)), other))
    assert answer.status_code == 422
    assert any("Bundle.entry[1]" in str(issue.get("expression")) for issue in _outcome(answer))


def test_ten_thousand_problems_are_not_all_told(sqlite_client: httpx.Client) -> None:
    many = {**panel(120, 80), **{f"x{at}": at for at in range(10_000)}}
    issues = _outcome(sqlite_client.post("/fhir/Observation", json=many))
    assert len(issues) == 201
    assert "9800 more" in str(issues[-1]["details"])


@pytest.mark.parametrize(
    "category", [[{"coding": 5}], [{"coding": None}], [None], "x", [{"coding": [1]}], {}]
)
def test_an_absurd_category_is_refused_like_any_other(sqlite_client: httpx.Client, category: object) -> None:
    answer = sqlite_client.post("/fhir/Observation", json={**panel(120, 80), "category": category})
    assert answer.status_code == 400
    _outcome(answer)
