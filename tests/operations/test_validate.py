"""$validate tells all that is wrong, and keeps nothing."""

from typing import Any

import httpx
import pytest

from tests.build import LOINC, bundle, concept, panel
from tests.fhir.bodies import HL7
from tests.fhir_client import resources

GOOD = {**panel(122, 78), "id": "o1"}
NO_CODE = {name: part for name, part in GOOD.items() if name != "code"}
ALERT = {
    **GOOD,
    "category": [concept("alert", "https://clonidine-watch.org/fhir/CodeSystem/observation-category")],
}
OTHER = {**GOOD, "code": concept("55284-4", LOINC)}
BP = HL7 + "bp"


def parameters(**given: Any) -> dict[str, Any]:
    names = {"mode": "valueCode", "profile": "valueCanonical", "resource": "resource"}
    listed = [{"name": name, names.get(name, "valueString"): value} for name, value in given.items()]
    return {"resourceType": "Parameters", "parameter": listed}


def issues(answer: httpx.Response) -> list[tuple[str, str]]:
    """(expression, rule) of each issue."""
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["resourceType"] == "OperationOutcome"
    return [
        (issue.get("expression", [""])[0], issue["details"].get("coding", [{"code": ""}])[0]["code"])
        for issue in found["issue"]
    ]


FINE = [("", "")]
ASKED: dict[str, tuple[str, dict[str, Any], list[tuple[str, str]]]] = {
    "a good one": ("/Observation/$validate", GOOD, FINE),
    "a good one as a parameter": ("/Observation/$validate", parameters(resource=GOOD), FINE),
    "an element is missing": ("/Observation/$validate", NO_CODE, [("Observation.code", "cardinality")]),
    "another type": ("/Patient/$validate", GOOD, [("Patient", "resource-type")]),
    "an alert": ("/Observation/$validate", ALERT, [("Observation.category[0]", "alert-read-only")]),
    "an alert that is only read": ("/Observation/$validate?mode=profile", ALERT, FINE),
    "a reading of nobody": (
        "/Observation/$validate",
        {name: part for name, part in GOOD.items() if name != "subject"},
        [("Observation.subject", "watchable-subject")],
    ),
    "a profile in the address": (f"/Observation/$validate?profile={BP}", OTHER, [("Observation.code", "BPCode")]),
    "a profile as a parameter": (
        "/Observation/$validate",
        parameters(resource=OTHER, profile=BP + "|4.0.1", mode="create"),
        [("Observation.code", "BPCode")],
    ),
    "a profile that is kept to": (f"/Observation/$validate?profile={BP}", GOOD, FINE),
    "a claim and the same asked": (
        f"/Observation/$validate?profile={BP}",
        {**OTHER, "meta": {"profile": [BP]}},
        [("Observation.code", "BPCode")],
    ),
    "the type's own profile": (f"/Observation/$validate?profile={HL7}Observation", GOOD, FINE),
    "an update": ("/Observation/o1/$validate", GOOD, FINE),
    "an update under another id": ("/Observation/o2/$validate", GOOD, [("Observation.id", "id")]),
    "an update with the mode told": ("/Observation/o1/$validate?mode=update", GOOD, FINE),
}  # fmt: skip


@pytest.mark.parametrize("case", ASKED.values(), ids=ASKED)
def test_it_answers_with_what_is_wrong(
    sqlite_client: httpx.Client, case: tuple[str, dict[str, Any], list[tuple[str, str]]]
) -> None:
    path, body, expected = case
    assert issues(sqlite_client.post(f"/fhir{path}", json=body)) == expected
    assert resources(sqlite_client.get("/fhir/Observation").json()) == []


def sent(kind: str, *docs: dict[str, Any], **request: str) -> dict[str, Any]:
    asked = {"request": {"method": "POST", "url": "Observation", **request}}
    return bundle(
        kind, *({"resource": doc, **(asked if kind in ("batch", "transaction") else {})} for doc in docs)
    )


NOBODY = {name: part for name, part in GOOD.items() if name != "subject"}
BUNDLES: dict[str, tuple[str, dict[str, Any], list[tuple[str, str]]]] = {
    "a good batch": ("", sent("batch", GOOD, GOOD), FINE),
    "a good transaction": ("", parameters(resource=sent("transaction", GOOD)), FINE),
    "each part of a batch": (
        "",
        sent("batch", ALERT, GOOD, NO_CODE, NOBODY),
        [
            ("Bundle.entry[0].resource.category[0]", "alert-read-only"),
            ("Bundle.entry[2].resource.code", "cardinality"),
            ("Bundle.entry[3].resource.subject", "watchable-subject"),
        ],
    ),
    "each part of a transaction": (
        "",
        sent("transaction", ALERT, NO_CODE),
        [
            ("Bundle.entry[0].resource.category[0]", "alert-read-only"),
            ("Bundle.entry[1].resource.code", "cardinality"),
        ],
    ),
    "a transaction with a reading of nobody": (
        "", sent("transaction", GOOD, NOBODY), [("Bundle.entry[1].resource.subject", "watchable-subject")]
    ),
    "a request": ("", sent("batch", GOOD, url="Encounter"), [("Bundle.entry[0]", "")]),
    "by FHIR alone": ("?mode=profile", sent("batch", ALERT, url="Encounter"), FINE),
    "the Bundle itself": (
        "", bundle("batch", {"resource": NO_CODE}),
        [("Bundle.entry[0].request", "bdl-3"), ("Bundle.entry[0].resource.code", "cardinality")],
    ),
    "a collection": ("", sent("collection", GOOD, NO_CODE), [("Bundle.entry[1].resource.code", "cardinality")]),
    "no Bundle": ("", GOOD, [("resourceType", "resourceType")]),
    "its profile": (f"?profile={HL7}Bundle", sent("batch", GOOD), FINE),
}  # fmt: skip


