"""What a client writes stays within its scopes, and tells it of nothing beyond them."""

from typing import Any

import pytest

from tests.auth.flow import EVERYTHING, Ward
from tests.build import CATEGORY, ago, concept, heart_rate, order, panel
from tests.fhir_client import resources

VITALS = f"category={CATEGORY}|vital-signs"
WRITER, OWN_IDS = f"system/Observation.ud?{VITALS}", f"system/Observation.cud?{VITALS}"
LAB = {**heart_rate(70, ago(9)), "id": "lab", "category": [concept("laboratory", CATEGORY)],
       "identifier": [{"system": "urn:lab", "value": "7"}]}  # fmt: skip
RATE = {**heart_rate(71, ago(8)), "id": "rate", "identifier": [{"system": "urn:ward", "value": "7"}]}
JSON_PATCH = {"Content-Type": "application/json-patch+json"}


@pytest.fixture
def kept(ward: Ward) -> Ward:
    headers = ward.headers(EVERYTHING)
    for doc in (LAB, RATE):
        assert ward.client.put(f"/fhir/Observation/{doc['id']}", json=doc, headers=headers).status_code == 201
    gone = {**LAB, "id": "gone"}
    assert ward.client.put("/fhir/Observation/gone", json=gone, headers=headers).status_code == 201
    assert ward.client.delete("/fhir/Observation/gone", headers=headers).status_code == 204
    return ward


def still(ward: Ward, id: str) -> dict[str, Any]:
    answer = ward.ask("GET", f"/fhir/Observation/{id}", EVERYTHING)
    assert answer.status_code == 200
    return dict(answer.json())


def test_an_update_moves_nothing_into_a_scope_or_out_of_it(kept: Ward) -> None:
    inside = kept.ask("PUT", "/fhir/Observation/rate", WRITER, json={**RATE, "status": "amended"})
    assert inside.status_code == 200
    out = kept.ask("PUT", "/fhir/Observation/rate", WRITER, json={**RATE, "category": LAB["category"]})
    assert out.status_code == 403
    assert still(kept, "rate")["category"] == RATE["category"]
    into = kept.ask("PUT", "/fhir/Observation/lab", WRITER, json={**RATE, "id": "lab"})
    assert into.status_code == 404
    assert still(kept, "lab")["meta"]["versionId"] == "1"


@pytest.mark.parametrize("id", ["lab", "gone", "unknown"])
@pytest.mark.parametrize("headers", [{}, {"If-Match": 'W/"1"'}, {"If-None-Match": "*"}])
def test_what_is_beyond_a_writer_is_as_if_it_were_not_there(
    kept: Ward, id: str, headers: dict[str, str]
) -> None:
    new = {**RATE, "id": id}
    answer = kept.ask("PUT", f"/fhir/Observation/{id}", WRITER, json=new, headers=headers)
    unknown = kept.ask("PUT", "/fhir/Observation/zz", WRITER, json={**RATE, "id": "zz"}, headers=headers)
    assert (answer.status_code, answer.text) == (unknown.status_code, unknown.text.replace("zz", id))
    removed = kept.ask("DELETE", f"/fhir/Observation/{id}", WRITER)
    assert removed.status_code == 204
    assert "etag" not in removed.headers
    patch = '[{"op": "test", "path": "/status", "value": "final"}]'
    patched = kept.ask("PATCH", f"/fhir/Observation/{id}", f"{WRITER.replace('.ud', '.rud')}", content=patch,
                       headers=JSON_PATCH)  # fmt: skip
    assert patched.status_code == 404
    assert still(kept, "lab")["meta"]["versionId"] == "1"


def test_who_may_create_may_bring_an_id_that_is_free(kept: Ward) -> None:
    def put(id: str, **change: Any) -> int:
        doc = {**RATE, "id": id, **change}
        return kept.ask("PUT", f"/fhir/Observation/{id}", OWN_IDS, json=doc).status_code

    assert [put("mine"), put("mine", status="amended"), put("lab"), put("other", category=LAB["category"])] == [
        201, 200, 403, 403,
    ]  # fmt: skip


