"""Bearer tokens into permissions: whose token it is, what it says, what that allows."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from joserfc.jwk import Key
from starlette.requests import Request

from api.auth.issuers import Issuer, issuers
from api.auth.keys import Source
from api.auth.own import ADDED, Own
from api.auth.terms import TokenError
from api.auth.tokens import Expected, check, is_name, unverified, verified
from api.settings import Settings
from models.access.permissions import Permissions
from models.access.scopes import permissions
from models.errors import NotAuthenticated
from models.store.clients import Clients

_BEARER = re.compile(rb"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9\-._~+/]+=*)")
MOST_HELD, LONGEST_HELD = 10_000, 300.0
"""Tokens whose verification is remembered, and for how many seconds: a key that is withdrawn counts no longer."""


class Keys(Protocol):
    """Where the keys of an issuer are found."""

    async def keys(self, kid: str | None, algorithm: str) -> Sequence[Key]:
        """Those of that name that fit the algorithm."""


class Proved(NamedTuple):
    """What a token proves until `end`; `added` is when its client was, where we have issued it."""

    end: float
    client: str
    scopes: tuple[str, ...]
    added: int | None = None


class Authority:
    """Verifies what requests bring; `own` issues tokens itself."""

    def __init__(self, settings: Settings, clients: Clients, clock: Callable[[], float] = time.time) -> None:
        self._skew, self._clock = float(settings.auth_skew_seconds), clock
        self.audience = f"{settings.base_url}/fhir"
        self.own = Own(settings.base_url, settings.auth_token_seconds, self._skew, clients, clock)
        self.listed = issuers(settings.auth_issuers, self.audience)
        self._known: dict[str, tuple[Issuer, Keys]] = {
            one.issuer: (one, Source(one.jwks)) for one in self.listed
        }
        self._known[self.own.issuer] = Issuer(self.own.issuer, self.audience, ""), self.own
        self._held: dict[bytes, Proved] = {}

    async def permissions(self, request: Request, bases: Sequence[str]) -> Permissions:
        """What the sender may do. Raises NotAuthenticated."""
        token = _bearer(request)
        digest, now = sha256(token).digest(), self._clock()
        held = self._held.get(digest)
        if held is None or held.end <= now:
            held = await self._proved(token.decode("ascii"), now)
            self._hold(digest, held, now)
        return replace(permissions(held.client, held.scopes, bases), added=held.added)

    def known(self, request: Request) -> str:
        """The client whose token was verified before and counts still, "" for any other: nothing is verified here."""
        try:
            held = self._held.get(sha256(_bearer(request)).digest())
        except NotAuthenticated:
            return ""
        return held.client if held and held.end > self._clock() else ""

    async def _proved(self, token: str, now: float) -> Proved:
        try:
            said = unverified(token)
            if said.issuer not in self._known:
                raise TokenError("the token's issuer is not known here")
            issuer, source = self._known[said.issuer]
            claims = verified(token, await source.keys(said.kid, said.algorithm), said.algorithm)
            end = check(claims, Expected(issuer.audience, now, self._skew)) + self._skew
            client = self._client(claims, issuer)
        except TokenError as error:
            raise NotAuthenticated(f"The bearer token is not taken: {error}. Get a new one.") from error
        added = claims.get(ADDED) if issuer.issuer == self.own.issuer else None
        return Proved(min(end, now + LONGEST_HELD), client, _scopes(claims, issuer), added)

    def _client(self, claims: Mapping[str, Any], issuer: Issuer) -> str:
        """Whose token it is, told apart from those of the same name with another issuer. Raises TokenError."""
        named = (claims[name] for name in (issuer.client, "client_id", "azp", "sub") if claims.get(name))
        name = next(named, None)
        if not is_name(name):
            raise TokenError(
                "the token names no client in client_id, azp or sub, or not in printable characters"
            )
        return name if issuer.issuer == self.own.issuer else f"{name}@{issuer.issuer}"

    def _hold(self, digest: bytes, proved: Proved, now: float) -> None:
        if len(self._held) >= MOST_HELD:
            self._held = {key: one for key, one in self._held.items() if one.end > now}
        if len(self._held) >= MOST_HELD:
            self._held.clear()
        self._held[digest] = proved


def _bearer(request: Request) -> bytes:
    sent = [value for name, value in request.scope["headers"] if name == b"authorization"]
    if not sent:
        raise NotAuthenticated(
            "This service asks for a bearer token: Authorization: Bearer ...; [base]/.well-known/smart-configuration "
            "tells where to get one.",
            sent=False,
        )
    match = _BEARER.fullmatch(sent[0].strip()) if len(sent) == 1 else None
    if not match:
        raise NotAuthenticated("Send one Authorization header, with the scheme Bearer and a token.")
    return match[1]


def _scopes(claims: Mapping[str, Any], issuer: Issuer) -> tuple[str, ...]:
    given = claims.get(issuer.claim, "")
    names = given.split() if isinstance(given, str) else given if isinstance(given, list) else []
    texts = [name for name in names if isinstance(name, str)]
    return tuple(scope for name in texts for scope in issuer.scopes.get(name, name).split())
