"""history of a type and of everything: nothing repeats, nothing is dropped."""

from typing import Any

import httpx
import pytest

from tests.build import ago, panel
from tests.fhir_client import follow, link

PERSON = {"resourceType": "Patient", "id": "p1"}


def _versions(page: dict[str, Any]) -> list[str]:
    """`Type/id/_history/number` of each entry."""
    return [
        entry["response"]["location"].partition("/fhir/")[2]
        if entry["response"]["status"][:3] != "204"
        else entry["request"]["url"] + " deleted"
        for entry in page.get("entry", ())
    ]


def _write(client: httpx.Client) -> list[str]:
    """Five versions of three resources; what the history of everything tells of them."""
    client.put("/fhir/Patient/p1", json=PERSON)
    for systolic in (120, 121):
        client.put("/fhir/Observation/o1", json={**panel(systolic, 80, "2026-01-01"), "id": "o1"})
    client.put("/fhir/Observation/o2", json={**panel(120, 80, "2026-01-02"), "id": "o2"})
    client.delete("/fhir/Observation/o1")
    return [
        "Observation/o1 deleted",
        "Observation/o2/_history/1",
        "Observation/o1/_history/2",
        "Observation/o1/_history/1",
        "Patient/p1/_history/1",
    ]


def test_everything_is_told_newest_first_deletions_among_it(client: httpx.Client) -> None:
    told = _write(client)
    everything, readings = (client.get(f"/fhir/{of}_history").json() for of in ("", "Observation/"))
    assert (everything["type"], everything["total"], _versions(everything)) == ("history", 5, told)
    assert (readings["total"], _versions(readings)) == (4, told[:4])
    assert [entry["request"]["method"] for entry in everything["entry"]] == ["DELETE", *["PUT"] * 4]
    assert "resource" not in everything["entry"][0]
    assert everything["entry"][1]["resource"] == client.get("/fhir/Observation/o2").json()
    assert client.get("/fhir/Condition/_history").json()["total"] == 0


@pytest.mark.parametrize("of", ["", "Observation/", "Observation/o1/"])
def test_pages_neither_repeat_nor_drop_while_others_write(client: httpx.Client, of: str) -> None:
    _write(client)
    whole = _versions(client.get(f"/fhir/{of}_history").json())
    found = []
    for at, page in enumerate(follow(client, f"/fhir/{of}_history?_count=1")):
        assert str(link(page, "self")).startswith(f"{client.base_url}/fhir/{of}_history?")
        assert _versions(client.get(str(link(page, "self"))).json())[1:] == []
        found += _versions(page)
        client.put("/fhir/Observation/o1", json={**panel(100 + at, 80, ago(99)), "id": "o1"})
    assert found == whole


def test_since_takes_in_the_instant_itself(client: httpx.Client) -> None:
    told = _write(client)
    since = client.get("/fhir/Observation/o2").json()["meta"]["lastUpdated"]
    for of, number in (("", 2), ("Observation/", 2), ("Observation/o1/", 1)):
        page = client.get(f"/fhir/{of}_history", params={"_since": since}).json()
        assert page["total"] == number
        assert _versions(page) == [version for version in told[:2] if of.strip("/") in version]
    later = client.get("/fhir/Observation/o2/_history?_since=2100-01-01T00:00:00Z")
    assert (later.status_code, later.json()["total"]) == (200, 0)
    zoned = client.get(f"/fhir/_history?_since={since.replace('Z', '+00:00')}")
    assert zoned.json()["total"] == 2


def test_the_links_of_a_history_keep_since(client: httpx.Client) -> None:
    told = _write(client)
    since = client.get("/fhir/Observation/o1/_history/2").json()["meta"]["lastUpdated"]
    pages = follow(client, f"/fhir/_history?_count=2&_since={since}")
    assert [_versions(page) for page in pages] == [told[:2], told[2:3]]


def test_a_count_of_zero_asks_for_the_total_alone(client: httpx.Client) -> None:
    _write(client)
    page = client.get("/fhir/_history?_count=0").json()
    assert (page["total"], page.get("entry"), link(page, "next")) == (5, None, None)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("_at=2026", "_at"),
        ("_since=2026-01-01", "_since"),
        ("_since=2026-13-01T00:00:00Z", "_since"),
        ("_count=-1", "_count"),
        ("_before=x", "_before"),
        ("_count=1&_count=2", "_count"),
    ],
)
def test_what_a_history_does_not_know_is_refused_by_name(
    sqlite_client: httpx.Client, asked: str, named: str
) -> None:
    for of in ("", "Observation/", "Observation/o1/"):
        answer = sqlite_client.get(f"/fhir/{of}_history?{asked}")
        assert answer.status_code == 400, answer.text
        assert named in answer.json()["issue"][0]["details"]["text"]
    assert sqlite_client.get("/fhir/Encounter/_history").status_code == 404
