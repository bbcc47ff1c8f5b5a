"""What a search gives back: order, parts of resources, what comes along, what was ignored."""

from typing import Any

import httpx
import pytest

from models.search.question import MOST_VALUES
from tests.build import heart_rate, order, panel
from tests.fhir_client import everything, follow, link, resources

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def modes(bundle: dict[str, Any]) -> list[tuple[str, str]]:
    """(mode, type/id) of each entry."""
    return [
        (entry["search"]["mode"], "/".join(entry["fullUrl"].split("/")[-2:]))
        for entry in bundle.get("entry", [])
        if "fullUrl" in entry
    ]


def put(client: httpx.Client, doc: dict[str, Any], id: str, **more: Any) -> None:
    answer = client.put(f"/fhir/{doc['resourceType']}/{id}", json={**doc, "id": id, **more})
    assert answer.status_code == 201, answer.text


def test_pages_by_several_keys_hold_everything_once(client: httpx.Client) -> None:
    for at in range(9):
        put(client, panel(120, 80, f"2026-01-0{1 + at % 3}"), f"r{at}")
    for sort, expected in (
        ("date,-_id", "r6 r3 r0 r7 r4 r1 r8 r5 r2"),
        ("-date,_lastUpdated", "r2 r5 r8 r1 r4 r7 r0 r3 r6"),
        ("-_id", "r8 r7 r6 r5 r4 r3 r2 r1 r0"),
    ):
        found = everything(client, f"/fhir/Observation?_sort={sort}&_count=2")
        assert [one["id"] for one in found] == expected.split(), sort


def test_a_cursor_of_another_order_is_refused(sqlite_client: httpx.Client) -> None:
    for at in range(3):
        put(sqlite_client, panel(120, 80, f"2026-01-0{1 + at}"), f"r{at}")
    page = sqlite_client.get("/fhir/Observation?_sort=date&_count=1").json()
    cursor = str(link(page, "next")).partition("_cursor=")[2]
    assert sqlite_client.get(f"/fhir/Observation?_sort=_id&_cursor={cursor}").status_code == 400


def test_parts_of_a_resource_keep_their_digits_and_are_marked(sqlite_client: httpx.Client) -> None:
    raw = (
        '{"resourceType":"Observation","id":"r1","text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org'
        '/1999/xhtml\\">BP</div>"},"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p1"},'
        '"valueQuantity":{"value":1.500},"note":[{"text":"n"}]}'
    )
    assert sqlite_client.put("/fhir/Observation/r1", content=raw).status_code == 201
    expected = {
        "_summary=true": {"status", "code", "subject", "valueQuantity"},
        "_summary=text": {"text", "status", "code"},
        "_summary=data": {"status", "code", "subject", "valueQuantity", "note"},
        "_elements=value": {"status", "code", "valueQuantity"},
        "_elements=note,subject": {"status", "code", "note", "subject"},
    }
    for asked, elements in expected.items():
        answer = sqlite_client.get(f"/fhir/Observation?{asked}")
        (found,) = resources(answer.json())
        assert set(found) - {"resourceType", "id", "meta"} == elements, asked
        assert [tag["code"] for tag in found["meta"]["tag"]] == ["SUBSETTED"], asked
        assert ("1.500" in answer.text) == ("valueQuantity" in elements)
    (whole,) = resources(sqlite_client.get("/fhir/Observation?_summary=false").json())
    assert "tag" not in whole["meta"]
    assert {"text", "note"} <= set(whole)


def test_what_is_referred_to_and_what_refers_comes_along_once(client: httpx.Client) -> None:
    put(client, {"resourceType": "Patient"}, "p1")
    put(client, {"resourceType": "Medication", "status": "active"}, "m1")
    given = order(0.1, 6, "2026-01-01")
    del given["medicationCodeableConcept"]
    put(client, given, "o1", medicationReference={"reference": "Medication/m1"})
    put(client, panel(120, 80, "2026-01-01"), "r1", basedOn=[{"reference": "MedicationRequest/o1"}])
    put(client, panel(121, 80, "2026-01-01"), "r2", derivedFrom=[{"reference": "Observation/r1"}])
    match, include = ("match", "Observation/r1"), "include"
    for asked, expected in (
        ("_include=Observation:subject", {"Patient/p1"}),
        ("_include=Observation:*", {"Patient/p1", "MedicationRequest/o1"}),
        ("_include=Observation:based-on:MedicationRequest", {"MedicationRequest/o1"}),
        ("_include=Observation:based-on:CarePlan", set()),
        ("_include=Observation:based-on&_include=MedicationRequest:medication", {"MedicationRequest/o1"}),
        ("_include=Observation:based-on&_include:iterate=MedicationRequest:medication",
         {"MedicationRequest/o1", "Medication/m1"}),
        ("_revinclude=Observation:derived-from", {"Observation/r2"}),
        ("_include=*", {"Patient/p1", "MedicationRequest/o1"}),
        ("_revinclude=*", {"Observation/r2"}),
        ("_include:iterate=*", {"Patient/p1", "MedicationRequest/o1"}),
    ):  # fmt: skip
        page = client.get(f"/fhir/Observation?_id=r1&{asked}").json()
        assert modes(page)[:1] == [match], (asked, page)
        assert {found for mode, found in modes(page)[1:] if mode == include} == expected, asked
    page = client.get(
        "/fhir/Patient?_revinclude=Observation:patient&_include:iterate=Observation:based-on"
    ).json()
    assert [mode for mode, _ in modes(page)] == ["match", "include", "include", "include"]


