"""PATCH: worked on the version that is current, or not at all."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.build import panel
from tests.fhir_client import everything

ADDRESS = "/fhir/Observation/o1"
JSON_PATCH = {"Content-Type": "application/json-patch+json"}
FHIR = {"Content-Type": "application/fhir+json"}
SYSTOLIC = "/component/0/valueQuantity/value"


@pytest.fixture
def kept(client: httpx.Client) -> dict[str, Any]:
    """A reading of 120/80, as it is kept."""
    reading: dict[str, Any] = client.put(
        ADDRESS, json={**panel(120, 80, "2026-01-01T10:00:00Z"), "id": "o1"}
    ).json()
    return reading


def _patch(client: httpx.Client, *operations: dict[str, Any], **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.patch(ADDRESS, json=operations, headers={**JSON_PATCH, **named})


def operation(type: str, path: str, **parts: dict[str, Any]) -> dict[str, Any]:
    """An operation of a FHIRPath Patch."""
    named = [{"name": name, **value} for name, value in parts.items()]
    return {
        "name": "operation",
        "part": [{"name": "type", "valueCode": type}, {"name": "path", "valueString": path}, *named],
    }


def parameters(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(operations)}


def test_a_patch_makes_a_version_and_is_judged(client: httpx.Client, kept: dict[str, Any]) -> None:
    answer = _patch(client, {"op": "replace", "path": SYSTOLIC, "value": 84})
    assert answer.status_code == 200
    assert answer.headers["etag"] == 'W/"2"'
    assert "rel=" in answer.headers["link"]
    assert client.get(ADDRESS).json() == answer.json()
    assert answer.json()["component"][0]["valueQuantity"]["value"] == 84
    assert answer.json()["component"][1] == kept["component"][1]
    back = _patch(client, {"op": "replace", "path": SYSTOLIC, "value": 120})
    assert back.headers["etag"] == 'W/"3"'
    assert everything(client, "/fhir/Observation?category=alert&status=final") == []


def test_digits_survive_a_patch(client: httpx.Client, kept: dict[str, Any]) -> None:
    sent = f'[{{"op":"replace","path":"{SYSTOLIC}","value":120.500}}]'
    assert '"value":120.500' in client.patch(ADDRESS, content=sent, headers=JSON_PATCH).text
    again = _patch(client, {"op": "add", "path": "/note", "value": [{"text": "rested"}]})
    assert '"value":120.500' in again.text


def test_a_patch_that_changes_nothing_keeps_the_version(client: httpx.Client, kept: dict[str, Any]) -> None:
    answer = _patch(client, {"op": "replace", "path": "/status", "value": "final"})
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"1"')


def test_the_version_can_be_tested_and_matched(client: httpx.Client, kept: dict[str, Any]) -> None:
    amend = {"op": "replace", "path": "/status", "value": "amended"}
    assert _patch(client, amend, If_Match='W/"7"').status_code == 412
    of = [{"op": "test", "path": f"/meta/{name}", "value": kept["meta"][name]} for name in kept["meta"]]
    assert _patch(client, *of, amend, If_Match='W/"1"').status_code == 200
    assert _patch(client, *of, amend).status_code == 409


@pytest.mark.parametrize(
    ("operations", "status", "told"),
    [
        ([{"op": "test", "path": "/status", "value": "amended"}], 409, "test /status"),
        ([{"op": "remove", "path": "/note"}], 409, "'note'"),
        ([{"op": "add", "path": "/component/7", "value": {}}], 409, "7"),
        ([{"op": "replace", "path": "/status", "value": "bogus"}], 422, "bogus"),
        ([{"op": "add", "path": "/colour", "value": "red"}], 422, "colour"),
        ([{"op": "remove", "path": "/status"}], 422, "status"),
        ([{"op": "replace", "path": "/id", "value": "o2"}], 422, "id cannot be changed"),
        ([{"op": "remove", "path": "/meta"}], 422, "meta.versionId cannot be changed"),
        (
            [{"op": "replace", "path": "/meta/lastUpdated", "value": "2026-01-01T00:00:00Z"}],
            422,
            "lastUpdated",
        ),
        ([{"op": "replace", "path": "/resourceType", "value": "Patient"}], 422, "resourceType"),
        ([{"op": "replace", "path": "", "value": 5}], 422, "no resource"),
        ([{"op": "remove", "path": ""}], 400, "DELETE"),
        ([{"op": "delete", "path": "/note"}], 400, "none of add, remove"),
        ([{"op": "add", "path": "/note"}], 400, "needs 'value'"),
        ([{"op": "copy", "path": "/note"}], 400, "needs 'from'"),
        ([{"op": "add", "path": "note", "value": 1}], 400, "JSON Pointer"),
        ([], 400, "array of operations"),
        ({"op": "remove"}, 400, "array of operations"),
        ([{"op": "copy", "from": "/component", "path": "/component/0/x"}] * 40, 400, "more than"),
    ],
)
def test_a_patch_that_does_not_fit_is_refused_by_name(
    sqlite_client: httpx.Client, operations: Any, status: int, told: str
) -> None:
    kept = sqlite_client.put(ADDRESS, json={**panel(120, 80), "id": "o1"}).json()
    answer = sqlite_client.patch(ADDRESS, json=operations, headers=JSON_PATCH)
    assert answer.status_code == status, answer.text
    assert told in "\n".join(issue["details"]["text"] for issue in answer.json()["issue"])
    assert sqlite_client.get(ADDRESS).json() == kept


def test_what_is_not_there_is_not_patched(client: httpx.Client, kept: dict[str, Any]) -> None:
    remove = {"op": "remove", "path": "/note"}
    none = client.patch("/fhir/Observation/none", json=[remove], headers=JSON_PATCH)
    criteria = client.patch("/fhir/Observation?identifier=x", json=[remove], headers=JSON_PATCH)
    assert (none.status_code, criteria.status_code) == (404, 404)
    client.delete(ADDRESS)
    assert _patch(client, remove).status_code == 410


def test_other_media_types_are_refused_and_the_two_named(sqlite_client: httpx.Client) -> None:
    for kind in ("application/merge-patch+json", "application/json", "application/fhir+xml", ""):
        answer = sqlite_client.patch(ADDRESS, content="{}", headers={"Content-Type": kind})
        assert answer.status_code == 415
        text = answer.json()["issue"][0]["details"]["text"]
        assert "application/json-patch+json" in text
        assert "application/fhir+json" in text


def test_an_alert_is_not_patched(client: httpx.Client) -> None:
    client.post("/fhir/Observation", json=panel(84, 58))
    (alert,) = everything(client, "/fhir/Observation?category=alert")
    address = f"/fhir/Observation/{alert['id']}"
    for body, kind in (
        ([{"op": "replace", "path": "/status", "value": "final"}], JSON_PATCH),
        (parameters(operation("delete", "Observation.note")), FHIR),
    ):
        assert client.patch(address, json=body, headers=kind).status_code == 422
    claim = [{"op": "replace", "path": "/category", "value": alert["category"]}]
    client.put(ADDRESS, json={**panel(120, 80), "id": "o1"})
    assert client.patch(ADDRESS, json=claim, headers=JSON_PATCH).status_code == 422


def test_the_operations_of_a_fhirpath_patch(client: httpx.Client, kept: dict[str, Any]) -> None:
    body = parameters(
        operation("replace", "Observation.status", value={"valueCode": "amended"}),
        operation(
            "replace",
            "Observation.component.where(code.coding.code = '8480-6').value.ofType(Quantity).value",
            value={"valueDecimal": 121},
        ),
        operation(
            "add", "Observation", name={"valueString": "note"}, value={"valueAnnotation": {"text": "b"}}
        ),
        operation(
            "insert", "Observation.note", index={"valueInteger": 0}, value={"valueAnnotation": {"text": "a"}}
        ),
        operation("move", "Observation.note", source={"valueInteger": 0}, destination={"valueInteger": 1}),
        operation("replace", "Observation.component.last().value", value={"valueString": "unheard"}),
        operation(
            "add",
            "Observation",
            name={"valueString": "component"},
            value={
                "part": [
                    {"name": "code", "valueCodeableConcept": {"text": "mean"}},
                    {"name": "value", "valueQuantity": {"value": 93}},
                ]
            },
        ),
        operation("delete", "Observation.category[0].coding.first().display"),
    )
    answer = client.patch(ADDRESS, json=body, headers=FHIR)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["status"] == "amended"
    assert [note["text"] for note in found["note"]] == ["b", "a"]
    assert found["component"][0]["valueQuantity"]["value"] == 121
    assert found["component"][1]["valueString"] == "unheard"
    assert "valueQuantity" not in found["component"][1]
    assert found["component"][2] == {"code": {"text": "mean"}, "valueQuantity": {"value": 93}}


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        (operation("delete", "Observation.component"), 409, "leads to 2 elements"),
        (operation("replace", "Observation.bodySite", value={"valueCodeableConcept": {}}), 409, "leads to 0"),
        (operation("delete", "Observation.colour"), 400, "no element 'colour'"),
        (operation("delete", "Observation.component.skip(1)"), 400, "where(name = 'literal')"),
        (operation("delete", "Observation.component.where(code ~ 1)"), 400, "where("),
        (operation("delete", "Observation"), 400, "whole resource"),
        (operation("delete", "Observation" + ".extension" * 5_000), 400, "steps"),
        (operation("delete", "Observation.status"), 422, "status"),
        (operation("replace", "Observation.id", value={"valueId": "o2"}), 422, "id cannot be changed"),
        (
            operation("add", "Observation", name={"valueString": "status"}, value={"valueCode": "x"}),
            409,
            "replace",
        ),
        (
            operation("add", "Observation", name={"valueString": "value"}, value={"valueAge": {}}),
            400,
            "valueQuantity",
        ),
        (operation("insert", "Observation.component", value={"part": []}), 400, "index"),
        (
            operation("insert", "Observation.status", index={"valueInteger": 0}, value={"valueCode": "x"}),
            400,
            "no list",
        ),
        (operation("delete", "Observation.status.extension('urn:x')"), 400, "JSON Patch of _status"),
        (operation("delete", "Observation.status.id"), 400, "JSON Patch of _status"),
        (operation("delete", "Observation.issued"), 400, "JSON Patch of _issued"),
        (
            operation("add", "Observation.status", name={"valueString": "extension"}, value={"part": []}),
            400,
            "JSON Patch of _status",
        ),
        (operation("sort", "Observation.component"), 400, "valueCode add, insert"),
        ({"name": "other"}, 400, "operation"),
    ],
)
def test_a_fhirpath_patch_that_does_not_fit_is_refused_by_name(
    sqlite_client: httpx.Client, asked: dict[str, Any], status: int, told: str
) -> None:
    unsaid = {"_issued": {"extension": [{"url": "urn:x", "valueString": "unsaid"}]}}
    kept = sqlite_client.put(ADDRESS, json={**panel(120, 80), **unsaid, "id": "o1"}).json()
    answer = sqlite_client.patch(ADDRESS, json=parameters(asked), headers=FHIR)
    assert answer.status_code == status, answer.text
    assert told in "\n".join(issue["details"]["text"] for issue in answer.json()["issue"])
    assert sqlite_client.get(ADDRESS).json() == kept


def test_patches_at_once_all_count(client: httpx.Client, kept: dict[str, Any]) -> None:
    """Each adds a note to what the others have left; none is lost, none is refused."""

    def add(at: int) -> int:
        if at % 2:
            note = {"op": "add", "path": "/note/-", "value": {"text": str(at)}}
            return _patch(client, note).status_code
        note = {"valueAnnotation": {"text": str(at)}}
        body = parameters(operation("add", "Observation", name={"valueString": "note"}, value=note))
        return client.patch(ADDRESS, json=body, headers=FHIR).status_code

    _patch(client, {"op": "add", "path": "/note", "value": [{"text": "first"}]})
    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(add, range(20))) == {200}
    found = client.get(ADDRESS).json()
    assert sorted(note["text"] for note in found["note"][1:]) == sorted(map(str, range(20)))
    assert found["meta"]["versionId"] == "22"


def test_a_patch_by_criteria_changes_the_one_that_is_found(
    client: httpx.Client, kept: dict[str, Any]
) -> None:
    _patch(client, {"op": "add", "path": "/identifier", "value": [{"system": "urn:x", "value": "m1"}]})
    answer = client.patch(
        "/fhir/Observation?identifier=urn:x|m1",
        json=[{"op": "replace", "path": "/identifier/0/value", "value": "m2"}],
        headers=JSON_PATCH,
    )
    assert (answer.status_code, answer.json()["id"]) == (200, "o1")
    assert len(everything(client, "/fhir/Observation?identifier=urn:x|m2")) == 1
    assert everything(client, "/fhir/Observation?identifier=urn:x|m1") == []
