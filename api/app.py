"""The application, put together from its tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from api import pages
from api.capability import VERSION
from api.endpoint import unrouted
from api.routes import routes
from api.service import Service
from api.settings import Settings, settings


def create_app(given: Settings | None = None) -> FastAPI:
    """An application with its own service; settings come from the environment where none are given."""
    chosen = given or settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.service = Service(chosen)
        await app.state.service.open()
        yield
        await app.state.service.close()

    app = FastAPI(
        title="Clonidine Watch",
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        exception_handlers={HTTPException: unrouted},
    )
    app.router.routes.extend(routes())
    app.router.routes.extend(pages.routes())
    app.router.redirect_slashes = False
    return app
