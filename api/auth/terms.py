"""What is spoken of without the library that verifies: AUTH=none loads these words, and not the library."""

from collections.abc import Mapping

ALGORITHMS: Mapping[str, tuple[str, int]] = {
    "RS256": ("RSA", 2048),
    "RS384": ("RSA", 2048),
    "ES256": ("P-256", 0),
    "ES384": ("P-384", 0),
}
"""Algorithms that are taken, each with the kind of key that it belongs to and the bits that such a key has at least."""


class TokenError(ValueError):
    """A token that proves nothing; the message says why, without quoting it."""


class ScopeRefused(Exception):
    """Nothing of what was asked for is among the client's scopes."""
