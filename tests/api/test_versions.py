"""update, delete, read, vread and history."""

from typing import Any

import httpx
import pytest

from models.fhir.codec import dump, parse
from tests.build import panel
from tests.fhir_client import follow, link

ADDRESS = "/fhir/Observation/o1"
JSON = {"Content-Type": "application/fhir+json"}


def _reading(systolic: int) -> dict[str, object]:
    return {**panel(systolic, 80, "2026-01-01T10:00:00Z"), "id": "o1"}


def test_an_update_under_a_new_id_creates(client: httpx.Client) -> None:
    answer = client.put(ADDRESS, json=_reading(120))
    assert answer.status_code == 201
    assert answer.headers["location"].endswith("/Observation/o1/_history/1")


def test_each_update_makes_a_version_and_the_same_content_none(client: httpx.Client) -> None:
    client.put(ADDRESS, json=_reading(120))
    second = client.put(ADDRESS, json=_reading(121))
    same = client.put(ADDRESS, json=second.json())
    assert (second.status_code, same.status_code) == (200, 200)
    assert second.headers["etag"] == same.headers["etag"] == 'W/"2"'
    assert client.get(ADDRESS).json() == second.json()
    assert client.get(f"{ADDRESS}/_history/1").json()["component"][0]["valueQuantity"]["value"] == 120


def test_the_same_document_with_its_keys_in_another_order_makes_no_version(client: httpx.Client) -> None:
    def put(systolic: bytes, turned: bool = False) -> str:
        doc = parse(dump(_reading(120)).replace(b"120", systolic))
        return client.put(ADDRESS, content=dump(_turned(doc) if turned else doc), headers=JSON).headers[
            "etag"
        ]

    assert [put(b"120.0"), put(b"120.0", turned=True), put(b"120.0")] == ['W/"1"'] * 3
    assert [put(b"120.00"), put(b"120.00", turned=True), put(b"121.00", turned=True)] == [
        'W/"2"',
        'W/"2"',
        'W/"3"',
    ]


def _turned(tree: Any) -> Any:
    """The same with every object's keys the other way round."""
    if isinstance(tree, dict):
        return {key: _turned(tree[key]) for key in reversed(tree)}
    return [_turned(one) for one in tree] if isinstance(tree, list) else tree


@pytest.mark.parametrize(("asked", "status"), [('W/"1"', 200), ("1", 200), ('W/"7"', 412), ('W/"x"', 412)])
def test_if_match_guards_an_update(client: httpx.Client, asked: str, status: int) -> None:
    client.put(ADDRESS, json=_reading(120))
    assert client.put(ADDRESS, json=_reading(121), headers={"If-Match": asked}).status_code == status


def test_if_match_guards_a_delete(client: httpx.Client) -> None:
    client.put(ADDRESS, json=_reading(120))
    assert client.delete(ADDRESS, headers={"If-Match": 'W/"2"'}).status_code == 412
    assert client.delete(ADDRESS, headers={"If-Match": 'W/"1"'}).status_code == 204


def test_the_ids_of_body_and_address_must_agree(client: httpx.Client) -> None:
    answer = client.put("/fhir/Observation/other", json=_reading(120))
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == ["Observation.id"]


def test_what_is_deleted_is_gone_and_can_come_back(client: httpx.Client) -> None:
    client.put(ADDRESS, json=_reading(120))
    gone = client.delete(ADDRESS)
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get(ADDRESS).status_code == 410
    assert client.delete(ADDRESS).status_code == 204
    assert client.get("/fhir/Observation?_id=o1").json().get("entry") is None
    assert client.get(f"{ADDRESS}/_history/1").status_code == 200
    assert client.get(f"{ADDRESS}/_history/2").status_code == 410
    again = client.put(ADDRESS, json=_reading(120))
    assert (again.status_code, again.headers["etag"]) == (201, 'W/"3"')


def test_what_never_was_is_not_found(client: httpx.Client) -> None:
    for address in (ADDRESS, f"{ADDRESS}/_history/1", f"{ADDRESS}/_history", "/fhir/Observation/a%00b"):
        assert client.get(address).status_code == 404
    assert client.delete(ADDRESS).status_code == 204


def test_history_tells_every_version_newest_first(client: httpx.Client) -> None:
    for systolic in (120, 121, 122):
        client.put(ADDRESS, json=_reading(systolic))
    client.delete(ADDRESS)
    history = client.get(f"{ADDRESS}/_history").json()
    assert history["total"] == 4
    assert [entry["request"]["method"] for entry in history["entry"]] == ["DELETE", "PUT", "PUT", "PUT"]
    assert [entry["response"]["status"][:3] for entry in history["entry"]] == ["204", "200", "200", "201"]
    assert "resource" not in history["entry"][0]
    pages = list(follow(client, f"{ADDRESS}/_history?_count=3"))
    assert [len(page["entry"]) for page in pages] == [3, 1]
    assert link(pages[0], "self")
    assert client.get(f"{ADDRESS}/_history?_since=2020").status_code == 400
