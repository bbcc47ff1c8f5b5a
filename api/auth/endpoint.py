"""The token endpoint, the keys that tokens are signed with, and what tells clients of both.

https://hl7.org/fhir/smart-app-launch/backend-services.html, https://www.rfc-editor.org/rfc/rfc6749#section-5.2.
"""

import re
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.audit import known_as
from api.auth.oauth import NO_STORE, refused
from api.auth.terms import ALGORITHMS, ScopeRefused, TokenError
from api.exchange import form
from api.headers import headers
from api.service import service
from api.throttle import CLIENT
from models.errors import NotFound

if TYPE_CHECKING:
    from api.auth.authority import Authority

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LARGEST = 64 * 1024
"""Octets of a request for a token: an assertion is no longer than a header may be."""
_SCHEME = re.compile(r"[A-Za-z0-9-]{1,20}(?= |$)")


async def token(request: Request) -> Response:
    """POST /auth/token: 200 with an access token for a client that proves who it is, else OAuth's own errors."""
    own, pairs = _authority(request).own, await form(request, LARGEST)
    given = dict(pairs)
    if refusal := _unfit(request, given, twice=len(given) < len(pairs)):
        return refusal
    try:
        granted = await own.token(given["client_assertion"], given.get("scope", "").split())
    except TokenError as error:
        return refused("invalid_client", f"The assertion is not taken: {error}.", 401)
    except ScopeRefused:
        return refused("invalid_scope", "None of these scopes is registered for the client.")
    known_as(request, granted.client)
    request.scope[CLIENT] = granted.client
    made = {
        "access_token": granted.token,
        "token_type": "bearer",  # nosec B105  # the kind of a token, none itself
        "expires_in": own.seconds,
        "scope": " ".join(granted.scopes),
    }
    return JSONResponse(made, headers=NO_STORE)


def _unfit(request: Request, given: dict[str, str], twice: bool) -> Response | None:
    """The refusal of what is no request for a token, whoever sends it."""
    if scheme := headers(request).get("authorization"):
        told = _SCHEME.match(scheme)
        challenge = {"WWW-Authenticate": f'{told[0]} realm="token"'} if told else {}
        text = (
            "Clients prove who they are by client_assertion alone (private_key_jwt); leave out Authorization."
        )
        return refused("invalid_client", text, 401, challenge)
    if twice:
        return refused("invalid_request", "A parameter is given twice.")
    if not given.get("grant_type"):
        return refused("invalid_request", "Give grant_type=client_credentials.")
    if given["grant_type"] != "client_credentials":
        return refused("unsupported_grant_type", "grant_type is client_credentials here.")
    if given.get("client_assertion_type") != ASSERTION or not given.get("client_assertion"):
        return refused("invalid_request", f"Give client_assertion, and client_assertion_type={ASSERTION}.")
    return None


async def jwks(request: Request) -> Response:
    """GET /auth/jwks: 200 with the public halves of the keys that sign."""
    return JSONResponse(await _authority(request).own.published())


async def smart_configuration(request: Request) -> Response:
    """GET [base]/.well-known/smart-configuration: 200 with where tokens are had, and what they can say."""
    return JSONResponse(described(_authority(request)))


def described(authority: "Authority") -> dict[str, Any]:
    """https://hl7.org/fhir/smart-app-launch/conformance.html."""
    return {
        "issuer": authority.own.issuer,
        "jwks_uri": authority.own.jwks_url,
        "token_endpoint": token_endpoint(authority),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": [*ALGORITHMS],
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": ["system/*.cruds", "system/[type].cruds", "system/[type].cruds?[query]"],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }


def token_endpoint(authority: "Authority") -> str:
    """Where clients get tokens: from the site's identity provider where one is named, else here."""
    return next(
        (one.token_endpoint for one in authority.listed if one.token_endpoint), authority.own.token_url
    )


def _authority(request: Request) -> "Authority":
    found = service(request).authority
    if found is None:
        raise NotFound("This service runs with AUTH=none: it takes no tokens and gives none.")
    return found
