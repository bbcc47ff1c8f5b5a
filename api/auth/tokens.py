"""A JSON Web Token held against a key and a clock (https://www.rfc-editor.org/rfc/rfc8725).

The algorithm is one of four, all of them asymmetric, and the key has to be one for it: a token cannot choose how it is
verified. Keys that a token brings along or points to are not looked at.
"""

import base64
import json
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeGuard

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from api.auth.terms import ALGORITHMS, TokenError

LONGEST = 16_000
"""Characters of a token; a server takes no longer header anyway."""
LONGEST_NAME = 500
"""Characters of an issuer's or a client's name."""
FORBIDDEN = ("crit", "jwk", "jku", "x5u", "x5c", "zip", "b64")
"""Headers that would change how a token is read."""
TYPES = ("jwt", "at+jwt", "application/at+jwt", "application/jwt")


class Unverified(NamedTuple):
    """What a token says of itself before anything is proved."""

    algorithm: str
    kid: str | None
    issuer: str


def unverified(text: str, forbidden: Sequence[str] = FORBIDDEN) -> Unverified:
    """The header and the issuer. Raises TokenError."""
    try:
        if len(text) > LONGEST:
            raise ValueError("too long")
        head, body, _ = text.split(".")
        header, claims = _object(head), _object(body)
    except (ValueError, RecursionError) as error:
        raise TokenError("the token is no signed JWT") from error
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise TokenError(f"the token's alg is none of {', '.join(ALGORITHMS)}")
    if bad := [name for name in forbidden if name in header]:
        raise TokenError(f"the header {bad[0]} is not taken")
    if str(header.get("typ", "JWT")).lower() not in TYPES:
        raise TokenError("the token's typ is neither JWT nor at+jwt")
    kid, issuer = header.get("kid"), claims.get("iss")
    if not is_name(issuer) or not (kid is None or isinstance(kid, str)):
        raise TokenError("the token names no issuer")
    return Unverified(algorithm, kid, issuer)


def _object(part: str) -> dict[str, Any]:
    """The object that a part of a token holds. Raises ValueError, RecursionError."""
    found = json.loads(base64.urlsafe_b64decode(f"{part}{'=' * (-len(part) % 4)}"))
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def is_name(value: Any) -> TypeGuard[str]:
    """Whether it can name somebody where names are kept and logged: no database takes every text that JSON can hold."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable()


def verified(text: str, keys: Sequence[Key], algorithm: str) -> dict[str, Any]:
    """The claims of a token that one of the keys has signed. Raises TokenError."""
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    for key in keys:
        try:
            return dict(jwt.decode(text, key, [algorithm], registry).claims)
        except (JoseError, ValueError):
            continue
    raise TokenError("no key of the issuer has signed the token" if keys else "the issuer has no such key")


class Expected(NamedTuple):
    """What claims must say: for whom, at what time, with how much between two clocks (seconds)."""

    audience: str
    now: float
    skew: float


def check(claims: dict[str, Any], expected: Expected) -> float:
    """When the token ends, in seconds since 1970. Raises TokenError."""
    audience = claims.get("aud")
    if expected.audience not in (audience if isinstance(audience, list) else [audience]):
        raise TokenError("the token is for another audience")
    times = {name: claims[name] for name in ("exp", "nbf", "iat") if name in claims}
    if "exp" not in times or not all(_is_time(value) for value in times.values()):
        raise TokenError("exp is missing, or a time is no number")
    if times["exp"] + expected.skew <= expected.now:
        raise TokenError("the token has expired")
    if max(times.get("nbf", 0), times.get("iat", 0)) > expected.now + expected.skew:
        raise TokenError("the token is not valid yet")
    return float(times["exp"])


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12
