"""The application behind a real socket, in this process: quick to start, open to inspection."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast

import httpx
import uvicorn

from api.app import create_app
from api.connections import Connections
from api.protocol import Bounded
from api.settings import settings
from api.tracing import Tracing
from tests.template import settled

NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trust in nobody: nothing here speaks TLS, and to load whom the system trusts takes longer than the application."""


@contextmanager
def application(
    database_url: str, tracing: Tracing | None = None, **options: object
) -> Iterator[httpx.Client]:
    """A client of an application with a migrated database."""
    settled(database_url).dispose()
    # Open, so that tests may ask under any name; what AUTH=none refuses then has tests of its own.
    given: dict[str, object] = {"auth_allow_open": "yes", **options}
    chosen = settings({}, database_url=database_url, **given)
    http = cast("type[Bounded]", partial(Bounded, Connections(chosen)))
    config = uvicorn.Config(create_app(chosen, tracing), port=0, log_level="error", lifespan="on", http=http)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the application did not start"
            time.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        accept = {"Accept": "application/fhir+json"}
        root = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=root, timeout=60, headers=accept, verify=NOBODY) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
