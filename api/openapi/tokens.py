"""What the pages say about getting a token: https://hl7.org/fhir/smart-app-launch/backend-services.html."""

from collections.abc import Mapping
from typing import Any

from api.exchange import FORM
from api.openapi.operation import POSTED, READ, Answer, Operation
from models import errors

JSON = "application/json"
TAG = "Tokens"
TOKENS: Mapping[str, Operation] = {
    "token": Operation(
        "token",
        "Get a token",
        "Send a form: `grant_type=client_credentials`, `client_assertion`, `scope`, and `client_assertion_type="
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer`. The assertion is a JWT that the client's own key has "
        "signed: `iss` and `sub` are its name, `aud` is the address of this endpoint, `exp` at most five minutes "
        "ahead, `jti` new each time. Errors are those of OAuth: `error` and `error_description`.",
        {
            200: Answer("The token, and the scopes that it bears.", ("Token",), media=JSON),
            401: Answer("The assertion proves nothing: `invalid_client`.", ("TokenRefused",), media=JSON),
        },
        (*POSTED, errors.NotFound),
        (),
        (FORM,),
        TAG,
    ),
    "jwks": Operation(
        "tokenKeys",
        "The keys that tokens are signed with",
        "The public halves, as a JWKS.",
        {200: Answer("The keys.", ("Keys",), media=JSON)},
        (*READ, errors.NotFound),
        tag=TAG,
    ),
    "smart_configuration": Operation(
        "smartConfiguration",
        "Where tokens are had, and what they can say",
        "As SMART App Launch 2 describes it. Not there under `AUTH=none`.",
        {200: Answer("The configuration.", ("SmartConfiguration",), media=JSON)},
        (*READ, errors.NotFound),
        tag=TAG,
    ),
}
_TEXT, _TEXTS = {"type": "string"}, {"type": "array", "items": {"type": "string"}}


def schemas() -> dict[str, Any]:
    """components.schemas of tokens."""
    token = {"access_token": _TEXT, "token_type": _TEXT, "expires_in": {"type": "integer"}, "scope": _TEXT}
    refused = {"error": _TEXT, "error_description": _TEXT}
    lists = ("token_endpoint_auth_methods_supported", "token_endpoint_auth_signing_alg_values_supported",
             "grant_types_supported", "scopes_supported", "capabilities")  # fmt: skip
    told: dict[str, Any] = dict.fromkeys(("issuer", "jwks_uri", "token_endpoint"), _TEXT)
    told |= dict.fromkeys(lists, _TEXTS)
    keys = {"keys": {"type": "array", "items": {"type": "object"}}}
    made: dict[str, dict[str, Any]] = {
        "Token": token,
        "TokenRefused": refused,
        "Keys": keys,
        "SmartConfiguration": told,
    }
    return {
        name: {"type": "object", "required": [*parts], "properties": parts} for name, parts in made.items()
    }
