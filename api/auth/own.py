"""This service as an issuer of its own: SMART backend services, for sites without an identity provider.

https://hl7.org/fhir/smart-app-launch/backend-services.html. A client proves who it is by an assertion that its own key
has signed (https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html); each assertion counts once.
"""

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry, Key

from api.auth.keys import Source, fits, public
from api.auth.terms import ScopeRefused, TokenError
from api.auth.tokens import Expected, check, unverified, verified
from models.access.scopes import granted
from models.store.clients import Client, Clients, SigningKey

log = logging.getLogger(__name__)
ALGORITHM = "ES256"
LIFE = 30 * 86_400
"""Seconds for which a key signs; it verifies for as long again, so that a token never outlives it."""
PAUSE = 5.0
LONGEST_ASSERTION = 300
"""Seconds ahead that an assertion may end, as SMART asks."""
MOST_JTI = 500
ADDED = "clonidine_watch_added"
"""The claim that tells when the client was added (seconds): a name that was revoked can be added anew."""


class Granted(NamedTuple):
    """A token, whose it is, and the scopes that it bears."""

    client: str
    token: str
    scopes: tuple[str, ...]


class Own:
    """Signs and verifies with keys that all processes share through the database."""

    def __init__(
        self, root: str, seconds: int, skew: float, clients: Clients, clock: Callable[[], float] = time.time
    ) -> None:
        self.issuer, self.token_url, self.jwks_url = root, f"{root}/auth/token", f"{root}/auth/jwks"
        self.seconds = seconds
        self._skew, self._clients, self._clock = skew, clients, clock
        self._keys: tuple[Key, ...] = ()
        self._born = self._looked = float("-inf")
        self._sources: dict[str, Source] = {}

    async def keys(self, kid: str | None, algorithm: str) -> Sequence[Key]:
        """Our keys of that name."""
        found = self._named(kid, algorithm)
        if not found and self._clock() - self._looked > PAUSE:
            await self._look()
            found = self._named(kid, algorithm)
        return found

    async def published(self) -> dict[str, Any]:
        """The JWKS of our keys, as others may see it."""
        await self._current()
        return {"keys": [key.as_dict(private=False, use="sig", alg=ALGORITHM) for key in self._keys]}

    async def token(self, assertion: str, scopes: Sequence[str]) -> Granted:
        """A token for the client that has signed the assertion. Raises TokenError, ScopeRefused, Unavailable."""
        client = await self._proved(assertion)
        allowed = granted(scopes, client.scopes) if scopes else client.scopes
        if not allowed:
            raise ScopeRefused
        key, now = await self._current(), int(self._clock())
        claims = {
            "iss": self.issuer,
            "sub": client.name,
            "client_id": client.name,
            "aud": f"{self.issuer}/fhir",
            "iat": now,
            "exp": now + self.seconds,
            "jti": str(uuid.uuid4()),
            ADDED: client.created,
            "scope": " ".join(allowed),
        }
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": key.kid}
        return Granted(client.name, jwt.encode(header, claims, key, [ALGORITHM]), allowed)

    async def _proved(self, assertion: str) -> Client:
        """The client whose assertion it is, for the first time. Raises TokenError."""
        said = unverified(assertion, FORBIDDEN)
        client = await asyncio.to_thread(self._clients.find, said.issuer)
        keys = await self._source(client, said.kid, said.algorithm) if client and said.kid else []
        try:
            claims = verified(assertion, keys, said.algorithm)
        except TokenError as error:
            raise TokenError(
                "no key of that kid, registered for a client of that name, has signed it"
            ) from error
        assert client
        end = check(claims, Expected(self.token_url, self._clock(), self._skew))
        jti = claims.get("jti")
        if claims.get("sub") != client.name or end > self._clock() + LONGEST_ASSERTION + self._skew:
            raise TokenError(f"sub is not iss, or exp is more than {LONGEST_ASSERTION} seconds ahead")
        if not isinstance(jti, str) or not 0 < len(jti) <= MOST_JTI:
            raise TokenError("jti is missing or too long")
        digest, until = sha256(jti.encode("utf-8", "replace")).hexdigest(), int(end + self._skew) + 1
        if not await asyncio.to_thread(self._clients.use, client.name, digest, until, int(self._clock())):
            raise TokenError("the assertion was used before")
        return client

    async def _source(self, client: Client, kid: str, algorithm: str) -> list[Key]:
        if client.jwks.startswith("{"):
            keys = public(json.loads(client.jwks))
            return [key for key in keys if fits(key, algorithm) and key.get("kid") == kid]
        source = self._sources.setdefault(client.jwks, Source(client.jwks))
        return await source.keys(kid, algorithm)

    async def _current(self) -> Key:
        """The key that signs, made where there is none or the last one is old."""
        if not self._keys or self._clock() - self._born > LIFE:
            await asyncio.to_thread(self._clients.rotate, _generate, int(self._clock()), LIFE)
            await self._look()
        return self._keys[0]

    async def _look(self) -> None:
        self._looked = self._clock()
        rows = await asyncio.to_thread(self._clients.signing_keys)
        self._keys = tuple(JWKRegistry.import_key(json.loads(row.content)) for row in rows)
        self._born = rows[0].created if rows else float("-inf")

    def _named(self, kid: str | None, algorithm: str) -> list[Key]:
        return [key for key in self._keys if algorithm == ALGORITHM and key.kid == kid]


FORBIDDEN = ("crit", "jwk", "x5u", "x5c", "zip", "b64")
"""Headers that are not taken in an assertion; `jku` may stand there and is not followed: keys are those registered."""


def _generate(now: int) -> SigningKey:
    key = ECKey.generate_key("P-256", auto_kid=True)
    return SigningKey(str(key.kid), json.dumps(key.as_dict(private=True)), now)


def jwks_of(text: str) -> str:
    """The text of a JWKS, or of one key, as it is kept of a client. Raises ValueError."""
    doc = json.loads(text)
    doc = {"keys": [doc]} if isinstance(doc, dict) and "kty" in doc else doc
    keys = public(doc)
    if any(item.get("d") or item.get("k") for item in doc["keys"] if isinstance(item, dict)):
        raise ValueError("it holds a private key; give the public half, which is all that leaves the client")
    if not keys or len(keys) < len(doc["keys"]):
        raise ValueError("every key is an RSA key of 2048 bits or more, or an EC key of P-256 or P-384")
    if not all(key.get("kid") for key in keys):
        raise ValueError("every key needs a kid, by which assertions name it")
    return json.dumps(doc)


def read_jwks(path: str) -> str:
    """The same from a file. Raises ValueError, OSError."""
    return jwks_of(Path(path).read_text(encoding="utf-8"))
