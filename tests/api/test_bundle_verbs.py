"""Every verb inside batch and transaction."""

import base64
import json
from typing import Any

import httpx
import pytest

from tests.api.test_patch import operation, parameters
from tests.build import bundle, entry, panel
from tests.fhir_client import everything, resources

MRN = {"system": "urn:mrn", "value": "1"}
PERSON = {"resourceType": "Patient", "identifier": [MRN]}
CONDITIONAL = "Patient?identifier=urn:mrn|1"
Entry = dict[str, Any]


def ask(method: str, url: str, **request: Any) -> Entry:
    """An entry without a resource."""
    return {"request": {"method": method, "url": url, **request}}


def json_patch(url: str, *operations: dict[str, Any], **request: Any) -> Entry:
    data = base64.b64encode(json.dumps(operations).encode()).decode()
    doc = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
    return entry(doc, "PATCH", url, **request)


def post(client: httpx.Client, kind: str, *entries: Entry, status: int = 200) -> list[Entry]:
    """The entries of the answer, or the issues of a refusal."""
    answer = client.post("/fhir", json=bundle(kind, *entries))
    assert answer.status_code == status, answer.text
    found: list[Entry] = answer.json()["entry" if status == 200 else "issue"]
    return found


def statuses(entries: list[Entry]) -> list[str]:
    return [item["response"]["status"][:3] for item in entries]


def reading(id: str, systolic: int = 120) -> Entry:
    return {**panel(systolic, 80, "2026-01-01T10:00:00Z"), "id": id}


def test_what_a_transaction_reads_is_what_it_wrote(client: httpx.Client) -> None:
    client.put("/fhir/Observation/o1", json=reading("o1"))
    found = post(
        client,
        "transaction",
        ask("GET", "Observation/o1"),
        ask("GET", "Observation?_id=o1,o2,o3&_sort=_lastUpdated"),
        ask("GET", f"{client.base_url}/fhir/Observation/o1/_history/1"),
        ask("GET", "Observation/o1/_history"),
        ask("HEAD", "Observation/o2"),
        ask("GET", "Observation/o3"),
        entry(reading("o1", 121), "PUT", "Observation/o1"),
        entry(reading("o2"), "PUT", "Observation/o2"),
    )
    assert statuses(found) == ["200", "200", "200", "200", "200", "404", "200", "201"]
    assert found[0]["resource"] == client.get("/fhir/Observation/o1").json()
    assert found[0]["response"]["etag"] == 'W/"2"'
    assert found[0]["response"]["lastModified"] == found[0]["resource"]["meta"]["lastUpdated"]
    assert {one["id"] for one in resources(found[1]["resource"])} == {"o1", "o2"}
    assert found[2]["resource"]["meta"]["versionId"] == "1"
    assert found[3]["resource"]["total"] == 2
    assert "resource" not in found[4]
    assert found[5]["response"]["outcome"]["issue"][0]["code"] == "not-found"


def test_a_reading_that_is_not_understood_refuses_the_transaction(client: httpx.Client) -> None:
    write = entry(reading("o1"), "PUT", "Observation/o1")
    for url, status in (("Observation?colour=red", 400), ("Encounter/1", 422)):
        (issue,) = post(client, "transaction", write, ask("GET", url), status=status)
        assert issue["expression"] == ["Bundle.entry[1]"]
    assert client.get("/fhir/Observation/o1").status_code == 404


