"""Public keys of issuers and clients: a JWKS from a file or a URL, held for a while.

A key that is not known makes the source be read again, so that issuers can rotate theirs; how often is limited,
since anybody can name a key that does not exist.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, RSAKey

from api.auth.terms import ALGORITHMS
from models.errors import Unavailable

log = logging.getLogger(__name__)
FRESH, PAUSE = 300.0, 10.0
"""Seconds for which keys are held, and those between two looks at the same source."""
MOST_STALE = 3_600.0
"""Seconds for which keys still count that cannot be read again."""
PATIENCE = 5.0
"""Seconds that one look may take, from the first octet to the last."""
LARGEST = 256 * 1024
MOST_KEYS = 100
PLAIN = {"Accept": "application/jwk-set+json, application/json", "Accept-Encoding": "identity"}
"""Asked for as it is: what is packed could be large once it is unpacked."""


def public(doc: Any) -> tuple[Key, ...]:
    """The keys of a JWKS that can verify; others are passed over, a symmetric one among them. Raises ValueError."""
    listed = doc.get("keys") if isinstance(doc, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise ValueError(f"a JWKS is an object with up to {MOST_KEYS} `keys`")
    return tuple(key for item in listed if (key := _public(item)))


def _public(item: Any) -> Key | None:
    if not isinstance(item, dict) or item.get("kty") not in ("RSA", "EC"):
        return None
    try:
        key = JWKRegistry.import_key({name: value for name, value in item.items() if name not in _PRIVATE})
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if any(fits(key, name) for name in ALGORITHMS) else None


_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth")


def fits(key: Key, algorithm: str) -> bool:
    """Whether a key is one for an algorithm, by its kind, its size, and what it says of itself."""
    kind, bits = ALGORITHMS[algorithm]
    if isinstance(key, RSAKey):
        right = kind == "RSA" and key.raw_value.key_size >= bits
    else:
        right = isinstance(key, ECKey) and key.get("crv") == kind
    operations = key.get("key_ops")
    verifies = operations is None or "verify" in operations
    return right and verifies and key.get("use") in (None, "sig") and key.get("alg") in (None, algorithm)


class Source:
    """A file or a URL of a JWKS."""

    def __init__(self, place: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._place, self._clock = place, clock
        self._keys: tuple[Key, ...] = ()
        self._read = self._tried = float("-inf")
        self._turn = asyncio.Lock()

    async def keys(self, kid: str | None, algorithm: str) -> list[Key]:
        """The keys of that name, all where none is named, that fit the algorithm. Raises Unavailable.

        While somebody looks already, nobody else waits for a source that is slow, unless for a key that is not known.
        """
        found, age = self._named(kid, algorithm), self._clock() - self._read
        if found and (age <= FRESH or (self._turn.locked() and age <= MOST_STALE)):
            return found
        async with self._turn:
            await self._again()
        return self._named(kid, algorithm)

    def _named(self, kid: str | None, algorithm: str) -> list[Key]:
        return [key for key in self._keys if fits(key, algorithm) and kid in (None, key.get("kid"))]

    async def _again(self) -> None:
        if self._clock() - self._tried >= PAUSE:
            self._tried = self._clock()
            try:
                self._keys = public(json.loads(await self._text()))
                self._read = self._clock()
            except (OSError, ValueError, RecursionError, httpx.HTTPError, httpx.InvalidURL) as error:
                log.warning(
                    "the keys at %s cannot be read: %s", self._place, str(error) or type(error).__name__
                )
        if self._clock() - self._read > MOST_STALE:
            raise Unavailable("The keys of the token's issuer cannot be read; try again.")

    async def _text(self) -> bytes:
        if "://" not in self._place:
            return await asyncio.to_thread(Path(self._place).read_bytes)
        read = bytearray()
        async with (
            asyncio.timeout(PATIENCE),
            httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False, headers=PLAIN) as client,
            client.stream("GET", self._place) as answer,
        ):
            answer.raise_for_status()
            async for part in answer.aiter_raw():
                read += part
                if len(read) > LARGEST:
                    raise ValueError(f"it is larger than {LARGEST} octets")
        return bytes(read)
