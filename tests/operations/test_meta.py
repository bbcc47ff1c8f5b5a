"""$meta gives the meta of one resource, and is refused where it would cost a walk over everything."""

import httpx
import pytest

from tests.build import panel

SENT = {"profile": ["http://hl7.org/fhir/StructureDefinition/bp"], "tag": [{"system": "urn:t", "code": "x"}]}


def test_it_gives_the_meta_as_it_is_kept(client: httpx.Client) -> None:
    client.put("/fhir/Observation/o1", json={**panel(122, 78), "id": "o1", "meta": SENT})
    read = client.get("/fhir/Observation/o1")
    answer = client.get("/fhir/Observation/o1/$meta")
    assert answer.json() == {
        "resourceType": "Parameters",
        "parameter": [{"name": "return", "valueMeta": read.json()["meta"]}],
    }
    assert answer.headers["etag"] == read.headers["etag"]
    assert answer.json()["parameter"][0]["valueMeta"]["tag"] == SENT["tag"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/Observation/o9/$meta", 404),
        ("/Observation/a%00/$meta", 404),
        ("/Encounter/e1/$meta", 404),
        ("/Observation/o9/$meta?x=1", 400),
        ("/Observation/$meta", 404),
        ("/$meta", 404),
    ],
)
def test_it_is_refused_elsewhere(sqlite_client: httpx.Client, path: str, status: int) -> None:
    answer = sqlite_client.get(f"/fhir{path}")
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")
    if "o9" not in path and "e1" not in path and "%00" not in path:
        assert "{type}/{id}/$meta" in answer.json()["issue"][0]["details"]["text"]


def test_what_was_deleted_is_gone(sqlite_client: httpx.Client) -> None:
    sqlite_client.put("/fhir/Observation/o1", json={**panel(122, 78), "id": "o1"})
    sqlite_client.delete("/fhir/Observation/o1")
    assert sqlite_client.get("/fhir/Observation/o1/$meta").status_code == 410