def test_the_readings_of_a_batch_each_have_their_answer(client: httpx.Client) -> None:
    client.put("/fhir/Observation/o1", json=reading("o1"))
    found = post(
        client,
        "batch",
        ask("GET", "Observation/o1", ifNoneMatch='W/"1"'),
        ask("GET", "Observation/o1", ifModifiedSince="2100-01-01T00:00:00Z"),
        ask("GET", "Observation/none"),
        ask("GET", "Observation?colour=red"),
        ask("GET", "metadata"),
        ask("GET", "_history?_count=1"),
        ask("GET", "../metrics"),
        ask("GET", "Observation/o1/_history/1/2"),
    )
    assert statuses(found) == ["304", "304", "404", "400", "200", "200", "404", "404"]
    assert found[0]["response"]["etag"] == 'W/"1"'
    assert "resource" not in found[0]
    assert found[4]["resource"]["resourceType"] == "CapabilityStatement"


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_patches_of_both_kinds_stand_in_a_bundle(client: httpx.Client, kind: str) -> None:
    for id in ("o1", "o2"):
        client.put(f"/fhir/Observation/{id}", json=reading(id))
    amended = {"op": "replace", "path": "/status", "value": "amended"}
    by_path = parameters(operation("replace", "Observation.status", value={"valueCode": "corrected"}))
    found = post(
        client,
        kind,
        json_patch("Observation/o1", amended, ifMatch='W/"1"'),
        entry(by_path, "PATCH", "Observation?_id=o2"),
    )
    assert statuses(found) == ["200", "200"]
    assert [client.get(f"/fhir/Observation/{id}").json()["status"] for id in ("o1", "o2")] == [
        "amended",
        "corrected",
    ]


