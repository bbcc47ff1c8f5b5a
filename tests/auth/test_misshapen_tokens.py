"""Whatever a token looks like, it is taken or refused: nobody gets the service to fail by one."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from tests.auth.flow import BASE, SMART, Engine, Ward, bearer, ec, jwks, register
from tests.in_process import application

KEY = ec("P-384", "k1")
HEAD = {"alg": "ES384", "kid": "k1"}
ISSUER = "https://login.example"


def octets(value: Any) -> bytes:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def signed(head: Any, claims: Any, key: Key = KEY) -> str:
    """Soundly signed, whatever it says."""
    said = octets(head) + b"." + octets(claims)
    return (said + b"." + octets(JWSRegistry.algorithms["ES384"].sign(said, key))).decode()


MISSHAPEN = {
    "an algorithm in a list": (HEAD | {"alg": ["ES384"]}, {}),
    "an algorithm that is an object": (HEAD | {"alg": {}}, {}),
    "an algorithm that is a number": (HEAD | {"alg": 1}, {}),
    "a header in a list": (["alg"], {}),
    "a header that is text": ("alg", {}),
    "no header": (None, {}),
    "a kid in a list": (HEAD | {"kid": ["k1"]}, {}),
    "a type in a list": (HEAD | {"typ": ["JWT"]}, {}),
    "claims in a list": (HEAD, ["iss"]),
    "claims that are no JSON": (HEAD, b"\xff"),
    "deep claims": (HEAD, b"[" * 5_000),
    "an issuer of NUL": (HEAD, {"iss": "\0", "sub": "\0"}),
    "half a character as issuer": (HEAD, {"iss": "\ud800", "sub": "\ud800"}),
    "an issuer of two lines": (HEAD, {"iss": "engine\n", "sub": "engine\n"}),
    "an issuer without end": (HEAD, {"iss": "x" * 5_000}),
}


@pytest.mark.parametrize("name", MISSHAPEN)
def test_a_misshapen_token_is_no_token_and_no_assertion(ward: Ward, name: str) -> None:
    head, changes = MISSHAPEN[name]
    claims = Engine("engine", KEY).claims() | changes if isinstance(changes, dict) else changes
    text = signed(head, claims)
    assert ward.client.get("/fhir/Goal", headers=bearer(text)).status_code == 401
    answer = Engine("engine", KEY).ask(ward.client, assertion=text)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("jti", ["\0", "\ud800", "💉"])
def test_any_text_is_a_jti(ward: Ward, database_url: str, jti: str) -> None:
    engine = register(database_url, "engine", "system/Goal.rs", key=KEY)
    text = signed(HEAD, engine.claims(jti=jti))
    assert [engine.ask(ward.client, assertion=text).status_code for _ in range(2)] == [200, 401]


def test_an_assertion_may_say_where_its_keys_are_and_is_not_believed(ward: Ward, database_url: str) -> None:
    """SMART asks servers to look at `jku`; the keys are those that were registered all the same."""
    engine = register(database_url, "engine", "system/Goal.rs")
    header = {"jku": "https://evil.example/jwks"}
    answer = engine.ask(ward.client, assertion=engine.assertion(header))
    assert answer.status_code == 200, answer.text
    stranger = Engine("engine", ec()).assertion(header)
    assert engine.ask(ward.client, assertion=stranger).status_code == 401


def of_issuer(**changes: Any) -> str:
    claims = {
        "iss": ISSUER,
        "aud": f"{BASE}/fhir",
        "exp": int(time.time()) + 60,
        "scope": "system/Observation.rs",
    }
    return signed(HEAD, claims | changes)


def test_clients_of_one_name_with_two_issuers_are_two(database_url: str, tmp_path: Path) -> None:
    """Else whoever can choose a name with an identity provider moves the consumers of ours."""
    (tmp_path / "keys.json").write_text(jwks(KEY))
    (tmp_path / "issuers.toml").write_text(f'[[issuer]]\nissuer = "{ISSUER}"\njwks = "keys.json"\n')
    ours = register(database_url, "engine", "system/Observation.rs", "system/AuditEvent.rs")
    with application(database_url, **SMART, auth_issuers=str(tmp_path / "issuers.toml")) as client:
        mine, theirs = bearer(ours.token(client)), bearer(of_issuer(client_id="engine"))
        assert client.post("/fhir/$poll?consumer=pager", headers=mine).status_code == 200
        assert "parameter" not in client.get("/fhir/$consumers", headers=theirs).json()
        assert "parameter" in client.get("/fhir/$consumers", headers=mine).json()
        path = f"/fhir/AuditEvent?agent=engine@{ISSUER}"
        (event,) = (one["resource"] for one in client.get(path, headers=mine).json()["entry"])
        assert event["agent"][0]["who"] == {"identifier": {"value": f"engine@{ISSUER}"}}


@pytest.mark.parametrize("name", [None, "", 5, ["engine"], "\0", "\ud800", "a\nb", "x" * 5_000])
def test_a_token_that_names_nobody_who_can_be_told_of_is_refused(
    sqlite_url: str, tmp_path: Path, name: Any
) -> None:
    (tmp_path / "keys.json").write_text(jwks(KEY))
    (tmp_path / "issuers.toml").write_text(f'[[issuer]]\nissuer = "{ISSUER}"\njwks = "keys.json"\n')
    with application(sqlite_url, **SMART, auth_issuers=str(tmp_path / "issuers.toml")) as client:
        answer = client.get("/fhir/Observation", headers=bearer(of_issuer(client_id=name)))
        assert answer.status_code == 401
        assert "client_id" in answer.json()["issue"][0]["details"]["text"]
        assert client.get("/fhir/Observation", headers=bearer(of_issuer(sub="engine"))).status_code == 200
