"""$lastn gives the newest Observations of each code of one patient."""

from typing import Any

import httpx
import pytest

from api.operations import lastn
from tests.build import SNOMED, ago, concept, heart_rate, panel
from tests.fhir_client import resources

BOTH = {"coding": [*concept("8867-4")["coding"], *concept("364075005", SNOMED)["coding"]]}


def put(client: httpx.Client, id: str, doc: dict[str, Any]) -> None:
    assert client.put(f"/fhir/Observation/{id}", json={**doc, "id": id}).status_code in (200, 201)


def ids(client: httpx.Client, query: str) -> list[str]:
    answer = client.get(f"/fhir/Observation/$lastn?{query}")
    assert answer.status_code == 200, answer.text
    found = resources(answer.json())
    assert answer.json()["total"] == len(found)
    return [one["id"] for one in found]


@pytest.fixture
def ward(client: httpx.Client) -> httpx.Client:
    for at in (40, 10, 30, 20):
        put(client, f"bp-{at}", panel(122, 78, ago(at)))
        put(client, f"hr-{at}", heart_rate(70, ago(at + 5)))
    put(client, "hr-other", heart_rate(70, ago(1), patient="p2"))
    undated = {name: part for name, part in heart_rate(70).items() if name != "effectiveDateTime"}
    put(client, "hr-undated", undated)
    return client


@pytest.mark.parametrize("page", [1000, 3])
def test_it_gives_the_newest_of_each_code(
    ward: httpx.Client, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lastn, "MOST", page)
    monkeypatch.setattr(lastn, "NEWEST_FIRST", (("_sort", "-date"), ("_count", str(page))))
    assert ids(ward, "patient=p1") == ["bp-10", "hr-10"]
    assert ids(ward, "patient=Patient/p1&max=2") == ["bp-10", "hr-10", "bp-20", "hr-20"]
    assert ids(ward, "patient=p1&max=9&code=8867-4")[:3] == ["hr-10", "hr-20", "hr-30"]


def test_a_filter_of_the_search_narrows_it(ward: httpx.Client) -> None:
    assert ids(ward, "patient=p1&max=2&code=http://loinc.org|8867-4") == ["hr-10", "hr-20"]
    assert ids(ward, "subject=Patient/p1&category=vital-signs&status=final") == ["bp-10", "hr-10"]
    assert ids(ward, "patient=p1&category=laboratory") == []
    assert ids(ward, "patient=p1&max=99&code=8867-4")[-1] == "hr-undated"


def test_one_of_two_codes_counts_for_both(client: httpx.Client) -> None:
    put(client, "both", {**heart_rate(70, ago(5)), "code": BOTH})
    put(client, "loinc", heart_rate(70, ago(9)))
    put(client, "snomed", {**heart_rate(70, ago(8)), "code": concept("364075005", SNOMED)})
    put(client, "words", {**heart_rate(70, ago(7)), "code": {"text": "pulse"}})
    assert ids(client, "patient=p1") == ["both", "words"]
    assert ids(client, "patient=p1&max=2") == ["both", "words", "snomed", "loinc"]


def test_the_newest_of_one_instant_is_the_last_committed(client: httpx.Client) -> None:
    same = ago(5)
    for id in ("first", "second", "third"):
        put(client, id, heart_rate(70, same))
    assert ids(client, "patient=p1") == ["third"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("", "patient"),
        ("code=8867-4", "patient"),
        ("patient=p1&max=0", "max"),
        ("patient=p1&max=x", "max"),
        ("patient=p1&max=1&max=2", "max"),
        ("patient=p1&_sort=date", "_sort"),
        ("patient=p1&_count=3", "_count"),
        ("patient=p1&nonsense=1", "nonsense"),
        ("patient=%00", "patient"),
    ],
)
def test_what_it_cannot_do_is_refused(sqlite_client: httpx.Client, query: str, word: str) -> None:
    answer = sqlite_client.get(f"/fhir/Observation/$lastn?{query}")
    assert answer.status_code == 400
    assert word in answer.json()["issue"][0]["details"]["text"]