@pytest.mark.parametrize(
    "broken",
    [
        json_patch("Observation/o1", {"op": "test", "path": "/status", "value": "amended"}),
        json_patch("Observation/none", {"op": "remove", "path": "/note"}),
        json_patch("Observation/o1", {"op": "remove", "path": "/component"}, ifMatch='W/"9"'),
        json_patch("Observation/o1", {"op": "nothing", "path": "/component"}),
        entry(
            {"resourceType": "Binary", "contentType": "text/plain", "data": "e30="}, "PATCH", "Observation/o1"
        ),
        entry(
            {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": "?"},
            "PATCH",
            "Observation/o1",
        ),
        entry(PERSON, "PATCH", "Observation/o1"),
        entry(reading("o1"), "PUT", "Observation/o1", ifNoneMatch="*"),
        entry(reading("o5"), "PUT", "Observation?status=final"),
        ask("DELETE", "Observation?status=final"),
        ask("DELETE", "Observation"),
        ask("DELETE", "Observation?_count=1"),
        entry(reading("o1"), "POST", "Observation?_id=o1"),
        entry(reading("o1"), "PUT", "Observation/o1?_id=o1"),
        {**entry(panel(120, 80)), "resource": {**panel(120, 80), "subject": {"reference": CONDITIONAL}}},
    ],
)
def test_one_entry_that_fails_leaves_nothing_of_a_transaction(
    sqlite_client: httpx.Client, broken: Entry
) -> None:
    for id in ("o1", "o2"):
        sqlite_client.put(f"/fhir/Observation/{id}", json=reading(id))
    before = everything(sqlite_client, "/fhir/Observation")
    good = entry(reading("o4"), "PUT", "Observation/o4")
    answer = sqlite_client.post("/fhir", json=bundle("transaction", good, broken))
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["issue"][0]["expression"][0].startswith("Bundle.entry[1]"), answer.text
    assert everything(sqlite_client, "/fhir/Observation") == before


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_conditional_updates_and_deletions_stand_in_a_bundle(client: httpx.Client, kind: str) -> None:
    client.put("/fhir/Observation/o1", json=reading("o1"))
    named = {**reading(""), "identifier": [MRN]}
    del named["id"]
    made = entry(named, "PUT", "Observation?identifier=urn:mrn|1")
    gone, none = ask("DELETE", "Observation?_id=o1"), ask("DELETE", "Observation?_id=none")
    assert statuses(post(client, kind, made, gone, none)) == ["201", "204", "204"]
    assert statuses(post(client, kind, made)) == ["200"]
    assert len(everything(client, "/fhir/Observation")) == 1


def test_references_to_a_conditional_update_lead_to_what_it_found(client: httpx.Client) -> None:
    first = client.post("/fhir/Patient", json=PERSON).json()["id"]
    person = {**entry(PERSON, "PUT", CONDITIONAL), "fullUrl": "urn:uuid:a"}
    sent = entry({**panel(120, 80), "subject": {"reference": "urn:uuid:a"}})
    post(client, "transaction", sent, person)
    assert len(everything(client, f"/fhir/Observation?patient={first}")) == 1


def test_a_resource_is_written_once_however_it_is_named(client: httpx.Client) -> None:
    client.put("/fhir/Patient/p1", json={**PERSON, "id": "p1"})
    twice = entry({**PERSON, "id": "p1", "active": True}, "PUT", "Patient/p1")
    (issue,) = post(client, "transaction", twice, entry(PERSON, "PUT", CONDITIONAL), status=422)
    assert issue["details"]["coding"][0]["code"] == "transaction-unique"
    assert client.get("/fhir/Patient/p1").headers["etag"] == 'W/"1"'


def _about(reference: str) -> Entry:
    return entry({**panel(84, 58), "subject": {"reference": reference}})


def test_conditional_references_lead_to_the_one_that_there_is(client: httpx.Client) -> None:
    client.put("/fhir/Patient/p1", json={**PERSON, "id": "p1"})
    assert statuses(post(client, "transaction", _about(CONDITIONAL), _about(CONDITIONAL))) == ["201", "201"]
    found = everything(client, "/fhir/Observation?patient=p1&category=vital-signs")
    assert [one["subject"]["reference"] for one in found] == ["Patient/p1"] * 2
    assert everything(client, "/fhir/Observation?patient=p1&category=alert")


def test_conditional_references_see_what_the_transaction_writes(client: httpx.Client) -> None:
    found = post(client, "transaction", _about(CONDITIONAL), entry(PERSON))
    patient = "/".join(found[1]["response"]["location"].split("/")[-4:-2])
    assert len(everything(client, f"/fhir/Observation?patient={patient}&category=vital-signs")) == 1
    gone = ask("DELETE", patient)
    (issue,) = post(client, "transaction", gone, _about(CONDITIONAL), status=412)
    assert issue["expression"] == ["Bundle.entry[1]"]


def test_conditional_references_that_lead_to_none_or_several_are_refused(client: httpx.Client) -> None:
    for number in ("0", "2"):
        (issue,) = post(client, "transaction", entry(panel(120, 80)), _about(CONDITIONAL), status=412)
        assert issue["expression"] == ["Bundle.entry[1]"]
        assert f"leads to {number} resources" in issue["details"]["text"]
        for _ in range(2):
            client.post("/fhir/Patient", json=PERSON)
    (issue,) = post(client, "transaction", _about("Patient?colour=red"), status=400)
    assert "colour" in issue["details"]["text"]
    assert everything(client, "/fhir/Observation") == []


def test_a_conditional_reference_to_a_type_that_is_not_served_is_kept_with_a_warning(
    client: httpx.Client,
) -> None:
    sent = {**panel(120, 80), "performer": [{"reference": "Practitioner?identifier=urn:npi|7"}]}
    (made,) = post(client, "transaction", entry(sent))
    (issue,) = made["response"]["outcome"]["issue"]
    assert (issue["severity"], issue["expression"]) == ("warning", ["Observation.performer[0].reference"])
    assert "Practitioner is not served" in issue["details"]["text"]
    (found,) = everything(client, "/fhir/Observation")
    assert found["performer"] == sent["performer"]


def test_thousands_of_conditional_entries_are_kept_together(client: httpx.Client) -> None:
    def named(at: int) -> Entry:
        person = {"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": str(at)}]}
        return entry(person, "PUT", f"Patient?identifier=urn:mrn|{at}")

    many = [named(at) for at in range(1_500)]
    assert set(statuses(post(client, "transaction", *many))) == {"201"}
    assert set(statuses(post(client, "transaction", *many))) == {"200"}
    assert client.get("/fhir/Patient?_summary=count").json()["total"] == 1_500


def test_five_thousand_entries_are_the_most(sqlite_client: httpx.Client) -> None:
    many = [ask("DELETE", f"Patient/p{at}") for at in range(5_001)]
    assert set(statuses(post(sqlite_client, "transaction", *many[1:]))) == {"204"}
    (issue,) = post(sqlite_client, "transaction", *many, status=422)
    assert "5000" in issue["details"]["text"]
