"""Patient/{id}/$dose-check over HTTP: the answer, how it is asked, what is refused; it waits for nobody."""

import json
from typing import Any

import httpx
import pytest
from fhir.resources.R4B.parameters import Parameters

from models.fhir.codec import dump
from models.store.engine import engine
from models.store.ledger import Ledger
from service.conformance import published
from service.ruleset import load
from tests.build import ago, dose, heart_rate, order, panel
from tests.operations.test_by_post import told

ASKED = "/fhir/Patient/p1/$dose-check"
ORDER = {**order(0.1, 6, ago(12 * 60 - 30)), "id": "mr1"}
DOCS: tuple[dict[str, Any], ...] = (
    ORDER,
    {**dose(0.1, ago(6 * 60 - 30)), "id": "d1"},
    {**panel(128, 82, ago(20)), "id": "bp1"},
    {**heart_rate(72, ago(20)), "id": "hr1"},
)


def put(client: httpx.Client, *docs: dict[str, Any]) -> None:
    for doc in docs:
        assert client.put(f"/fhir/{doc['resourceType']}/{doc['id']}", json=doc).status_code in (200, 201)


def parts(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The parameters of a name, those with parts as their parts by name."""
    listed = answer.get("parameter", answer.get("part", []))
    return [one for one in listed if one["name"] == name]


def part(one: dict[str, Any], name: str) -> Any:
    """The value of the part of that name."""
    (found,) = parts(one, name)
    return next(value for key, value in found.items() if key.startswith("value"))


def verdict(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    Parameters.model_validate(answer.json())
    found: str = part(answer.json(), "verdict")
    return found


@pytest.fixture
def ward(client: httpx.Client) -> httpx.Client:
    put(client, *DOCS)
    return client


def test_give_then_hold_then_give_again(ward: httpx.Client) -> None:
    assert verdict(ward.get(ASKED)) == "give"
    put(ward, {**panel(88, 62, ago(10)), "id": "bp2"})
    held = ward.get(ASKED)
    assert verdict(held) == "hold"
    below, episode = parts(held.json(), "reason")
    assert part(below, "code")["code"] == "below-limit"
    assert part(below, "reference") == {"reference": "Observation/bp2"}
    assert part(parts(below, "limit")[0], "value")["value"] == 90
    assert "ETSU" in part(parts(below, "limit")[0], "source")
    alert = ward.get(f"/fhir/{part(episode, 'reference')['reference']}").json()
    assert alert["code"]["coding"][0]["code"] == part(episode, "rule") == "hypotension"
    put(ward, {**panel(128, 82, ago(1)), "id": "bp3"})
    assert verdict(ward.get(ASKED)) == "give"


def test_it_tells_what_it_rests_on(ward: httpx.Client) -> None:
    answer = ward.get(ASKED).json()
    heart, pressure = parts(answer, "reading")
    assert part(pressure, "reference") == {"reference": "Observation/bp1"}
    assert (part(pressure, "systolic")["value"], part(pressure, "diastolic")["value"]) == (128, 82)
    assert (part(heart, "heart-rate")["value"], part(heart, "age")["unit"]) == (72, "min")
    assert 20 <= part(heart, "age")["value"] < 30
    assert part(answer, "order") == {"reference": "MedicationRequest/mr1"}
    (coming,) = parts(answer, "next-dose")
    assert (part(coming, "drug"), part(coming, "as-needed")) == ("clonidine", False)
    assert (part(coming, "dose")["value"], part(coming, "given-in-24-hours")["value"]) == (0.1, 0.1)
    (limits,) = parts(answer, "limits")
    keys = {
        (part(one, "rule"), part(one, "key")): part(one, "value")["value"] for one in parts(limits, "limit")
    }
    assert keys["hold-dose-advised", "heart-rate"] == 50
    assert keys["daily-dose-exceeded", "clonidine"] == 1.2


def test_it_can_be_asked_of_another_instant(ward: httpx.Client) -> None:
    assert verdict(ward.get(f"{ASKED}?at={ago(120)}")) == "measure-first"
    assert verdict(ward.get(f"{ASKED}?at={ago(-45)}")) == "measure-first"
    at = ago(15)
    assert part(ward.get(f"{ASKED}?at={at}").json(), "at") == at


def test_a_post_and_a_head_ask_the_same(ward: httpx.Client) -> None:
    at = ago(5)
    by_get = ward.get(f"{ASKED}?at={at}")
    assert ward.post(ASKED, json=told(at=at)).json() == by_get.json()
    assert ward.post(f"{ASKED}?at={at}").json() == by_get.json()
    head = ward.head(f"{ASKED}?at={at}")
    assert (head.status_code, head.content) == (200, b"")
    assert verdict(ward.post(ASKED, json=told())) == "give"


def test_a_patient_known_by_a_reading_alone(client: httpx.Client) -> None:
    put(client, {**panel(128, 82, ago(5)), "id": "bp"})
    answer = client.get(ASKED)
    assert verdict(answer) == "measure-first"
    assert [part(one, "code")["code"] for one in parts(answer.json(), "reason")] == [
        "heart-rate-missing",
        "no-dose-ordered",
    ]


def test_a_patient_known_by_an_identifier(client: httpx.Client) -> None:
    mrn = {"system": "urn:oid:1.2.3", "value": "0007"}
    put(client, {"resourceType": "Patient", "id": "p1", "identifier": [mrn]})
    assert verdict(client.get(ASKED)) == "measure-first"
    low = {**panel(84, 50, ago(5)), "id": "bp", "subject": {"identifier": mrn}}
    put(client, low)
    assert verdict(client.get(ASKED)) == "hold"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/Patient/p9/$dose-check", 404),
        ("/Patient/a%00/$dose-check", 404),
        ("/Patient/p1/$dose-check?x=1", 400),
        ("/Patient/p1/$dose-check?at=soon", 400),
        ("/Patient/p1/$dose-check?at=2026-01-01&at=2026-01-02", 400),
        ("/Patient/p1/$dose-check?at=1899-12-31", 400),
        ("/Patient/p1/$dose-check?at=0001-01-01", 400),
        ("/Patient/p1/$dose-check?at=9999-12-31", 400),
        ("/Patient/p1/$dose-check?_format=xml", 406),
        ("/Observation/bp1/$dose-check", 404),
        ("/Patient/$dose-check", 404),
    ],
)
def test_what_it_cannot_answer_is_refused(ward: httpx.Client, path: str, status: int) -> None:
    answer = ward.get(f"/fhir{path}")
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")


def test_how_far_ahead_it_can_be_asked(ward: httpx.Client) -> None:
    assert ward.get(f"{ASKED}?at={ago(-24 * 60 + 1)}").status_code == 200
    assert ward.get(f"{ASKED}?at={ago(-24 * 60 - 5)}").status_code == 400
    assert ward.post(ASKED, json=told(at="soon")).status_code == 400
    assert ward.delete(ASKED).status_code == 405


def test_nothing_is_written_by_asking(ward: httpx.Client) -> None:
    before = ward.get("/fhir/_history?_count=0").json()["total"]
    ward.get(ASKED)
    ward.post(ASKED)
    assert ward.get("/fhir/_history?_count=0").json()["total"] == before


def test_it_waits_for_no_writer(ward: httpx.Client, database_url: str) -> None:
    made = engine(database_url)
    with Ledger(made).turn() as turn:
        turn.lock({"Patient/p1"})
        assert verdict(ward.get(ASKED)) == "give"
    made.dispose()


def test_the_answer_is_as_its_definition_says(ward: httpx.Client) -> None:
    put(ward, {**panel(88, 62, ago(10)), "id": "bp2"})
    defined = json.loads(dump(published(load())["OperationDefinition", "dose-check"]))
    outs = [one for one in defined["parameter"] if one["use"] == "out"]
    _held_to(ward.get(ASKED).json()["parameter"], outs)


def _held_to(given: list[dict[str, Any]], defined: list[dict[str, Any]]) -> None:
    known = {one["name"]: one for one in defined}
    assert {one["name"] for one in given} <= known.keys()
    for name, one in known.items():
        found = [part for part in given if part["name"] == name]
        assert len(found) >= one["min"], name
        assert one["max"] == "*" or len(found) <= int(one["max"]), name
        for part_ in found:
            if "type" in one:
                assert f"value{one['type'][0].upper()}{one['type'][1:]}" in part_, name
            else:
                _held_to(part_["part"], one["part"])
