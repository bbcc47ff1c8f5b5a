"""What the pages say about permissions, from the one table of them."""

from typing import Any

from api.access import NEEDS
from models.errors import Forbidden, NotAuthenticated, Refused

SCHEMES: dict[str, Any] = {
    "smart": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Under `AUTH=smart`: a token of the token endpoint that [base]/.well-known/smart-configuration "
        "names, got by `client_credentials` with `private_key_jwt`. Its scopes are `system/[type].[cruds]`, narrowed "
        "by search parameters behind a question mark. Under `AUTH=none` no token is asked.",
    }
}
EVERYWHERE: list[dict[str, list[str]]] = [{"smart": []}, {}]
"""A token, or none: the same document describes both settings."""


def of(name: str) -> dict[str, Any]:
    """What an interaction needs otherwise than the rest."""
    return {"security": []} if NEEDS[name].open else {}


def refusals(name: str) -> tuple[type[Refused], ...]:
    """The errors of who may not do it."""
    return () if NEEDS[name].open else (NotAuthenticated, Forbidden)


def told(name: str, type: str) -> str:
    """The scopes that an interaction needs, as a sentence; "" where a token is enough, or none is needed."""
    need = NEEDS[name]
    if not need.letters:
        return ""
    types = need.types or (type or "[type]",)
    if need.some:
        return f"Under `AUTH=smart`: of what `system/[type].{need.letters}` reaches."
    scopes = ", ".join(f"`system/{one}.{need.letters}`" for one in types)
    return f"Needs {scopes} under `AUTH=smart`{', not narrowed' if need.whole else ''}."
