"""Refusals of the token endpoint in OAuth's own words (https://www.rfc-editor.org/rfc/rfc6749#section-5.2): a client
of OAuth looks for `error`, and for no OperationOutcome, whoever refuses it on the way.
"""

from collections.abc import Mapping

import msgspec
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATH = "/auth/token"
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
ERRORS: Mapping[int, str] = {
    429: "temporarily_unavailable",
    503: "temporarily_unavailable",
    500: "server_error",
}
"""Status -> error; of every other refusal it is that the request is not right."""


def refused(
    error: str, text: str, status: int = 400, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """A refusal, never kept on the way."""
    body = {"error": error, "error_description": plain(text)}
    return JSONResponse(body, status, {**(headers or {}), **NO_STORE})


def plain(text: str) -> str:
    """As a description may be written: printable ASCII, neither quotation marks nor backslashes."""
    kept = text.replace('"', "'").replace("\\", "/")
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in kept)


class Spoken:
    """ASGI around the application: an OperationOutcome that refuses a request for a token, said over again."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def put(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_outcome(message):
                start = message
            elif start is None:
                await send(message)
            else:
                for part in _again(start, message["body"]):
                    await send(part)

        await self._app(scope, receive, put)


def _is_outcome(start: Message) -> bool:
    said = dict(start["headers"]).get(b"content-type", b"")
    return bool(start["status"] >= 400 and said.startswith(b"application/fhir+json"))


def _again(start: Message, body: bytes) -> tuple[Message, Message]:
    text = msgspec.json.decode(body)["issue"][0]["details"]["text"]
    response = refused(ERRORS.get(start["status"], "invalid_request"), text, start["status"])
    kept = [pair for pair in start["headers"] if not pair[0].startswith((b"content-", b"cache-control"))]
    return (
        {**start, "headers": [*kept, *response.raw_headers]},
        {"type": "http.response.body", "body": response.body},
    )
