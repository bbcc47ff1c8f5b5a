"""Under AUTH=none this machine may ask, and no page that a browser on it has open."""

import httpx
import pytest

from tests.build import panel
from tests.in_process import application

OPEN = {"auth_allow_open": "no"}
EVIL = "https://pictures.example"
PATHS = ("/fhir/Observation", "/fhir", "/fhir/metadata", "/cds-services")


def told(answer: httpx.Response) -> str:
    assert answer.status_code == 421, answer.text
    (issue,) = answer.json()["issue"]
    assert issue["code"] == "forbidden"
    return str(issue["details"]["text"])


@pytest.mark.parametrize(
    "host", ["pictures.example", "127.0.0.1.pictures.example", "localhost.evil", "10.0.0.1", "["]
)
def test_a_name_that_was_led_here_is_none_of_this_machine(sqlite_url: str, host: str) -> None:
    """DNS rebinding: to the browser it is the page's own origin, whose answers it may read."""
    with application(sqlite_url, **OPEN) as client:
        for path in PATHS:
            text = told(client.get(path, headers={"Host": host}))
            assert all(word in text for word in ("Host", host, "BASE_URL", "AUTH=smart"))
        assert client.get("/health/live", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "[::1]:80", "127.1.2.3", "app.localhost"])
def test_names_of_this_machine_are_served(sqlite_url: str, host: str) -> None:
    with application(sqlite_url, **OPEN) as client:
        assert client.get("/fhir/Observation", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", [EVIL, "null", "http://127.0.0.1.evil.example", "http://[", "https://localhost.evil"]
)
def test_a_page_of_elsewhere_changes_nothing(sqlite_url: str, origin: str) -> None:
    """A body without a type is sent without asking CORS."""
    with application(sqlite_url, **OPEN) as client:
        sent = {"Origin": origin}
        assert origin in told(client.post("/fhir/Observation", json=panel(84, 50), headers=sent))
        assert "CORS_ORIGINS" in told(client.delete("/fhir/Observation/x", headers=sent))
        assert client.get("/fhir/Observation?_summary=count", headers=sent).json()["total"] == 0


def test_pages_of_ours_and_those_that_are_listed_may(sqlite_url: str) -> None:
    with application(sqlite_url, **OPEN, cors_origins="https://ward.example") as client:
        for origin in (str(client.base_url).rstrip("/"), "https://ward.example", "http://localhost:3000"):
            answer = client.post("/fhir/Observation", json=panel(84, 50), headers={"Origin": origin})
            assert answer.status_code == 201, answer.text


def test_a_page_that_may_not_ask_is_told_why(sqlite_url: str) -> None:
    with application(sqlite_url, **OPEN, cors_origins="https://ward.example") as client:
        for origin, method, header, word in (
            (EVIL, "POST", "Prefer", "CORS origin"),
            ("https://ward.example", "TRACE", "Prefer", "CORS method"),
            ("https://ward.example", "POST", "X-Evil", "CORS headers"),
            ("https://ward.example", "POST", "Prefer", ""),
        ):
            asked = {"Origin": origin, "Access-Control-Request-Method": method}
            sent = {**asked, "Access-Control-Request-Headers": header}
            answer = client.options("/fhir/Observation", headers=sent)
            assert answer.status_code == (400 if word else 200)
            assert (answer.headers.get("access-control-allow-origin") == origin) is (origin != EVIL)
            if word:
                (issue,) = answer.json()["issue"]
                assert issue["code"] == "forbidden"
                assert word in issue["details"]["text"]
                assert "CORS_ORIGINS" in issue["details"]["text"]


def test_where_clients_reach_it_by_another_name_or_are_asked_who_they_are_all_is_as_it_was(
    sqlite_url: str,
) -> None:
    ways = (
        ({**OPEN, "base_url": "https://watch.example"}, "watch.example", 200),
        ({"auth_allow_open": "yes"}, "pictures.example", 200),
        ({**OPEN, "auth": "smart", "base_url": "https://watch.example"}, "pictures.example", 401),
    )
    for options, host, status in ways:
        with application(sqlite_url, **options) as client:
            assert client.get("/fhir/Observation", headers={"Host": host}).status_code == status