def test_whoever_may_update_everything_brings_up_ids_too(kept: Ward) -> None:
    """As SMART has it: update-as-create is an update."""
    answer = kept.ask("PUT", "/fhir/Observation/new", "system/Observation.u", json={**RATE, "id": "new"})
    assert answer.status_code == 201


def test_a_create_stays_within_its_scope(kept: Ward) -> None:
    scope = f"system/Observation.c?{VITALS}"
    lab = {name: value for name, value in LAB.items() if name != "id"}
    assert kept.ask("POST", "/fhir/Observation", scope, json=lab).status_code == 403
    assert kept.ask("POST", "/fhir/Observation/$submit", scope, json=lab).status_code == 403
    answer = kept.ask("POST", "/fhir/Observation", scope, json=heart_rate(72, ago(3)))
    assert answer.status_code == 201


def test_what_was_written_comes_back_to_those_who_may_read_it(kept: Ward) -> None:
    low = panel(84, 50, ago(2))
    silent = kept.ask("POST", "/fhir/Observation", "system/Observation.c", json=low)
    assert (silent.status_code, silent.text) == (201, "")
    assert "rel/alert" in silent.headers["link"], "whoever writes a reading is told of the alerts it raises"
    shown = kept.ask("POST", "/fhir/Observation", "system/Observation.cr", json=panel(83, 50, ago(1)))
    assert shown.json()["resourceType"] == "Observation"


def test_submit_gives_alerts_to_those_who_may_read_them_and_tells_the_others(kept: Ward) -> None:
    blind = kept.ask(
        "POST", "/fhir/Observation/$submit", f"system/Observation.cr?{VITALS}", json=panel(84, 50, ago(2))
    )
    reading, told = resources(blind.json())
    assert reading["resourceType"] == "Observation"
    assert told["resourceType"] == "OperationOutcome"
    assert told["issue"][0]["code"] == "business-rule"
    seeing = kept.ask(
        "POST", "/fhir/Observation/$submit", "system/Observation.cr", json=panel(78, 44, ago(1))
    )
    assert {one["resourceType"] for one in resources(seeing.json())} == {"Observation"}
    assert len(resources(seeing.json())) > 1


def test_a_patch_reads_what_it_changes(kept: Ward) -> None:
    """Its tests would tell a writer what stands there."""
    patch = '[{"op": "test", "path": "/status", "value": "final"}]'
    answer = kept.ask(
        "PATCH", "/fhir/Observation/lab", "system/Observation.u", content=patch, headers=JSON_PATCH
    )
    assert answer.status_code == 403
    out = '[{"op": "replace", "path": "/category/0/coding/0/code", "value": "laboratory"}]'
    scope = f"system/Observation.ru?{VITALS}"
    moved = kept.ask("PATCH", "/fhir/Observation/rate", scope, content=out, headers=JSON_PATCH)
    assert moved.status_code == 403


def test_a_condition_is_a_search(kept: Ward) -> None:
    """Of what a client may not search it learns nothing by asking whether it is there."""
    new = heart_rate(73, ago(4))
    seen, hidden = {"If-None-Exist": "identifier=urn:ward|7"}, {"If-None-Exist": "identifier=urn:lab|7"}
    blind, narrow = "system/Observation.c", f"system/Observation.cs?{VITALS}"
    assert kept.ask("POST", "/fhir/Observation", blind, json=new, headers=seen).status_code == 403
    assert kept.ask("POST", "/fhir/Observation", narrow, json=new, headers=seen).status_code == 200
    assert kept.ask("POST", "/fhir/Observation", narrow, json=new, headers=hidden).status_code == 201
    for method in ("PUT", "PATCH", "DELETE"):
        letters = "system/Observation.crud"
        how = {"json": new} if method == "PUT" else {}
        answer = kept.ask(method, "/fhir/Observation?identifier=urn:lab|7", letters, **how)
        assert answer.status_code == 403, method
    gone = kept.ask("DELETE", "/fhir/Observation?identifier=urn:lab|7", f"system/Observation.ds?{VITALS}")
    assert gone.status_code == 204
    assert still(kept, "lab")


