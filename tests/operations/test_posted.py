"""Every operation that GET serves is served by POST as well, its parameters in the body or in the address."""

from typing import Any

import httpx
import pytest

from tests.build import ago, panel
from tests.fhir_client import link, resources


def parameters(*pairs: tuple[str, str, Any]) -> dict[str, Any]:
    listed = [{"name": name, f"value{kind}": value} for name, kind, value in pairs]
    return {"resourceType": "Parameters", "parameter": listed}


@pytest.fixture
def ward(client: httpx.Client) -> httpx.Client:
    for number in range(3):
        client.put(
            f"/fhir/Observation/o{number}", json={**panel(122, 78, ago(9 - number)), "id": f"o{number}"}
        )
    return client


def found(client: httpx.Client, path: str, **body: Any) -> list[str]:
    answer = client.post(f"/fhir{path}", **body)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in resources(answer.json())]


def test_the_record_of_a_patient(ward: httpx.Client) -> None:
    path = "/Patient/p1/$everything"
    assert found(ward, path) == found(ward, path, json=parameters()) == ["o0", "o1", "o2"]
    assert found(ward, path, json=parameters(("_type", "Code", "Goal"), ("_type", "Code", "Task"))) == []
    first = ward.post(f"/fhir{path}", json=parameters(("_count", "Integer", 2))).json()
    assert [one["id"] for one in resources(first)] == ["o0", "o1"]
    rest = ward.get(str(link(first, "next"))).json()
    assert [one["id"] for one in resources(rest)] == ["o2"]


def test_the_newest_readings(ward: httpx.Client) -> None:
    asked = parameters(("patient", "String", "p1"), ("max", "PositiveInt", 2))
    assert found(ward, "/Observation/$lastn", json=asked) == ["o2", "o1"]
    assert found(ward, "/Observation/$lastn?max=1", json=parameters(("patient", "String", "p1"))) == ["o2"]
    assert found(ward, "/Observation/$lastn?patient=p1") == ["o2"]


def test_the_meta_of_a_resource(ward: httpx.Client) -> None:
    path = "/fhir/Observation/o1/$meta"
    assert ward.post(path).json() == ward.post(path, json=parameters()).json() == ward.get(path).json()


@pytest.mark.parametrize("path", ["/Patient/p1/$everything", "/Observation/$lastn", "/Observation/o1/$meta"])
@pytest.mark.parametrize(
    ("body", "word"),
    [
        (parameters(("colour", "String", "red")), "colour"),
        (parameters(("_format", "Boolean", True)), "true"),
        (parameters(("patient", "Reference", {"reference": "Patient/p1"})), "plain value"),
        ({"resourceType": "Parameters", "parameter": {}}, "Parameters"),
        ({"resourceType": "Parameters", "parameter": [{"name": "max"}]}, "value[x]"),
        (panel(120, 80), "Parameters"),
        ([], "JSON object"),
    ],
)
def test_what_is_not_understood_is_refused(ward: httpx.Client, path: str, body: Any, word: str) -> None:
    answer = ward.post(f"/fhir{path}", json=body)
    assert answer.status_code == 400, answer.text
    assert word in answer.text
