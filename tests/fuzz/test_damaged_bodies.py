"""No body, however damaged, is a failure of ours; whatever is refused is refused by an OperationOutcome."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import httpx
import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from api.settings import settings
from models.resource_types import TYPES
from tests.build import panel
from tests.fuzz.damage import WRITTEN, bodies, unknowns
from tests.in_process import application

FEW, MANY = 1_500, 18_000
"""Bodies in `make test`, and in `make fuzz`."""
TYPE = {"Content-Type": "application/fhir+json"}
REFUSED = {400, 413, 422}
LARGE = 50 * 1024 * 1024
LIMIT = settings({}).max_body_bytes


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with application(f"sqlite:///{tmp_path_factory.mktemp('damage')}/damage.db") as client:
        yield client


def address(type: str, at: int) -> str:
    """Where a body is posted: mostly as a create, now and then to an operation."""
    if type == "Bundle":
        return "/fhir/$evaluate" if at % 4 == 0 else "/fhir"
    return f"/fhir/{type}/$validate" if at % 5 == 0 else f"/fhir/{type}"


def judge(answer: httpx.Response) -> int:
    """The status; what is refused is refused in FHIR's words."""
    assert answer.status_code in REFUSED | {200, 201, 404, 409, 412}, answer.text[:500]
    if answer.status_code >= 400:
        outcome = OperationOutcome.model_validate_json(answer.content)
        assert all(issue.details.text for issue in outcome.issue)
    return answer.status_code


@pytest.mark.parametrize("type", WRITTEN)
def test_no_damaged_body_is_a_failure_of_ours(running: httpx.Client, type: str, fuzz_seconds: float) -> None:
    count = (MANY if fuzz_seconds else FEW) // len(WRITTEN)
    met: Counter[int] = Counter()
    for at, body in enumerate(bodies(count, type)):
        try:
            met[judge(running.post(address(type, at), content=body, headers=TYPE))] += 1
        except (AssertionError, ValueError) as error:
            pytest.fail(f"body {at} of {type}: {body[:2_000]!r}: {error}")
    assert met[200] + met[201] > count / 20
    assert met[400] > count / 5


@pytest.mark.parametrize("type", [type for type in TYPES if not type.startswith("Medication")])
def test_any_value_may_be_unknown(running: httpx.Client, type: str) -> None:
    """Not of orders and doses: so many for one patient, months old, take minutes to judge."""
    path = f"/fhir/{type}"
    met = Counter(judge(running.post(path, content=body, headers=TYPE)) for body in unknowns(type))
    assert met.total() > 2


def test_the_entries_of_a_batch_are_judged_one_by_one(running: httpx.Client) -> None:
    posted = [(type, doc) for type in TYPES for doc in documents(type) if doc]
    entries = [{"resource": doc, "request": {"method": "POST", "url": type}} for type, doc in posted]
    for at in range(0, len(entries), 25):
        bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries[at : at + 25]}
        answer = running.post("/fhir", content=json.dumps(bundle), headers=TYPE)
        for entry in answer.json()["entry"] if judge(answer) == 200 else ():
            response = entry["response"]
            assert response["status"][:3] in {"200", "201", "400", "409", "412", "422"}, entry
            if response["status"] >= "4":
                OperationOutcome.model_validate(response["outcome"])


def documents(type: str) -> Iterator[Any]:
    """Damaged bodies that are JSON still."""
    for body in bodies(60, type, seed=3):
        with suppress(ValueError, RecursionError):
            yield json.loads(body, parse_constant=lambda _: 1)


@pytest.mark.parametrize("type", WRITTEN)
def test_bad_utf_8_is_refused_with_the_place(running: httpx.Client, type: str) -> None:
    path = "/fhir" if type == "Bundle" else f"/fhir/{type}"
    for bad in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf"):
        body = b'{"resourceType":"' + type.encode() + b'","language":"' + bad + b'"}'
        answer = running.post(path, content=body, headers=TYPE)
        assert judge(answer) == 400
        assert "UTF-8" in answer.json()["issue"][0]["details"]["text"]


@pytest.mark.parametrize("type", WRITTEN)
def test_a_body_that_is_announced_with_50_megabytes_is_refused_before_it_comes(
    running: httpx.Client, type: str
) -> None:
    with closing(HTTPConnection(running.base_url.host, running.base_url.port)) as connection:
        connection.putrequest("POST", "/fhir" if type == "Bundle" else f"/fhir/{type}")
        connection.putheader("Content-Length", str(LARGE))
        connection.endheaders()
        assert too_large(connection.getresponse())


def test_a_body_that_grows_past_the_limit_is_refused_while_it_comes(running: httpx.Client) -> None:
    with closing(HTTPConnection(running.base_url.host, running.base_url.port)) as connection:
        connection.putrequest("POST", "/fhir/Observation")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        for size in [2**20] * (LIMIT // 2**20) + [1]:
            connection.send(b"%x\r\n%s\r\n" % (size, b" " * size))
        assert too_large(connection.getresponse())
        assert running.post("/fhir/Observation", json=panel(120, 80)).status_code == 201


def too_large(answer: HTTPResponse) -> bool:
    """Whether it is refused as too large, in FHIR's words."""
    outcome = OperationOutcome.model_validate_json(answer.read())
    return (answer.status, outcome.issue[0].code) == (413, "too-long")
