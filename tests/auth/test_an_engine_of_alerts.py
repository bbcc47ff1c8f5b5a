"""An engine that was given alerts sees alerts and nothing else, by whichever way it asks."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.auth.flow import ALERTS, EVERYTHING, Ward
from tests.build import ago, heart_rate, panel
from tests.fhir.bodies import condition
from tests.fhir_client import link, resources

LOW = {**panel(84, 50, ago(5)), "id": "low"}
DOCS: tuple[dict[str, Any], ...] = (
    {"resourceType": "Patient", "id": "p1", "identifier": [{"system": "urn:mrn", "value": "7"}]},
    {**condition(), "id": "c1"},
    {**heart_rate(70, ago(9)), "id": "rate"},
    LOW,
)
PATHS = {
    "search": "/fhir/Observation",
    "search with another category": "/fhir/Observation?category=vital-signs",
    "search for what is no alert": "/fhir/Observation?category:not=alert",
    "search by id": "/fhir/Observation?_id=low",
    "search over all types": "/fhir?_lastUpdated=gt2020-01-01",
    "search over its type": "/fhir?_type=Observation",
    "compartment of one type": "/fhir/Patient/p1/Observation",
    "whole compartment": "/fhir/Patient/p1/*",
    "everything": "/fhir/Patient/p1/$everything",
    "everything of its type": "/fhir/Patient/p1/$everything?_type=Observation",
    "lastn": "/fhir/Observation/$lastn?patient=p1",
    "history of the type": "/fhir/Observation/_history",
    "history of all": "/fhir/_history",
    "the wildcard of includes": "/fhir/Observation?_include=*&_revinclude=*",
    "iterated includes": "/fhir/Observation?_include=Observation:derived-from&_include:iterate=Observation:*",
    "included readings": "/fhir/Observation?_include=Observation:derived-from",
    "sorted": "/fhir/Observation?_sort=-date",
    "page by page": "/fhir/Observation?_count=1",
}
REFUSED = (
    "/fhir/Patient", "/fhir/Patient/p1", "/fhir/Patient/nobody", "/fhir/Patient/p1/_history", "/fhir/Condition",
    "/fhir?_type=Observation,Condition", "/fhir/Patient/p1/Condition", "/fhir/Patient/p1/*?_type=Condition",
    "/fhir/Patient/p1/$everything?_type=Patient", "/fhir/Patient/p1/$dose-check", "/fhir/Patient/p1/$meta",
    "/fhir/Observation?_include=Observation:patient", "/fhir/Observation?_revinclude=Provenance:target",
    "/fhir/Observation?patient.identifier=urn:mrn|7", "/fhir/Observation?subject:Patient._id=p1",
    "/fhir/Observation?_has:Provenance:target:_id=x", "/fhir/Observation?patient:identifier=urn:mrn|7",
)  # fmt: skip


@pytest.fixture
def kept(ward: Ward) -> Ward:
    headers = ward.headers(EVERYTHING)
    for doc in DOCS:
        answer = ward.client.put(f"/fhir/{doc['resourceType']}/{doc['id']}", json=doc, headers=headers)
        assert answer.status_code == 201, answer.text
    ward.client.delete("/fhir/Observation/rate", headers=headers)
    return ward


def pages(ward: Ward, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    """Every page, those behind `next` links too."""
    found = []
    while path:
        answer = ward.client.get(path, headers=headers)
        assert answer.status_code == 200, (path, answer.text)
        found.append(answer.json())
        path = (link(found[-1], "next") or "").removeprefix("http://watch.example")
    return found


def is_alert(resource: dict[str, Any]) -> bool:
    return any(coding["code"] == "alert" for concept in resource["category"] for coding in concept["coding"])


def test_whatever_it_asks_it_is_given_alerts(kept: Ward) -> None:
    headers = kept.headers(ALERTS)
    given = {
        name: [one for page in pages(kept, path, headers) for one in resources(page)]
        for name, path in PATHS.items()
    }
    others = {
        name: [f"{one['resourceType']}/{one['id']}" for one in found if not is_alert(one)]
        for name, found in given.items()
    }
    assert {name: found for name, found in others.items() if found} == {}
    silent = {"search with another category", "search for what is no alert", "search by id"}
    assert {name for name, found in given.items() if not found} == silent


def test_it_learns_of_no_deletion_of_what_it_could_not_read(kept: Ward) -> None:
    """An entry of a history names what was deleted even without its content."""
    headers = kept.headers(ALERTS)
    for path in ("/fhir/_history", "/fhir/Observation/_history"):
        named = [entry["fullUrl"] for page in pages(kept, path, headers) for entry in page["entry"]]
        assert not [url for url in named if url.endswith(("/rate", "/low"))]


@pytest.mark.parametrize("id", ["low", "rate", "unknown"])
@pytest.mark.parametrize("path", ["", "/_history", "/_history/1", "/$meta", "/$validate"])
def test_what_is_not_for_it_is_as_if_it_were_not_there(kept: Ward, id: str, path: str) -> None:
    answer = kept.ask("GET", f"/fhir/Observation/{id}{path}", ALERTS)
    unknown = kept.ask("GET", f"/fhir/Observation/unknown{path}", ALERTS)
    assert answer.status_code == unknown.status_code == 404
    assert answer.text.replace(id, "unknown") == unknown.text
    assert "etag" not in answer.headers


@pytest.mark.parametrize("path", REFUSED)
def test_what_needs_more_is_refused_by_name(kept: Ward, path: str) -> None:
    answer = kept.ask("GET", path, ALERTS)
    assert answer.status_code == 403, answer.text
    assert answer.json()["issue"][0]["code"] == "forbidden"
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_totals_count_what_it_may_see(kept: Ward) -> None:
    headers, everybody = kept.headers(ALERTS), kept.headers(EVERYTHING)
    for query in ("_summary=count", "_count=0", "_total=accurate", "_totalMethod=count"):
        path = f"/fhir/Observation?{query}"
        alerts = kept.client.get(f"{path}&category=alert", headers=everybody).json()["total"]
        assert kept.client.get(path, headers=headers).json()["total"] == alerts
        assert kept.client.get(path, headers=everybody).json()["total"] > alerts
    assert "total" not in kept.client.get("/fhir/Observation/_history", headers=headers).json()


def test_a_search_by_post_is_a_search(kept: Ward) -> None:
    headers = kept.headers(ALERTS)
    form = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    for path in ("/fhir/Observation/_search", "/fhir/Patient/p1/Observation/_search"):
        found = kept.client.post(path, content="_count=100", headers=form)
        assert found.status_code == 200, found.text
        assert resources(found.json())
        assert all(map(is_alert, resources(found.json())))
    assert kept.client.post("/fhir/_search", content="_type=Patient", headers=form).status_code == 403
    assert kept.client.post("/fhir/Patient/_search", content="", headers=form).status_code == 403


def test_a_cursor_carries_no_permission(kept: Ward) -> None:
    first = pages(kept, "/fhir/Observation?_count=1", kept.headers(EVERYTHING))
    path = str(link(first[0], "next")).removeprefix("http://watch.example")
    found = kept.ask("GET", path, ALERTS)
    assert all(map(is_alert, resources(found.json())))
    assert kept.ask("GET", path, "system/Patient.rs").status_code == 403
    assert kept.client.get(path).status_code == 401


def test_a_patient_of_whom_it_may_see_nothing_is_unknown(kept: Ward) -> None:
    """`$everything` would tell otherwise who is kept here."""
    goals = kept.ask("GET", "/fhir/Patient/p1/$everything", "system/Goal.rs")
    assert (
        goals.status_code
        == kept.ask("GET", "/fhir/Patient/p9/$everything", "system/Goal.rs").status_code
        == 404
    )


@pytest.mark.parametrize("type", ["batch", "transaction"])
def test_an_entry_of_a_bundle_is_a_request_of_its_own(kept: Ward, type: str) -> None:
    urls = (
        "Observation",
        "Observation/low",
        "Patient/p1",
        "Observation?_include=Observation:patient",
        "_history",
    )
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    bundle = {"resourceType": "Bundle", "type": type, "entry": entries}
    answer = kept.ask("POST", "/fhir", ALERTS, json=bundle)
    statuses = [entry["response"]["status"][:3] for entry in answer.json()["entry"]]
    assert statuses == ["200", "404", "403", "403", "200"]
    for entry in answer.json()["entry"]:
        found = entry.get("resource", {})
        assert all(is_alert(one) for one in resources(found) if one["resourceType"] == "Observation")


def test_a_parameter_of_the_request_cannot_widen_a_scope(kept: Ward) -> None:
    for query in ("category=alert,vital-signs", "category=vital-signs&category=alert", "category:missing=true",
                  f"category={quote('|alert')}&_id=low,rate", "_id=low&category:not=nothing"):  # fmt: skip
        found = kept.ask("GET", f"/fhir/Observation?{query}", ALERTS)
        assert all(map(is_alert, resources(found.json()))), query


def test_a_chain_tells_nothing_of_what_it_passes_through(kept: Ward) -> None:
    """An alert can be found by its reading, and a reading by its alert, by those alone who may search both."""
    chained, had = "derived-from:Observation.code=85354-9", "_has:Observation:derived-from:category=alert"
    for query in (chained, had):
        path = f"/fhir/Observation?{query}"
        assert resources(kept.ask("GET", path, EVERYTHING).json())
        assert not resources(kept.ask("GET", path, ALERTS).json())


def test_scopes_add_up(kept: Ward) -> None:
    """Two ways into a type are two ways, not one that is narrower than both."""
    both = kept.headers(ALERTS, "system/Observation.rs?category=vital-signs", "system/Condition.r")
    found = pages(kept, "/fhir/Observation?_count=2", both)
    assert {is_alert(one) for page in found for one in resources(page)} == {True, False}
    assert kept.client.get("/fhir/Observation/low", headers=both).status_code == 200
    assert kept.client.get("/fhir/Condition/c1", headers=both).status_code == 200
    assert kept.client.get("/fhir/Condition", headers=both).status_code == 403


def test_reading_is_not_searching(kept: Ward) -> None:
    read, search = kept.headers("system/Observation.r"), kept.headers("system/Observation.s")
    assert kept.client.get("/fhir/Observation/low", headers=read).status_code == 200
    assert kept.client.get("/fhir/Observation", headers=read).status_code == 403
    assert kept.client.get("/fhir/Observation/low", headers=search).status_code == 403
    assert kept.client.get("/fhir/Observation/_history", headers=search).status_code == 200
