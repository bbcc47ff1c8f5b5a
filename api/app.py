"""The application, put together from its tables."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api import browsers, pages
from api.access_log import Access
from api.auth.oauth import Spoken
from api.capability import VERSION
from api.endpoint import unrouted
from api.envelope import Envelope
from api.leaving import Leaving
from api.routes import Fhir, plain
from api.service import Service
from api.settings import Settings, settings
from api.throttle import Throttled
from api.tracing import Tracing


class Application(FastAPI):
    """FastAPI for the pages and for those who run the service.

    What lies below /fhir goes straight to its routes: FastAPI's middleware would cost a fifth of a short request
    and does nothing for it, since an endpoint answers its own errors. `service` is there once it has started.
    """

    service: Service

    def __init__(self, settings: Settings, **options: Any) -> None:
        super().__init__(**options)
        self.state.leaving = Leaving(settings.drain_seconds)
        self._fhir = Fhir()
        self.router.routes.extend([*plain(), *pages.routes()])
        self.router.redirect_slashes = False
        routes = [route for route in (*self._fhir.routes, *self.router.routes) if isinstance(route, Route)]
        around = surrounded(self.routed, settings, self._known)
        self._outermost = Envelope(around, Access(settings, routes))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["app"] = self
            await self._outermost(scope, receive, self.state.leaving.farewell(send))
        else:
            await super().__call__(scope, receive, send)

    def _known(self, scope: Scope) -> str:
        """The client that an earlier request has told, by its token, "" where none has."""
        authority = self.service.authority
        return authority.known(Request(scope)) if authority else ""

    async def routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer without what surrounds a request: a Bundle's reading entries come here by themselves."""
        if not scope["path"].startswith("/fhir"):
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        try:
            await self._fhir(scope, receive, send)
        except HTTPException as error:
            response = await unrouted(Request(scope, receive), error)
            await response(scope, receive, send)


def surrounded(app: ASGIApp, settings: Settings, known: Callable[[Scope], str]) -> ASGIApp:
    """The application in the layers that the settings ask for, the outermost last."""
    if settings.rate_limit:
        app = Throttled(app, settings.rate_limit, known)
    if settings.auth != "none":
        app = Spoken(app)
    if settings.auth == "none" and settings.auth_allow_open == "no":
        app = browsers.Here(app, settings)
    if settings.cors_origins:
        app = browsers.allowed(app, settings.cors_origins)
    return app


YOUNG = 10_000
"""Objects after which the garbage collector looks at the young ones; Python's own 700 is for smaller programs."""


def _spare_the_collector() -> None:
    """What is there at the start stays: without it a full collection stopped every request for 100 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)


def create_app(given: Settings | None = None, tracing: Tracing | None = None) -> Application:
    """An application with its own service; settings come from the environment where none are given."""
    chosen = given or settings()

    @asynccontextmanager
    async def lifespan(app: Application) -> AsyncIterator[None]:
        app.service = Service(chosen, tracing)
        await app.service.open()
        app.state.leaving.expect()
        _spare_the_collector()
        yield
        await app.service.close()

    return Application(
        chosen,
        title="Clonidine Watch",
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        exception_handlers={HTTPException: unrouted},
    )
