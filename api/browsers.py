"""Pages of other origins, where the site lists them (https://fetch.spec.whatwg.org/#http-cors-protocol), and those
that would come in by the back door.

Nothing rests on cookies here, so credentials are not offered: a page sends what it was given in its headers.
"""

from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.answers import refusal
from api.forms import listed, loopback
from api.headers import headers
from api.settings import Settings
from models.errors import BadRequest, Elsewhere
from models.problem import Problem

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SENT = (
    "Authorization", "Content-Type", "Prefer", "If-Match", "If-None-Match", "If-None-Exist", "If-Modified-Since",
    "X-Request-ID",
)  # fmt: skip
SHOWN = (
    "Location", "Content-Location", "ETag", "Last-Modified", "Link", "Warning", "Retry-After", "RateLimit",
    "RateLimit-Policy", "X-Request-ID", "WWW-Authenticate",
)  # fmt: skip
SECONDS = 600
"""How long a browser may rely on what it was told before."""


class Pages(CORSMiddleware):
    """Tells a page that may not ask why, as every other refusal is told; the log of its browser shows it."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """The answer to what a browser asks beforehand."""
        response = super().preflight_response(request_headers)
        if response.status_code == 200:
            return response
        text = (
            f"{bytes(response.body).decode()}: pages may ask whose origin CORS_ORIGINS lists, by {', '.join(METHODS)}, "
            f"and send {', '.join(SENT)}."
        )
        refused = refusal(BadRequest([Problem("forbidden", text, rule="cors")]))
        about = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        refused.headers.update(about)
        return refused


def allowed(app: ASGIApp, origins: str) -> ASGIApp:
    """The application for the pages of these origins too; they match to the letter."""
    return Pages(
        app,
        allow_origins=listed(origins),
        allow_methods=METHODS,
        allow_headers=SENT,
        expose_headers=SHOWN,
        max_age=SECONDS,
    )


READING = ("GET", "HEAD", "OPTIONS")
"""What a page may ask elsewhere: without CORS it cannot read the answer."""
RECORD = ("/fhir", "/cds-services")
"""Below these is what is kept."""


class Here:
    """ASGI around an application that trusts this machine (AUTH=none): a page that a browser here has open does not
    belong to it, and reaches the port all the same, by a name that is led here (DNS rebinding) or without asking CORS.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._names = {settings.host, urlsplit(settings.base_url).hostname or settings.host}
        self._origins = listed(settings.cors_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        told = self._from_elsewhere(Request(scope)) if scope["path"].startswith(RECORD) else ""
        await (refusal(Elsewhere(told)) if told else self._app)(scope, receive, send)

    def _from_elsewhere(self, request: Request) -> str:
        sent = headers(request)
        host, origin = sent.get("host"), sent.get("origin")
        if host and not self._is_here(f"//{host}"):
            return (
                f"Host: {host[:80]!r} is no name of this machine, which alone may ask under AUTH=none. Set BASE_URL to "
                "the address that clients use, AUTH=smart to ask them who they are, or AUTH_ALLOW_OPEN=yes."
            )
        if (
            origin
            and request.method not in READING
            and origin not in self._origins
            and not self._is_here(origin)
        ):
            return (
                f"Origin: {origin[:80]!r} is a page of elsewhere, which may change nothing here under AUTH=none. List "
                "it in CORS_ORIGINS if it is yours."
            )
        return ""

    def _is_here(self, url: str) -> bool:
        name = _name(url)
        return name in self._names or loopback(name) or name.endswith(".localhost")


@lru_cache(maxsize=1_000)
def _name(url: str) -> str:
    """The name or address in a URL, "" where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
