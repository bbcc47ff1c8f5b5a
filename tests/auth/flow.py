"""A client of AUTH=smart as a hospital's engine would be one: it has a key, signs assertions, gets tokens."""

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

from models.store.clients import Client, Clients
from tests.template import settled

BASE = "http://watch.example"
TOKEN_URL = f"{BASE}/auth/token"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SMART = {"auth": "smart", "base_url": BASE}
ALERTS = (
    "system/Observation.rs?category=https://clonidine-watch.org/fhir/CodeSystem/observation-category|alert"
)
EVERYTHING = "system/*.cruds"


def ec(curve: str = "P-384", kid: str = "k1") -> Key:
    """A key of an elliptic curve."""
    return ECKey.generate_key(curve, {"kid": kid})


def rsa(bits: int = 2048, kid: str = "k1") -> Key:
    """An RSA key."""
    return RSAKey.generate_key(bits, {"kid": kid})


def jwks(*keys: Key) -> str:
    """The public halves."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]})


@dataclass
class Engine:
    """A registered client: `name`, what it signs with, and how."""

    name: str
    key: Key = field(default_factory=ec)
    algorithm: str = "ES384"
    token_url: str = TOKEN_URL

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What an assertion says; a change of None leaves a claim out."""
        made = {
            "iss": self.name,
            "sub": self.name,
            "aud": self.token_url,
            "exp": int(time.time()) + 240,
            "jti": str(uuid.uuid4()),
        } | changes
        return {name: value for name, value in made.items() if value is not None}

    def assertion(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """An assertion that its key has signed."""
        head = {"alg": self.algorithm, "typ": "JWT", "kid": self.key.kid} | (header or {})
        return jwt.encode(head, self.claims(**changes), self.key, [head["alg"]])

    def ask(self, client: httpx.Client, scope: str = "", assertion: str = "") -> httpx.Response:
        """The answer of the token endpoint."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion or self.assertion(),
            **({"scope": scope} if scope else {}),
        }
        return client.post("/auth/token", data=form, headers={"Accept": "application/json"})

    def token(self, client: httpx.Client, scope: str = "") -> str:
        """An access token."""
        answer = self.ask(client, scope)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])


def register(database_url: str, name: str, *scopes: str, key: Key | None = None) -> Engine:
    """A client that may ask for these scopes."""
    made = settled(database_url)
    found = Engine(name, key or ec())
    assert Clients(made).add(Client(name, jwks(found.key), scopes, int(time.time())))
    made.dispose()
    return found


def bearer(token: str) -> dict[str, str]:
    """The header that brings it."""
    return {"Authorization": f"Bearer {token}"}


class Ward:
    """A running application under AUTH=smart whose clients are made as they are needed."""

    def __init__(self, client: httpx.Client, database_url: str) -> None:
        self.client, self._database_url = client, database_url

    def headers(self, *scopes: str) -> dict[str, str]:
        """Those of a new client that may do what the scopes allow."""
        return bearer(register(self._database_url, f"engine-{uuid.uuid4()}", *scopes).token(self.client))

    def ask(self, method: str, path: str, *scopes: str, **how: Any) -> httpx.Response:
        """The answer to a request of such a client."""
        headers = {"Content-Type": "application/fhir+json", **self.headers(*scopes), **how.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **how)