@pytest.mark.parametrize("case", BUNDLES.values(), ids=BUNDLES)
def test_a_bundle_is_judged_with_its_parts(
    sqlite_client: httpx.Client, case: tuple[str, dict[str, Any], list[tuple[str, str]]]
) -> None:
    query, body, expected = case
    assert issues(sqlite_client.post(f"/fhir/Bundle/$validate{query}", json=body)) == expected
    assert resources(sqlite_client.get("/fhir/Observation").json()) == []


def test_what_is_kept_is_judged_where_it_stands(client: httpx.Client) -> None:
    client.put("/fhir/Observation/o1", json=OTHER)
    kept = "/fhir/Observation/o1/$validate"
    assert issues(client.get(kept)) == FINE
    assert issues(client.get(kept, params={"profile": BP})) == [("Observation.code", "BPCode")]
    assert issues(client.post(kept, json=parameters(profile=BP))) == [("Observation.code", "BPCode")]
    assert issues(client.post(kept, json=parameters(mode="delete"))) == FINE
    assert issues(client.post(f"{kept}?mode=delete")) == FINE
    assert client.get("/fhir/Observation/o1").json()["meta"]["versionId"] == "1"


def test_an_alert_that_was_raised_is_fine(sqlite_client: httpx.Client) -> None:
    sqlite_client.post("/fhir/Observation", json=panel(84, 50))
    (alert,) = resources(sqlite_client.get("/fhir/Observation?category=alert").json())
    assert issues(sqlite_client.get(f"/fhir/Observation/{alert['id']}/$validate")) == FINE


REFUSED: dict[str, tuple[str, str, Any, int, str]] = {
    "no JSON": ("POST", "/Observation/$validate", None, 400, "JSON"),
    "an unknown profile": ("POST", "/Observation/$validate?profile=urn:x", GOOD, 400, BP),
    "an unknown mode": ("POST", "/Observation/$validate?mode=patch", GOOD, 400, "update"),
    "an unknown parameter": ("POST", "/Observation/$validate?strict=1", GOOD, 400, "profile"),
    "an unknown parameter in the body": ("POST", "/Observation/$validate", parameters(strict="1"), 400, "mode"),
    "one thing said twice": ("POST", "/Observation/$validate?mode=create", parameters(mode="create"), 400, "once"),
    "a parameter twice": (
        "POST",
        "/Observation/$validate",
        {"resourceType": "Parameters", "parameter": parameters(mode="create")["parameter"] * 2},
        400,
        "twice",
    ),
    "parameters of no shape": (
        "POST",
        "/Observation/$validate",
        {"resourceType": "Parameters", "parameter": [{"name": "mode"}]},
        400,
        "value[x]",
    ),
    "a resource in words": (
        "POST",
        "/Observation/$validate",
        {"resourceType": "Parameters", "parameter": [{"name": "resource", "valueString": "x"}]},
        400,
        "resource",
    ),
    "no resource": ("POST", "/Observation/$validate", parameters(mode="create"), 400, "missing"),
    "an update of no address": ("POST", "/Observation/$validate?mode=update", GOOD, 400, "[id]"),
    "an update of a Bundle": ("POST", "/Bundle/$validate?mode=update", bundle("batch"), 400, "none is kept"),
    "a Bundle that is missing": ("POST", "/Bundle/$validate", parameters(mode="create"), 400, "the Bundle"),
    "a Bundle with an address": ("POST", "/Bundle/b1/$validate", bundle("batch"), 404, "Bundle"),
    "a type that is not served": ("POST", "/Encounter/$validate", GOOD, 404, "Observation"),
    "nothing is there": ("GET", "/Observation/o9/$validate", None, 404, "o9"),
    "a deletion of nothing": ("POST", "/Observation/o9/$validate?mode=delete", None, 404, "o9"),
    "a wrong method": ("GET", "/Observation/$validate", None, 405, "POST"),
    "an update by GET": ("GET", "/Observation/o1/$validate?mode=update", None, 404, "o1"),
    "another format": ("GET", "/Observation/o1/$validate?_format=xml", None, 406, "json"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_question_that_cannot_be_answered_is_refused(
    sqlite_client: httpx.Client, case: tuple[str, str, Any, int, str]
) -> None:
    method, path, body, status, word = case
    answer = sqlite_client.request(method, f"/fhir{path}", json=body)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome"), answer.text
    assert word in answer.json()["issue"][0]["details"]["text"]


@pytest.mark.parametrize("body", [[], "x", {"resourceType": 3}, {"resourceType": []}, {}, bundle("batch")])
def test_no_body_is_too_strange(sqlite_client: httpx.Client, body: Any) -> None:
    answer = sqlite_client.post("/fhir/Observation/$validate", json=body)
    assert answer.status_code in (200, 400)
    assert answer.json()["issue"][0]["severity"] == "error"
