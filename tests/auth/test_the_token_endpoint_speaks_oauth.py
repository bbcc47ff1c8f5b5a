"""Whoever refuses a request for a token, and why ever, says so in the words of RFC 6749, section 5.2."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.auth.flow import ASSERTION, SMART, Engine, Ward, bearer, register
from tests.in_process import application

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
REFUSED: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "JSON": ("POST", {"json": {"grant_type": "client_credentials"}}, 415, "invalid_request"),
    "plain text": ("POST", {"content": "x", "headers": {"Content-Type": "text/plain"}}, 415, "invalid_request"),
    "packed": ("POST", {"content": "x", "headers": {**FORM, "Content-Encoding": "gzip"}}, 415, "invalid_request"),
    "nothing": ("POST", {"content": "", "headers": FORM}, 400, "invalid_request"),
    "no UTF-8": ("POST", {"content": b"grant_type=%ff", "headers": FORM}, 400, "invalid_request"),
    "too much": ("POST", {"content": b"a=" + b"x" * 70_000, "headers": FORM}, 413, "invalid_request"),
    "a format": ("POST", {"params": {"_format": "xml"}, "content": "", "headers": FORM}, 406, "invalid_request"),
    "GET": ("GET", {"params": {"grant_type": "client_credentials"}}, 405, "invalid_request"),
    "PUT": ("PUT", {"content": "", "headers": FORM}, 405, "invalid_request"),
    "DELETE": ("DELETE", {}, 405, "invalid_request"),
}  # fmt: skip


def told(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"error", "error_description"}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers.get_list("cache-control") == ["no-store"]
    assert body["error_description"].isascii()
    assert not set(body["error_description"]) & {'"', "\\"}
    return answer.status_code, body["error"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_oauths(sqlite_ward: Ward, name: str) -> None:
    method, how, *expected = REFUSED[name]
    answer = sqlite_ward.client.request(method, "/auth/token", **how)
    assert [*told(answer)] == expected
    if answer.status_code == 405:
        assert answer.headers["allow"] == "POST"


def test_a_client_proves_itself_in_one_way(sqlite_ward: Ward, sqlite_url: str) -> None:
    """And is told in its own scheme that another is meant."""
    engine = register(sqlite_url, "engine", "system/Goal.rs")
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": engine.assertion(),
    }
    for sent, challenge in (
        ("Basic ZW5naW5lOng=", 'Basic realm="token"'),
        ("Bearer x", 'Bearer realm="token"'),
        ("@@ x", None),
    ):
        answer = sqlite_ward.client.post("/auth/token", data=form, headers={"Authorization": sent})
        assert told(answer) == (401, "invalid_client")
        assert answer.headers.get("www-authenticate") == challenge
    assert sqlite_ward.client.post("/auth/token", data=form).status_code == 200, "nothing was used up"


def test_keys_that_cannot_be_had_are_no_fault_of_the_client(sqlite_ward: Ward, sqlite_url: str) -> None:
    from models.store.clients import Client, Clients
    from models.store.engine import engine
    from tests.postgres import free_port

    made = engine(sqlite_url)
    nowhere = f"http://127.0.0.1:{free_port()}/jwks"
    assert Clients(made).add(Client("engine", nowhere, ("system/Goal.rs",), 1))
    made.dispose()
    answer = Engine("engine").ask(sqlite_ward.client)
    assert told(answer) == (503, "temporarily_unavailable")
    assert answer.headers["retry-after"] == "1"


def test_a_database_that_does_not_answer_is_no_fault_of_the_client(
    sqlite_ward: Ward, sqlite_url: str
) -> None:
    from models.store.engine import engine

    known = register(sqlite_url, "engine", "system/Goal.rs")
    token = known.token(sqlite_ward.client)
    made = engine(sqlite_url)
    with made.begin() as connection:
        for table in ("client", "signing_key"):
            connection.execute(text(f"DROP TABLE {table}"))
    made.dispose()
    assert told(known.ask(sqlite_ward.client)) == (503, "temporarily_unavailable")
    with application(sqlite_url, **SMART) as other:  # has the keys of the service still to read
        answer = other.get("/fhir/Goal", headers=bearer(token))
    assert (answer.status_code, answer.json()["resourceType"]) == (503, "OperationOutcome")


def test_too_many_requests_are_too_many(sqlite_url: str) -> None:
    with application(sqlite_url, **SMART, rate_limit=1) as client:
        answers = [client.post("/auth/token", content="", headers=FORM) for _ in range(2)]
    assert [told(answer) for answer in answers] == [
        (400, "invalid_request"),
        (429, "temporarily_unavailable"),
    ]
    assert "retry-after" in answers[1].headers


def test_other_addresses_speak_fhir(sqlite_ward: Ward) -> None:
    assert sqlite_ward.client.get("/fhir/Goal").json()["resourceType"] == "OperationOutcome"
