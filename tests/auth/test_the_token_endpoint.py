"""A client proves who it is by its key, once an assertion, and gets what it is registered for."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from models.store.clients import Client, Clients
from models.store.engine import engine
from models.store.migrate import migrate
from tests.auth.flow import ALERTS, BASE, TOKEN_URL, Engine, Ward, bearer, ec, jwks, register, rsa


@pytest.fixture
def known(sqlite_ward: Ward, sqlite_url: str) -> Engine:
    return register(sqlite_url, "engine", ALERTS, "system/Goal.cruds")


def test_a_token_bears_what_was_asked_for_and_is_registered(sqlite_ward: Ward, known: Engine) -> None:
    def scopes(asked: str) -> Any:
        return known.ask(sqlite_ward.client, asked).json().get("scope")

    assert scopes("") == f"{ALERTS} system/Goal.cruds"
    assert scopes("system/Goal.rs system/Patient.rs") == "system/Goal.rs"
    assert scopes(f"{ALERTS}&status=final") == f"{ALERTS}&status=final", "narrower than registered"
    for wider in (
        "system/Observation.rs",
        "system/*.rs",
        "system/Observation.cruds",
        ALERTS.replace(".rs", ".u"),
    ):
        answer = known.ask(sqlite_ward.client, wider)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_the_answer_is_kept_by_nobody_on_the_way(sqlite_ward: Ward, known: Engine) -> None:
    answer = known.ask(sqlite_ward.client)
    assert answer.headers["cache-control"] == "no-store"
    assert {**answer.json(), "access_token": "", "scope": ""} == {
        "access_token": "", "token_type": "bearer", "expires_in": 300, "scope": "",
    }  # fmt: skip


REFUSED: dict[str, dict[str, Any]] = {
    "expired": {"exp": int(time.time()) - 100},
    "too long a life": {"exp": int(time.time()) + 3_600},
    "no end": {"exp": None},
    "another audience": {"aud": "https://elsewhere.example/auth/token"},
    "the audience of the API": {"aud": f"{BASE}/fhir"},
    "no audience": {"aud": None},
    "no jti": {"jti": None},
    "a jti that is a number": {"jti": 7},
    "an empty jti": {"jti": ""},
    "another subject": {"sub": "somebody"},
    "another client": {"iss": "somebody", "sub": "somebody"},
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_assertion_that_proves_nothing_is_refused(sqlite_ward: Ward, known: Engine, name: str) -> None:
    answer = known.ask(sqlite_ward.client, assertion=known.assertion(**REFUSED[name]))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("header", [{"kid": "k9"}, {"typ": "x"}, {"jwk": {"kty": "EC"}}])
def test_a_header_that_is_not_taken(sqlite_ward: Ward, known: Engine, header: dict[str, Any]) -> None:
    answer = known.ask(sqlite_ward.client, assertion=known.assertion(header))
    assert answer.status_code == 401


def test_nothing_tells_who_is_registered(sqlite_ward: Ward, known: Engine) -> None:
    stranger = Engine("engine", ec())
    nobody = Engine("nobody", ec())
    answers = [one.ask(sqlite_ward.client).text for one in (stranger, nobody)]
    assert answers[0] == answers[1]


def test_a_key_of_one_client_speaks_for_no_other(sqlite_ward: Ward, sqlite_url: str, known: Engine) -> None:
    other = register(sqlite_url, "other", "system/*.cruds")
    forged = Engine("other", known.key)
    assert other.ask(sqlite_ward.client).status_code == 200
    assert forged.ask(sqlite_ward.client).status_code == 401


def test_an_assertion_counts_once(sqlite_ward: Ward, known: Engine) -> None:
    once = known.assertion()
    assert [known.ask(sqlite_ward.client, assertion=once).status_code for _ in range(3)] == [200, 401, 401]


def test_an_assertion_is_no_token_and_a_token_is_no_assertion(sqlite_ward: Ward, known: Engine) -> None:
    assert sqlite_ward.client.get("/fhir/Goal", headers=bearer(known.assertion())).status_code == 401
    aimed = known.assertion(aud=f"{BASE}/fhir", scope="system/*.cruds")
    assert sqlite_ward.client.get("/fhir/Goal", headers=bearer(aimed)).status_code == 401
    as_us = known.assertion(iss=BASE, aud=f"{BASE}/fhir", scope="system/*.cruds")
    assert sqlite_ward.client.get("/fhir/Goal", headers=bearer(as_us)).status_code == 401
    token = known.token(sqlite_ward.client)
    assert known.ask(sqlite_ward.client, assertion=token).status_code == 401


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"client_assertion_type": "x"}, "invalid_request"),
        ({"client_assertion": ""}, "invalid_request"),
        ({"scope": ["system/Goal.rs", "system/*.cruds"]}, "invalid_request"),
    ],
)
def test_what_is_no_request_for_a_token(
    sqlite_ward: Ward, known: Engine, change: dict[str, Any], error: str
) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": known.assertion(),
    } | change
    answer = sqlite_ward.client.post("/auth/token", data=form, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize(("key", "algorithm"), [(rsa(), "RS256"), (rsa(), "RS384"), (ec("P-256"), "ES256")])
def test_each_algorithm_is_taken(sqlite_ward: Ward, sqlite_url: str, key: Any, algorithm: str) -> None:
    made = register(sqlite_url, "another", "system/Goal.rs", key=key)
    made.algorithm = algorithm
    assert made.ask(sqlite_ward.client).status_code == 200


def test_who_is_revoked_gets_no_token(sqlite_ward: Ward, sqlite_url: str, known: Engine) -> None:
    made = engine(sqlite_url)
    token = known.token(sqlite_ward.client)
    assert Clients(made).revoke("engine", int(time.time()))
    assert known.ask(sqlite_ward.client).status_code == 401
    assert sqlite_ward.client.get("/fhir/Goal", headers=bearer(token)).status_code == 200, "until it ends"
    assert not Clients(made).revoke("engine", 1)
    assert Clients(made).add(Client("engine", jwks(known.key), ("system/Goal.rs",), 1))
    assert not Clients(made).add(Client("engine", jwks(ec()), ("system/*.rs",), 1))
    made.dispose()


def test_of_many_processes_one_takes_an_assertion_and_one_makes_a_key(database_url: str) -> None:
    from api.auth.own import _generate

    processes = [engine(database_url) for _ in range(6)]
    migrate(processes[0])
    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda one: Clients(one).use("engine", "j", 200, 100), processes))
        list(pool.map(lambda one: Clients(one).rotate(_generate, 100, 50), processes))
    clients = Clients(processes[0])
    assert sorted(taken) == [False] * 5 + [True]
    assert len(clients.signing_keys()) == 1
    clients.rotate(_generate, 151, 50)
    assert [key.created for key in clients.signing_keys()] == [151, 100], "the old one verifies for a while"
    clients.rotate(_generate, 202, 50)
    assert [key.created for key in clients.signing_keys()] == [202, 151]
    assert clients.use("engine", "j", 400, 300), "what has expired is forgotten"
    for one in processes:
        one.dispose()


def test_processes_share_the_key_that_signs(sqlite_ward: Ward, sqlite_url: str, known: Engine) -> None:
    from tests.auth.flow import SMART
    from tests.in_process import application

    token = known.token(sqlite_ward.client)
    with application(sqlite_url, **SMART) as other:
        assert other.get("/fhir/Goal", headers=bearer(token)).status_code == 200


def test_the_configuration_tells_where_tokens_are_had(sqlite_ward: Ward) -> None:
    told = sqlite_ward.client.get("/fhir/.well-known/smart-configuration").json()
    assert (told["token_endpoint"], told["grant_types_supported"]) == (TOKEN_URL, ["client_credentials"])
    security = sqlite_ward.client.get("/fhir/metadata").json()["rest"][0]["security"]
    assert security["extension"][0]["extension"] == [{"url": "token", "valueUri": TOKEN_URL}]
    (key,) = sqlite_ward.client.get("/auth/jwks").json()["keys"]
    assert "d" not in key


def test_a_host_header_changes_nothing_of_what_tokens_are_for(sqlite_ward: Ward, known: Engine) -> None:
    """An assertion for another server is none for this one, whatever name the request calls it by."""
    aimed = known.assertion(aud="http://evil.example/auth/token")
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": aimed,
    }
    answer = sqlite_ward.client.post("/auth/token", data=form, headers={"Host": "evil.example"})
    assert answer.status_code == 401
