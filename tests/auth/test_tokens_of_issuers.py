"""A token is taken from a known issuer, signed by its key, for this service, in its time; nothing else is."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import Key

from tests.auth.flow import BASE, SMART, bearer, ec, jwks, rsa
from tests.in_process import application

ISSUER, OTHER = "https://login.hospital.example", "https://other.example"
KEY, STRANGER, OTHERS = rsa(kid="k1"), rsa(kid="k1"), ec("P-256", kid="k2")
AUDIENCE = f"{BASE}/fhir"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("issuers")
    (made / "keys.json").write_text(jwks(KEY, ec("P-384", kid="e1")))
    (made / "others.json").write_text(jwks(OTHERS))
    (made / "issuers.toml").write_text(f"""
[[issuer]]
issuer = "{ISSUER}"
jwks = "keys.json"
[issuer.scopes]
"Goals.Read" = "system/Goal.rs"
[[issuer]]
issuer = "{OTHER}"
jwks = "others.json"
claim = "roles"
audience = "the-ward"
""")
    return made


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    options = {**SMART, "auth_issuers": str(folder / "issuers.toml")}
    with application(f"sqlite:///{folder / 'ward.db'}", **options) as made:
        yield made


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "engine",
        "iat": now,
        "exp": now + 300,
        "scope": "system/Goal.rs",
    }
    return {name: value for name, value in (made | changes).items() if value is not None}


def token(key: Key = KEY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    head = {"alg": "RS256", "typ": "at+jwt", "kid": "k1"} | (header or {})
    head = {name: value for name, value in head.items() if value is not None}
    return jwt.encode(head, claims(**changes), key, [head["alg"]])


def ask(client: httpx.Client, text: str, path: str = "/fhir/Goal") -> int:
    answer = client.get(path, headers=bearer(text))
    if answer.status_code == 401:
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        assert answer.json()["issue"][0]["code"] == "login"
    return answer.status_code


def octets(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def unsigned(alg: str) -> str:
    return f"{octets({'alg': alg, 'kid': 'k1'})}.{octets(claims())}."


def by_hmac(secret: bytes, alg: str = "HS256") -> str:
    head = f"{octets({'alg': alg, 'kid': 'k1'})}.{octets(claims())}"
    digest = hmac.new(secret, head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def changed(text: str) -> str:
    head, _, signature = text.split(".")
    return f"{head}.{octets(claims(scope='system/*.cruds'))}.{signature}"


def test_a_good_token_is_taken(client: httpx.Client) -> None:
    good = token()
    assert [ask(client, good), ask(client, good), ask(client, good, "/fhir/Patient")] == [200, 200, 403]
    assert ask(client, token(scope="Goals.Read")) == 200, "a name that stands for a scope"
    assert ask(client, token(scope=None)) == 403, "who it is, and nothing that it may do"
    assert ask(client, token(aud=["x", AUDIENCE], header={"alg": "RS384"})) == 200
    assert ask(client, token(header={"kid": None})) == 200, "one key alone fits the algorithm"


def test_another_issuer_has_keys_an_audience_and_a_claim_of_its_own(client: httpx.Client) -> None:
    def other(**changes: Any) -> int:
        changes = {"iss": OTHER, "aud": "the-ward", "roles": ["system/Goal.rs"], **changes}
        return ask(client, token(OTHERS, {"alg": "ES256", "kid": "k2"}, **changes))

    assert [other(), other(roles=None), other(aud=AUDIENCE), other(iss=ISSUER)] == [200, 403, 401, 401]
    assert ask(client, token(iss=OTHER, aud="the-ward", roles=["system/Goal.rs"])) == 401


def public_key() -> bytes:
    return bytes(KEY.as_pem(private=False))  # type: ignore[union-attr]


FORGED = {
    "alg none": lambda: unsigned("none"),
    "alg None": lambda: unsigned("None"),
    "no alg": lambda: f"{octets({'kid': 'k1'})}.{octets(claims())}.",
    "HS256 with the public key": lambda: by_hmac(public_key()),
    "HS256 with the JWKS": lambda: by_hmac(jwks(KEY).encode()),
    "HMAC under the name of RS256": lambda: by_hmac(public_key(), "RS256"),
    "another's key under the same kid": lambda: token(STRANGER),
    "a kid of another issuer": lambda: token(OTHERS, {"alg": "ES256", "kid": "k2"}),
    "an unknown kid": lambda: token(header={"kid": "k9"}),
    "a kid that is a path": lambda: token(header={"kid": "../../dev/null"}),
    "a key that the token brings": lambda: token(STRANGER, {"jwk": STRANGER.as_dict(private=False)}),
    "a key that the token points to": lambda: token(STRANGER, {"jku": "https://evil.example/jwks"}),
    "a certificate that the token points to": lambda: token(STRANGER, {"x5u": "https://evil.example/x"}),
    "PS256": lambda: token(header={"alg": "PS256"}),
    "RS512": lambda: token(header={"alg": "RS512"}),
    "another typ": lambda: token(header={"typ": "logout+jwt"}),
    "another audience": lambda: token(aud="https://elsewhere.example/fhir"),
    "a longer audience": lambda: token(aud=f"{AUDIENCE}/x"),
    "no audience": lambda: token(aud=None),
    "another issuer": lambda: token(iss="https://evil.example"),
    "an issuer with a slash": lambda: token(iss=f"{ISSUER}/"),
    "an issuer in a list": lambda: token(iss=[ISSUER]),
    "expired": lambda: token(exp=int(time.time()) - 31),
    "no end": lambda: token(exp=None),
    "an end in words": lambda: token(exp="tomorrow"),
    "an end that is true": lambda: token(exp=True),
    "an end that is infinite": lambda: token(exp=float("inf")),
    "not yet": lambda: token(nbf=int(time.time()) + 60),
    "from the future": lambda: token(iat=int(time.time()) + 60),
    "a changed payload": lambda: changed(token()),
    "no JWT": lambda: "abc",
    "five parts": lambda: "a.b.c.d.e",
    "too long": lambda: token(more="x" * 20_000),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_token_that_proves_nothing_is_refused(client: httpx.Client, name: str) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of what is forged here
        text = FORGED[name]()
    assert ask(client, text) == 401


def test_clocks_may_differ_a_little(client: httpx.Client) -> None:
    now = int(time.time())
    assert ask(client, token(exp=now - 5)) == 200
    assert ask(client, token(nbf=now + 15, iat=now + 15)) == 200


@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "Basic YTpi")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer a b")],
        [("Authorization", "Bearer x"), ("Authorization", "Bearer y")],
        [("X-Authorization", "Bearer x")],
    ],
)
def test_one_header_brings_a_token(client: httpx.Client, headers: list[tuple[str, str]]) -> None:
    assert client.get("/fhir/Goal", headers=headers).status_code == 401
    doubled = [("Authorization", f"Bearer {token()}"), *headers]
    if headers[0][0] == "Authorization":
        assert client.get("/fhir/Goal", headers=doubled).status_code == 401
    assert client.get(f"/fhir/Goal?access_token={token()}").status_code == 401


def test_an_issuer_rotates_its_keys(folder: Path) -> None:
    """A key that is not known makes the source be read again, and one that is gone counts no longer."""
    import asyncio

    from api.auth.keys import FRESH, PAUSE, Source

    now, file, new = [0.0], folder / "rotated.json", rsa(kid="k2")
    file.write_text(jwks(KEY))
    source = Source(str(file), lambda: now[0])

    def kids(kid: str) -> int:
        return len(asyncio.run(source.keys(kid, "RS256")))

    assert [kids("k1"), kids("k2")] == [1, 0]
    file.write_text(jwks(new))
    assert kids("k2") == 0, "not asked again at once: anybody can name a key that does not exist"
    now[0] += PAUSE
    assert [kids("k2"), kids("k1")] == [1, 0]
    file.write_text("{")
    now[0] += FRESH + 1
    assert kids("k2") == 1, "while the source is broken, what is known counts for a while"
