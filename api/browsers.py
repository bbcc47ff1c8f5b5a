"""Pages of other origins, where the site lists them (https://fetch.spec.whatwg.org/#http-cors-protocol).

Nothing rests on cookies here, so credentials are not offered: a page sends what it was given in its headers.
"""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from api.forms import listed

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


def allowed(app: ASGIApp, origins: str) -> ASGIApp:
    """The application for the pages of these origins too; they match to the letter."""
    return CORSMiddleware(
        app,
        allow_origins=listed(origins),
        allow_methods=METHODS,
        allow_headers=SENT,
        expose_headers=SHOWN,
        max_age=SECONDS,
    )