def test_the_feed_goes_on_over_what_comes_along(client: httpx.Client) -> None:
    put(client, {"resourceType": "Patient"}, "p1")
    search = "/fhir/Observation?_include=Observation:patient&_count=2&patient.gender:missing=true"
    for at in range(5):
        put(client, panel(120, 80, "2026-01-01"), f"r{at}")
    pages = list(follow(client, search))
    assert [one for page in pages for mode, one in modes(page) if mode == "match"] == [
        f"Observation/r{at}" for at in range(5)
    ]
    assert all(("include", "Patient/p1") in modes(page) for page in pages)
    put(client, panel(120, 80, "2026-01-01"), "r5")
    assert modes(client.get(str(link(pages[-1], "monitor"))).json()) == [
        ("match", "Observation/r5"),
        ("include", "Patient/p1"),
    ]


def test_a_lenient_client_is_told_what_was_ignored(sqlite_client: httpx.Client) -> None:
    put(sqlite_client, heart_rate(80, "2026-01-01"), "r1")
    for wish, status in (("handling=strict", 400), ("", 400), ("return=minimal; handling=lenient", 200)):
        answer = sqlite_client.get(
            "/fhir/Observation?nonsense=1&code=8867-4&_text=x", headers={"Prefer": wish}
        )
        assert answer.status_code == status, wish
    page = answer.json()
    match, outcome = page["entry"]
    assert (match["resource"]["id"], outcome["search"]) == ("r1", {"mode": "outcome"})
    assert [issue["severity"] for issue in outcome["resource"]["issue"]] == ["warning", "warning"]
    assert str(link(page, "self")).endswith("/fhir/Observation?code=8867-4")
    worse = sqlite_client.get("/fhir/Observation?code:below=x", headers={"Prefer": "handling=lenient"})
    assert worse.status_code == 400


def test_a_form_asks_what_an_address_asks(client: httpx.Client) -> None:
    put(client, heart_rate(80, "2026-01-01"), "r1")
    put(client, panel(120, 80, "2026-01-01"), "r2")
    for path, form in (
        ("/fhir/Observation/_search", "code=8867-4"),
        ("/fhir/Observation/_search?code=8867-4", "patient=p1"),
        ("/fhir/_search", "_type=Observation&_id=r1"),
        ("/fhir/Patient/p1/Observation/_search", "code=8867-4"),
    ):
        answer = client.post(path, content=form, headers=FORM)
        assert [one["id"] for one in resources(answer.json())] == ["r1"], path
    assert client.post("/fhir/Observation/_search", json={}).status_code == 415
    assert client.post("/fhir/Observation/_search", content=b"code=%ff", headers=FORM).status_code == 400
    assert client.post("/fhir/Patient/p1/Medication/_search", content="", headers=FORM).status_code == 404
    assert client.post("/fhir/Group/_search", content="", headers=FORM).status_code == 404


def test_totals_count_what_a_search_finds(client: httpx.Client) -> None:
    for at in range(4):
        put(client, panel(100 + at, 80, "2026-01-01"), f"r{at}")
    search = "/fhir/Observation?component-code-value-quantity=8480-6$ge102"
    for asked in ("_count=0", "_summary=count", "_total=accurate&_count=1"):
        assert client.get(f"{search}&{asked}").json()["total"] == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("identifier", "v{}"),
        ("code", "http://loinc.org|v{}"),
        ("_tag", "v{}"),
        ("derived-from", "Observation/v{}"),
        ("patient", "p{}"),
        ("value-quantity", "lt{}"),
        ("value-string", "v{}"),
        ("date", "lt2026-01-01T00:00:00.{:03}Z"),
        ("component-code-value-quantity", "http://loinc.org|8480-6$lt{}"),
    ],
)
def test_as_many_values_as_are_allowed_are_answered(client: httpx.Client, name: str, value: str) -> None:
    values = ",".join(value.format(number) for number in range(MOST_VALUES))
    assert client.get("/fhir/Observation", params={name: values}).status_code == 200
    refused = client.get("/fhir/Observation", params={name: f"{values},{value.format(0)}"})
    assert (refused.status_code, refused.json()["issue"][0]["code"]) == (400, "too-costly")
