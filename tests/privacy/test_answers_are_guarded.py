"""What every answer says about keeping it, and which pages of other origins may ask."""

import re
import uuid
from pathlib import Path

import httpx
import pytest

from tests.build import panel
from tests.in_process import application

CLINICAL = (
    ("GET", "/fhir/Observation"),
    ("GET", "/fhir/Observation/o1"),
    ("GET", "/fhir/Observation/o1/_history"),
    ("GET", "/fhir/Observation/o1/_history/1"),
    ("GET", "/fhir/Observation/none"),
    ("GET", "/fhir/Patient/p1/$everything"),
    ("GET", "/fhir/_history"),
    ("GET", "/fhir/nowhere/at/all/there/is"),
    ("POST", "/fhir/Observation"),
    ("POST", "/fhir/Observation/_search"),
    ("POST", "/fhir"),
    ("PATCH", "/fhir/Observation/o1"),
    ("DELETE", "/fhir/Observation/o1"),
    ("POST", "/cds-services/clonidine-dose-check"),
)
PAGE = "https://ward.example"


@pytest.mark.parametrize(("method", "path"), CLINICAL)
def test_no_clinical_answer_may_be_stored(sqlite_client: httpx.Client, method: str, path: str) -> None:
    sqlite_client.put("/fhir/Observation/o1", json={**panel(84, 50), "id": "o1"})
    answer = sqlite_client.request(method, path, content=b"{}" if method == "POST" else None)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/fhir/metadata", "no-cache"),
        ("/docs/docs.css", "public, max-age=86400"),
        ("/", "no-cache"),
    ],
)
def test_what_is_no_patients_may_be_kept(sqlite_client: httpx.Client, path: str, said: str) -> None:
    answer = sqlite_client.get(path, headers={"Accept": "*/*"})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, said)
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]


def test_an_unchanged_capability_statement_is_not_sent_again(sqlite_client: httpx.Client) -> None:
    tag = sqlite_client.get("/fhir/metadata").headers["etag"]
    assert sqlite_client.get("/fhir/metadata", headers={"If-None-Match": tag}).status_code == 304


def test_pages_run_scripts_of_ours_alone(sqlite_client: httpx.Client) -> None:
    for path in ("/", "/docs"):
        policy = sqlite_client.get(path).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


@pytest.mark.parametrize("given", [str(uuid.UUID(int=7)), "0af7651916cd43dd8448eb211c80319c"])
def test_the_id_of_a_request_is_taken_over(sqlite_client: httpx.Client, given: str) -> None:
    for path in ("/fhir/Patient", "/health/live", "/fhir/nowhere/x/y/z/z"):
        assert sqlite_client.get(path, headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given", ["", "000731", "Mustermann", "a" * 31, "a" * 33, '"', "x\ty", "%0d%0aSet-Cookie:a"]
)
def test_what_is_no_id_of_a_request_is_replaced(sqlite_client: httpx.Client, given: str) -> None:
    answer = sqlite_client.get("/fhir/Patient", headers={"X-Request-ID": given})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/fhir/Observation", "/cds-services", "/health/live"])
def test_pages_of_other_origins_may_not_ask(sqlite_client: httpx.Client, path: str) -> None:
    wish = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
    for answer in (
        sqlite_client.options(path, headers=wish), sqlite_client.get(path, headers={"Origin": PAGE}),
    ):  # fmt: skip
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_pages_of_listed_origins_may_ask(tmp_path: Path) -> None:
    listed = f"https://other.example:8443, {PAGE}"
    with application(f"sqlite:///{tmp_path / 'record.db'}", cors_origins=listed, rate_limit=4) as client:
        asked = {"Origin": PAGE, "Access-Control-Request-Method": "PUT"}
        told = client.options(
            "/fhir/Patient/p1",
            headers={**asked, "Access-Control-Request-Headers": "authorization, if-match, prefer"},
        )
        assert (told.status_code, told.headers["access-control-allow-origin"]) == (200, PAGE)
        assert "access-control-allow-credentials" not in told.headers
        for path in ("/fhir/Observation", "/cds-services"):
            answer = client.get(path, headers={"Origin": PAGE})
            assert answer.headers["access-control-allow-origin"] == PAGE
            assert {"Location", "ETag", "Link"} <= {
                *answer.headers["access-control-expose-headers"].split(", ")
            }
            assert "Origin" in answer.headers["vary"]
        for origin in (
            "https://evil.example",
            f"{PAGE}.evil.example",
            "http://ward.example",
            "null",
            f"{PAGE}:444",
        ):
            answer = client.options("/fhir/Patient/p1", headers={**asked, "Origin": origin})
            assert answer.status_code == 400
            assert "access-control-allow-origin" not in answer.headers
        for _ in range(3):
            answer = client.get("/fhir/Observation", headers={"Origin": PAGE})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (429, PAGE)
