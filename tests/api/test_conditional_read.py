"""What a client has already is not sent again; HEAD tells all but the body."""

from email.utils import formatdate
from time import time

import httpx
import pytest

from tests.build import panel

ADDRESS = "/fhir/Observation/o1"


@pytest.fixture
def read(client: httpx.Client) -> httpx.Response:
    """The second version of a reading."""
    for systolic in (120, 121):
        client.put(ADDRESS, json={**panel(systolic, 80, "2026-01-01"), "id": "o1"})
    return client.get(ADDRESS)


@pytest.mark.parametrize(
    ("tag", "status"),
    [("2", 304), ('"2"', 304), ('W/"2"', 304), ("*", 304), ('W/"1", W/"2"', 304), ('W/"1"', 200), ("", 200)],
)
def test_if_none_match_spares_what_is_known(
    client: httpx.Client, read: httpx.Response, tag: str, status: int
) -> None:
    answer = client.get(ADDRESS, headers={"If-None-Match": tag})
    assert answer.status_code == status
    assert (answer.content == b"") == (status == 304)
    for name in ("etag", "last-modified"):
        assert answer.headers[name] == read.headers[name]


def test_if_modified_since_counts_where_no_tag_is_sent(client: httpx.Client, read: httpx.Response) -> None:
    same = {"If-Modified-Since": read.headers["last-modified"]}
    assert client.get(ADDRESS, headers=same).status_code == 304
    assert client.get(ADDRESS, headers={**same, "If-None-Match": "1"}).status_code == 200
    before = {"If-Modified-Since": formatdate(time() - 3600, usegmt=True)}
    assert client.get(ADDRESS, headers=before).status_code == 200
    assert client.get(ADDRESS, headers={"If-Modified-Since": "lately"}).status_code == 200


def test_what_is_gone_or_never_was_is_not_unmodified(client: httpx.Client, read: httpx.Response) -> None:
    client.delete(ADDRESS)
    asked = {"If-None-Match": "*"}
    assert client.get(ADDRESS, headers=asked).status_code == 410
    assert client.get("/fhir/Observation/none", headers=asked).status_code == 404


def test_the_capability_statement_can_be_kept(sqlite_client: httpx.Client) -> None:
    first = sqlite_client.get("/fhir/metadata")
    assert first.headers["cache-control"] == "no-cache"
    for name, value in (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified")):
        again = sqlite_client.get("/fhir/metadata", headers={name: first.headers[value]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    other = sqlite_client.get("/fhir/metadata", headers={"Host": "elsewhere:1"})
    assert other.headers["etag"] != first.headers["etag"]


def test_head_answers_like_get_without_the_body(sqlite_client: httpx.Client) -> None:
    sqlite_client.put(ADDRESS, json={**panel(120, 80), "id": "o1"})
    known = ("", "/_history", "/_history/1")
    for path in (
        *(ADDRESS + rest for rest in known),
        "/fhir/Observation?code=85354-9",
        "/fhir/Observation/_history",
        "/fhir/_history",
        "/fhir/metadata",
        "/fhir/Observation/none",
        "/health/live",
        "/openapi.json",
        "/docs",
    ):
        head, whole = (sqlite_client.request(method, path) for method in ("HEAD", "GET"))
        assert (head.status_code, head.content) == (whole.status_code, b""), path
        for name in ("content-type", "content-length", "etag", "last-modified"):
            assert head.headers.get(name) == whole.headers.get(name), path
