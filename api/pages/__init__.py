"""Pages for people: the start page and the OpenAPI pages. Everything they need is served from here, since hospital
networks have no internet."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from urllib.parse import urlsplit

import fastapi_offline
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.capability import OPEN
from api.clock import now
from api.endpoint import plain
from api.service import service
from models.examples import moved

OURS, SWAGGER_UI = files(__package__), files(fastapi_offline) / "static"
HTML, SCRIPT, STYLE = "text/html", "text/javascript", "text/css"
ASSETS: Mapping[str, tuple[Traversable, str]] = {
    "swagger-ui-bundle.js": (SWAGGER_UI, SCRIPT),
    "swagger-ui.css": (SWAGGER_UI, STYLE),
    "docs.js": (OURS, SCRIPT),
    "docs.css": (OURS, STYLE),
    "start.css": (OURS, STYLE),
    "icon.svg": (OURS, "image/svg+xml"),
}
"""The files that the pages load: name, where it is, media type."""

_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; img-src 'self'"
START_POLICY = f"{_NOTHING}; style-src 'self'"
DOCS_POLICY = f"{_NOTHING} data:; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'"
"""Swagger UI draws its icons from data URLs and sets styles in place; scripts come from files of ours alone."""
COMMON = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}
KEPT = {**COMMON, "Cache-Control": "public, max-age=86400"}


async def start(request: Request) -> Response:
    """GET /: what this is and where to go on."""
    return _page(request, "start.html", START_POLICY)


async def docs(request: Request) -> Response:
    """GET /docs: Swagger UI."""
    return _page(request, "docs.html", DOCS_POLICY)


async def openapi(request: Request) -> Response:
    """GET /openapi.json, its examples as of now, so that trying one raises a `new` alert."""
    root = urlsplit(service(request).settings.base_url).path or "/"
    return Response(moved(_document(root), now()), media_type="application/json", headers=COMMON)


async def asset(request: Request) -> Response:
    """GET /docs/{name}: a file that a page loads."""
    name = request.path_params["name"]
    if name not in ASSETS:
        raise HTTPException(404)
    folder, media_type = ASSETS[name]
    return Response((folder / name).read_bytes(), media_type=media_type, headers=KEPT)


def routes() -> Iterator[Route]:
    """The routes of the pages."""
    for path, page in (("/", start), ("/docs", docs), ("/openapi.json", openapi), ("/docs/{name}", asset)):
        yield Route(path, plain(page), methods=["GET"])


@cache
def _document(root: str) -> str:
    from api.openapi import document

    return json.dumps(document(root), ensure_ascii=False)


def _page(request: Request, name: str, policy: str) -> Response:
    text = (OURS / name).read_text(encoding="utf-8")
    warning = "" if service(request).authority else f'<p class="warning" role="alert">{OPEN}</p>'
    text = text.replace("<!-- warning -->", warning)
    return Response(text, media_type=HTML, headers={**COMMON, "Content-Security-Policy": policy})
