"""Patient/{id}/$everything gives the whole record, page by page, and nobody else's."""

from typing import Any

import httpx
import pytest

from tests.build import ago, dose, heart_rate, panel
from tests.fhir.bodies import condition, medication
from tests.fhir_client import link, resources

P1 = {"reference": "Patient/p1"}
DOCS: tuple[dict[str, Any], ...] = (
    {**panel(122, 78, ago(9), rate=70), "id": "bp"},
    {**heart_rate(70, ago(8), patient="p2"), "id": "not-mine"},
    {**condition(), "id": "c1"},
    {**medication(), "id": "m1"},
    {**medication(), "id": "m2"},
    {"resourceType": "Patient", "id": "p1"},
    {
        "resourceType": "MedicationAdministration",
        "id": "d1",
        "status": "completed",
        "medicationReference": {"reference": "Medication/m1"},
        "subject": P1,
        "effectiveDateTime": ago(7),
        "dosage": {"dose": dose(0, ago(1))["dosage"]["dose"]},
    },
    {"resourceType": "AllergyIntolerance", "id": "a1", "clinicalStatus": {"coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]},
     "patient": P1},
    {"resourceType": "Goal", "id": "g1", "lifecycleStatus": "active", "description": {"text": "x"}, "subject": P1},
    {"resourceType": "Device", "id": "dev1", "patient": P1},
    {"resourceType": "Task", "id": "t1", "status": "requested", "intent": "order", "for": P1},
    {"resourceType": "Provenance", "id": "v1", "recorded": "2026-11-22T08:00:00Z",
     "target": [{"reference": "Observation/bp"}, P1], "agent": [{"who": {"display": "x"}}]},
)  # fmt: skip
MINE = ["Patient/p1", "Observation/bp", "Condition/c1", "MedicationAdministration/d1", "AllergyIntolerance/a1",
        "Goal/g1", "Device/dev1", "Task/t1", "Provenance/v1"]  # fmt: skip
ALL = "/fhir/Patient/p1/$everything"


def put(client: httpx.Client, doc: dict[str, Any]) -> None:
    answer = client.put(f"/fhir/{doc['resourceType']}/{doc['id']}", json=doc)
    assert answer.status_code in (200, 201), answer.text


def names(bundle: dict[str, Any], mode: str = "match") -> list[str]:
    return [
        f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
        for entry in bundle.get("entry", [])
        if entry["search"]["mode"] == mode
    ]


@pytest.fixture
def ward(client: httpx.Client) -> httpx.Client:
    for doc in DOCS:
        put(client, doc)
    return client


def paged(client: httpx.Client, url: str) -> tuple[list[str], list[str]]:
    found, included = [], []
    following: str | None = url
    while following:
        page = client.get(following).json()
        found += names(page)
        included += names(page, "include")
        following = link(page, "next")
    return found, included


@pytest.mark.parametrize("size", [1, 2, 200])
def test_it_gives_the_patient_then_all_that_is_the_patients(ward: httpx.Client, size: int) -> None:
    assert paged(ward, f"{ALL}?_count={size}") == (MINE, ["Medication/m1"])


def test_provenances_of_no_patient_come_with_what_they_tell_of(ward: httpx.Client) -> None:
    of = {
        "resourceType": "Provenance",
        "recorded": "2026-11-22T08:00:00Z",
        "agent": [{"who": {"display": "x"}}],
    }
    put(ward, {**of, "id": "v2", "target": [{"reference": "Condition/c1/_history/1"}]})
    put(ward, {**of, "id": "v3", "target": [{"reference": "Observation/not-mine"}]})
    assert paged(ward, f"{ALL}?_count=1") == (MINE, ["Provenance/v2", "Medication/m1"])
    assert paged(ward, f"{ALL}?_type=Condition") == (["Condition/c1"], [])
    assert paged(ward, f"{ALL}?_type=Condition,Provenance")[1] == ["Provenance/v2"]


def test_it_can_be_narrowed_by_type_and_time(ward: httpx.Client) -> None:
    assert paged(ward, f"{ALL}?_type=Goal,Task&_type=Patient&_count=1") == (
        ["Patient/p1", "Goal/g1", "Task/t1"],
        [],
    )
    orders = f"{ALL}?_type=MedicationAdministration,Medication"
    assert paged(ward, orders) == (["MedicationAdministration/d1"], ["Medication/m1"])
    since = ward.get("/fhir/Goal/g1").json()["meta"]["lastUpdated"]
    assert paged(ward, f"{ALL}?_since={since}")[0] == ["Goal/g1", "Device/dev1", "Task/t1", "Provenance/v1"]
    assert paged(ward, f"{ALL}?_since=2100")[0] == []


def test_what_is_written_between_two_pages_is_not_left_out(ward: httpx.Client) -> None:
    first = ward.get(f"{ALL}?_count=4").json()
    put(ward, {**condition(), "id": "c1", "recordedDate": "2026"})
    put(ward, {**condition(), "id": "c2"})
    rest, _ = paged(ward, str(link(first, "next")))
    assert names(first) + rest == [*MINE, "Condition/c1", "Condition/c2"]


def test_alerts_belong_to_the_record(ward: httpx.Client) -> None:
    put(ward, {**panel(84, 50), "id": "low"})
    found = resources(ward.get(f"{ALL}?_type=Observation").json())
    assert [one["category"][0]["coding"][0]["code"] for one in found][:3] == [
        "vital-signs",
        "vital-signs",
        "alert",
    ]


def test_the_patient_need_not_be_here(client: httpx.Client) -> None:
    put(client, DOCS[0])
    assert paged(client, ALL) == (["Observation/bp"], [])
    assert client.get("/fhir/Patient/p9/$everything").status_code == 404
    assert client.get("/fhir/Patient/p%00/$everything").status_code == 404


@pytest.mark.parametrize(
    "query", ["x=1", "_type=Encounter", "_since=soon", "_count=0", "_count=a", "_cursor=x",
              "_count=1&_count=2"]
)  # fmt: skip
def test_what_it_cannot_do_is_refused(ward: httpx.Client, query: str) -> None:
    answer = ward.get(f"{ALL}?{query}")
    assert (answer.status_code, answer.json()["resourceType"]) == (400, "OperationOutcome")


def test_a_link_of_an_earlier_life_is_gone(sqlite_client: httpx.Client) -> None:
    from models.search.cursor import Cursor

    put(sqlite_client, DOCS[0])
    answer = sqlite_client.get(f"{ALL}?_cursor={Cursor('elsewhere', (1,), 1).text()}")
    assert answer.status_code == 410