def test_criteria_that_find_nothing_tell_of_no_id_that_is_taken(kept: Ward) -> None:
    def put(id: str) -> tuple[int, str]:
        scope = f"system/Observation.us?{VITALS}"
        doc = {**RATE, "id": id, "identifier": [{"system": "urn:ward", "value": "none"}]}
        answer = kept.ask("PUT", "/fhir/Observation?identifier=urn:ward|none", scope, json=doc)
        return answer.status_code, answer.text.replace(id, "ID")

    assert put("lab") == put("gone") == put("unknown")
    assert put("lab")[0] == 404
    assert put("rate")[0] == 409, "one that it may know of"


def test_a_match_is_shown_to_those_who_may_read_it(kept: Ward) -> None:
    header = {"If-None-Exist": "identifier=urn:ward|7"}
    answer = kept.ask(
        "POST", "/fhir/Observation", "system/Observation.cs", json=heart_rate(73), headers=header
    )
    assert (answer.status_code, answer.text) == (200, "")


def entry(method: str, url: str, resource: dict[str, Any] | None = None, **request: str) -> dict[str, Any]:
    return {
        "request": {"method": method, "url": url, **request},
        **({"resource": resource} if resource else {}),
    }


CASES = {
    "another type": (entry("POST", "MedicationRequest", order(0.1, 8, ago(60))), "403"),
    "another category": (entry("POST", "Observation", {**LAB, "id": "x"}), "403"),
    "an update beyond": (entry("PUT", "Observation/lab", LAB), "403"),
    "a condition": (entry("POST", "Observation", RATE, ifNoneExist="identifier=urn:ward|7"), "403"),
    "an update by criteria": (
        entry("PUT", "Observation?identifier=urn:ward|7", {**RATE, "id": "rate"}),
        "403",
    ),
    "a deletion by criteria": (entry("DELETE", "Observation?identifier=urn:lab|7"), "403"),
    "its own": (entry("POST", "Observation", RATE), "201"),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("type", ["batch", "transaction"])
def test_entries_that_write_are_requests_of_their_own(kept: Ward, type: str, name: str) -> None:
    item, status = CASES[name]
    bundle = {"resourceType": "Bundle", "type": type, "entry": [item]}
    answer = kept.ask("POST", "/fhir", OWN_IDS, json=bundle)
    if type == "transaction":
        assert answer.status_code == (403 if status == "403" else 200), answer.text
        return
    assert answer.json()["entry"][0]["response"]["status"].startswith(status), answer.text


def test_a_conditional_reference_is_a_search(kept: Ward) -> None:
    referring = {**RATE, "id": "new", "derivedFrom": [{"reference": "Observation?identifier=urn:lab|7"}]}
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [entry("PUT", "Observation/new", referring)],
    }
    assert kept.ask("POST", "/fhir", OWN_IDS, json=bundle).status_code == 403
    narrow = kept.ask("POST", "/fhir", OWN_IDS, f"system/Observation.s?{VITALS}", json=bundle)
    assert narrow.status_code == 412, "as if it led to nothing"
    assert kept.ask("POST", "/fhir", EVERYTHING, json=bundle).status_code == 200


def test_a_bundle_shows_what_was_written_to_those_who_may_read_it(kept: Ward) -> None:
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [entry("POST", "Observation", RATE)]}
    prefer = {"Prefer": "return=representation"}
    blind = kept.ask("POST", "/fhir", "system/Observation.c", json=bundle, headers=prefer)
    assert "resource" not in blind.json()["entry"][0]
    seeing = kept.ask("POST", "/fhir", "system/Observation.cr", json=bundle, headers=prefer)
    assert "resource" in seeing.json()["entry"][0]
