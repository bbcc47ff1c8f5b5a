"""$lastn, $everything and $meta are asked by POST too, as most clients ask an operation."""

from typing import Any

import httpx
import pytest

from tests.build import ago, heart_rate, panel
from tests.fhir_client import link, resources


def told(**values: Any) -> dict[str, Any]:
    """Parameters of plain values; a list is a parameter that is repeated."""
    kinds = {str: "valueString", int: "valueInteger", bool: "valueBoolean", dict: "valueReference"}
    pairs = [
        (name, one)
        for name, value in values.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    listed = [{"name": name, kinds[type(value)]: value} for name, value in pairs]
    return {"resourceType": "Parameters", **({"parameter": listed} if listed else {})}


@pytest.fixture
def ward(client: httpx.Client) -> httpx.Client:
    for at in (30, 20, 10):
        client.put(f"/fhir/Observation/bp-{at}", json=panel(122, 78, ago(at), id=f"bp-{at}"))
        client.put(f"/fhir/Observation/hr-{at}", json=heart_rate(70, ago(at), id=f"hr-{at}"))
    client.put("/fhir/Patient/p1", json={"resourceType": "Patient", "id": "p1"})
    return client


LAST, ALL, META = "/fhir/Observation/$lastn", "/fhir/Patient/p1/$everything", "/fhir/Observation/bp-10/$meta"


@pytest.mark.parametrize(
    ("address", "query", "sent"),
    [
        (LAST, "patient=p1", None),
        (LAST, "patient=p1&max=2", told(patient="p1", max=2)),
        (LAST, "patient=p1&code=8867-4", told(patient="p1", code="8867-4")),
        (LAST, "patient=p1&date:missing=false", None),
        (ALL, "_type=Patient,Observation", told(_type=["Patient", "Observation"])),
        (ALL, "_type=Goal,Task", told(_type=["Goal", "Task"])),
        (ALL, "", told()),
        (ALL, "", None),
        (META, "", told()),
        (META, "", None),
    ],
)
def test_a_post_gives_what_the_get_gives(
    ward: httpx.Client, address: str, query: str, sent: dict[str, Any] | None
) -> None:
    by_get = ward.get(f"{address}?{query}")
    by_post = ward.post(address, json=sent) if sent else ward.post(f"{address}?{query}")
    assert (by_get.status_code, by_post.status_code) == (200, 200)
    assert by_get.json() == by_post.json()


def test_the_links_of_a_post_lead_on_by_get(ward: httpx.Client) -> None:
    page = ward.post(ALL, json=told(_count=4)).json()
    following = link(page, "next")
    assert following
    assert len(resources(page)) == 4
    assert len(resources(ward.get(following).json())) == 3


def test_the_address_and_the_body_count_together(ward: httpx.Client) -> None:
    found = ward.post(f"{LAST}?patient=p1", json=told(code="8867-4", max=2)).json()
    assert [one["id"] for one in resources(found)] == ["hr-10", "hr-20"]
    assert ward.post(f"{LAST}?patient=p1&max=1", json=told(max=2)).status_code == 400
    assert ward.post(f"{ALL}?_count=1", json=told(_count=2)).status_code == 400


@pytest.mark.parametrize(
    ("address", "sent", "status"),
    [
        (LAST, told(), 400),
        (LAST, told(patient="p1", nonsense="1"), 400),
        (LAST, told(patient="p1", _count=1), 400),
        (LAST, told(patient="p1", max=True), 400),
        (ALL, told(nonsense="1"), 400),
        (ALL, panel(120, 80), 400),
        (META, told(x="1"), 400),
        (LAST, told(patient="p1", _format="xml"), 406),
        (ALL, told(_format=True), 406),
        (META, told(_format="xml"), 406),
        (META, {"resourceType": "Parameters", "parameter": {}}, 400),
        (META, {"resourceType": "Parameters", "parameter": [{"name": "x"}]}, 400),
        ("/fhir/Patient/p9/$everything", told(), 404),
        ("/fhir/Observation/o9/$meta", told(), 404),
    ],
)
def test_what_is_not_understood_is_refused(
    ward: httpx.Client, address: str, sent: dict[str, Any], status: int
) -> None:
    answer = ward.post(address, json=sent)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")


@pytest.mark.parametrize("address", [LAST, ALL, META])
@pytest.mark.parametrize(
    ("sent", "word"),
    [
        (told(colour="red"), "colour"),
        (told(_pretty="maybe"), "_pretty"),
        (told(max={"reference": "Patient/p1"}), "plain value"),
        ({"resourceType": "Parameters", "parameter": {}}, "array"),
        ({"resourceType": "Parameters", "parameter": [{"name": "max"}]}, "value[x]"),
        (panel(120, 80), "no body"),
        ([], "JSON object"),
    ],
)
def test_each_tells_what_it_did_not_understand(
    ward: httpx.Client, address: str, sent: Any, word: str
) -> None:
    answer = ward.post(address, json=sent)
    assert answer.status_code == 400, answer.text
    assert word in answer.json()["issue"][0]["details"]["text"]


@pytest.mark.parametrize("address", [f"{LAST}?patient=p1", ALL, META])
def test_a_lenient_client_is_told_what_was_passed_over(ward: httpx.Client, address: str) -> None:
    answer = ward.post(address, json=told(colour="red"), headers={"Prefer": "handling=lenient"})
    assert answer.status_code == 200
    assert "colour" in answer.headers.get("warning", answer.text)


def test_a_body_can_ask_for_an_indented_answer(ward: httpx.Client) -> None:
    assert ward.post(META, json=told(_pretty=True)).text.startswith("{\n")


def test_a_body_of_another_media_type_is_refused(sqlite_client: httpx.Client) -> None:
    assert sqlite_client.post(LAST, content="x", headers={"Content-Type": "text/plain"}).status_code == 415
