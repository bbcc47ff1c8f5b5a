"""Addresses, headers and cursors that nobody sends in good faith: refused by name, the same on both databases."""

import base64
import json
from urllib.parse import quote

import httpx
import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from models.fhir.primitives import CONTROL
from tests.build import ago, panel
from tests.fhir_client import everything, follow, link, resources

ADDRESS = "/fhir/Observation/o1"


def _refused(answer: httpx.Response, status: int) -> str:
    """The texts of the OperationOutcome that refuses."""
    assert answer.status_code == status, answer.text
    OperationOutcome.model_validate(answer.json())
    text = "\n".join(issue["details"]["text"] for issue in answer.json()["issue"])
    assert not CONTROL.search(text)
    return text


def _cursor(packed: str) -> str:
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "id", ["a%00b", "%00", "%01", "a%0Ab", "%F0%9F%98%80", "%ff", "a_b", "x" * 65, "x" * 9_000]
)
def test_an_id_that_no_resource_can_have_is_not_found(client: httpx.Client, id: str) -> None:
    for path in (f"/fhir/Observation/{id}", f"/fhir/Observation/{id}/_history"):
        _refused(client.get(path), 404)
    _refused(client.get(f"/fhir/Observation/{id}/_history/1"), 404)
    _refused(client.delete(f"/fhir/Observation/{id}"), 404)
    _refused(client.patch(f"/fhir/Observation/{id}"), 404)
    _refused(client.put(f"/fhir/Observation/{id}", json=panel(120, 80)), 400)
    _refused(client.get(f"/fhir/Observation/o1/_history/{id}"), 404)
    _refused(client.get(f"/{id}"), 404)


@pytest.mark.parametrize(
    "packed",
    [
        "[" * 20_000,
        "{}",
        "[]",
        '"four"',
        '{"a":1,"b":2,"c":3,"d":4}',
        f'[1,"x",{10**30},1]',
        '[1,"\\ud800",1]',
    ],
)
def test_a_cursor_of_somebody_elses_making_is_refused(client: httpx.Client, packed: str) -> None:
    for order in ("_lastUpdated", "-date"):
        answer = client.get(f"/fhir/Observation?_sort={order}&_cursor={_cursor(packed)}")
        assert "_cursor" in _refused(answer, 400)


def test_a_history_page_below_any_number_can_be_asked(client: httpx.Client) -> None:
    for systolic in (120, 121, 122):
        client.put(ADDRESS, json={**panel(systolic, 80), "id": "o1"})
    for before in (2**63 - 1, 2**63, 10**19 - 1):
        assert len(client.get(f"{ADDRESS}/_history?_before={before}").json()["entry"]) == 3


def test_the_self_link_of_a_history_page_leads_to_that_page(client: httpx.Client) -> None:
    for systolic in (120, 121, 122):
        client.put(ADDRESS, json={**panel(systolic, 80), "id": "o1"})
    for page in follow(client, f"{ADDRESS}/_history?_count=1"):
        assert client.get(str(link(page, "self"))).json() == page


@pytest.mark.parametrize(
    "host", ['a"b', "a<b>", "a b", "a/b", "a@b", "[", "h:", "h:1234567", "h" * 9_000 + "/"]
)
def test_a_host_that_could_not_stand_in_a_link_is_refused(sqlite_client: httpx.Client, host: str) -> None:
    sqlite_client.put(ADDRESS, json={**panel(84, 50), "id": "o1"})
    for method, path in (
        ("GET", "/fhir/Observation"),
        ("GET", f"{ADDRESS}/_history"),
        ("POST", "/fhir/Observation"),
    ):
        body = json.dumps(panel(120, 80)) if method == "POST" else None
        answer = sqlite_client.request(method, path, headers={"Host": host}, content=body)
        assert "Host" in _refused(answer, 400)


@pytest.mark.parametrize("host", ["h", "ward-7.hospital.example:8443", "[::1]:80", "10.0.0.1", "a_b"])
def test_links_lead_where_the_client_asked(sqlite_client: httpx.Client, host: str) -> None:
    answer = sqlite_client.get("/fhir/Observation", headers={"Host": host})
    assert str(link(answer.json(), "self")) == f"http://{host}/fhir/Observation"


def test_a_nul_in_the_identifier_of_a_patient_is_refused(client: httpx.Client) -> None:
    reference = "Patient?identifier=http://a|%00"
    for name in ("patient", "subject"):
        assert "NUL" in _refused(client.get(f"/fhir/Observation?{name}={quote(reference)}"), 400)
    sent = {**panel(84, 50), "subject": {"reference": reference}}
    assert client.post("/fhir/Observation", json=sent).json()["issue"][0]["expression"] == [
        "Observation.subject.reference"
    ]


def test_a_patient_is_found_by_a_name_of_any_length(client: httpx.Client) -> None:
    value, far = "v" * 400, f"https://hospital.example/{'x/' * 150}Patient/1"
    for subject in ({"reference": far}, {"identifier": {"system": "urn:mrn", "value": value}}):
        client.post("/fhir/Observation", json={**panel(120, 80, ago(9)), "subject": subject})
    for asked in (f"patient={far}", f"patient:identifier=urn:mrn|{value}"):
        (found,) = everything(client, f"/fhir/Observation?{asked}")
        assert found["component"][0]["valueQuantity"]["value"] == 120


def test_a_system_alone_names_no_patient(client: httpx.Client) -> None:
    client.post(
        "/fhir/Observation", json={"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    )
    assert "patient:identifier" in _refused(client.get("/fhir/Observation?patient:identifier=urn:mrn|"), 400)


def test_if_match_holds_for_what_exists_alone(client: httpx.Client) -> None:
    reading = {**panel(120, 80), "id": "o1"}
    for tag in ("*", "none", 'W/"none"', 'W/"' + "9" * 5_000 + '"', '"', "é".encode()):
        _refused(client.put(ADDRESS, json=reading, headers={"If-Match": tag}), 412)
    assert client.put(ADDRESS, json=reading).status_code == 201
    assert (
        client.put(ADDRESS, json={**reading, "status": "amended"}, headers={"If-Match": "*"}).status_code
        == 200
    )


def test_many_warnings_leave_a_header_that_clients_can_read(sqlite_client: httpx.Client) -> None:
    many = {**panel(120, 80), "performer": [{"reference": f"Slot/{at}"} for at in range(2_000)]}
    answer = sqlite_client.post("/fhir/Observation", json=many)
    assert answer.status_code == 201
    assert 0 < len(answer.headers["warning"]) < 8_000
    wish = {"Prefer": "return=OperationOutcome"}
    assert len(sqlite_client.post("/fhir/Observation", json=many, headers=wish).json()["issue"]) == 201


def test_the_answer_quotes_a_long_value_in_part(sqlite_client: httpx.Client) -> None:
    long = "x" * 100_000
    for body in ({"resourceType": long}, {**panel(120, 80), "status": long}, {**panel(120, 80), long: 1}):
        answer = sqlite_client.post("/fhir/Observation", json=body)
        _refused(answer, 422 if "status" in body and body["status"] == long else 400)
        assert len(answer.content) < 20_000
    assert resources(sqlite_client.get("/fhir/Observation").json()) == []
