"""`serve`: migrate the database, then answer requests until told to stop."""

import os
import signal
import socket
import sys
import tempfile
from argparse import Namespace
from dataclasses import asdict
from functools import partial
from typing import cast

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from api.auth.issuers import issuers
from api.cli import CommandError
from api.commands.database import revision
from api.commands.doubts import clock, workers
from api.commands.limits import ruleset
from api.commands.logs import configuration, guard
from api.connections import Connections
from api.forms import loopback
from api.protocol import Bounded
from api.settings import PREFIX, SettingError, Settings

PATIENCE = 10
"""Seconds that open requests have to end once the service has been told to stop."""
WORKER_PATIENCE = 15
"""Seconds that a worker has to answer the process that watches it. Under load it answers late: after uvicorn's own 5 it
would be taken for dead, and killed with the requests that it works on."""
BACKLOG = 2048
EVERYWHERE = "0.0.0.0"  # nosec B104  # noqa: S104 - it is compared with, not listened on
TOGETHER = "PROMETHEUS_MULTIPROC_DIR"
"""Where workers count together (api.metrics); set before they start."""


def run(given: Namespace, settings: Settings) -> int:
    """Serve in this process, or in several below it."""
    check_access(settings)
    ruleset(settings.limits_file)
    reached = revision(settings.database_url)
    if given.demo:
        from api.demo.replay import load

        print(load(settings), flush=True)
    listening = listen(settings.host, settings.port)
    print(f"The database is at revision {reached}.", where(settings, listening), sep="\n", flush=True)
    for doubt in (*clock(settings), *workers(settings)):
        print(f"Warning: {doubt}", file=sys.stderr, flush=True)
    if warning := exposure(settings):
        print(warning, file=sys.stderr, flush=True)
    os.environ |= {PREFIX + name.upper(): str(value) for name, value in asdict(settings).items()}
    _serve(settings, listening)
    return 0


def listen(host: str, port: int) -> socket.socket:
    """A socket for every worker to accept from. Raises CommandError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        made = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = str(error.strerror or error).partition(" (while")[0]
        raise CommandError(f"Cannot listen on {host}, port {port}: {reason}.") from error
    made.set_inheritable(True)
    return made


def where(settings: Settings, listening: socket.socket) -> str:
    """Where it listens, and where to go from there."""
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    port = listening.getsockname()[1]
    here = settings.base_url or f"http://{'127.0.0.1' if name == EVERYWHERE else name}:{port}"
    return (
        f"Clonidine Watch listens on http://{name}:{port}; FHIR at {here}/fhir, documentation at {here}/docs."
    )


def check_access(settings: Settings) -> None:
    """Raises SettingError where everybody on the network could read and write, and nobody has said that it is meant;
    where clients are asked who they are, for a file of issuers that cannot be used."""
    if settings.auth != "none":
        issuers(settings.auth_issuers, settings.base_url)
    elif settings.auth_allow_open == "no" and not loopback(settings.host):
        raise SettingError(
            f"{PREFIX}AUTH=none listens on this machine alone (HOST=127.0.0.1), since everybody who reaches the port "
            f"may read and write patient data; not on {settings.host}. Set {PREFIX}AUTH=smart; or, where something in "
            f"front of it checks who asks, {PREFIX}AUTH_ALLOW_OPEN=yes."
        )


def exposure(settings: Settings) -> str:
    """A warning where everybody who reaches the port may read and write; "" where not."""
    if settings.auth != "none":
        return ""
    if loopback(settings.host):
        return f"Warning: {PREFIX}AUTH=none: every program on this machine may read and write everything."
    return (
        f"WARNING: {PREFIX}AUTH=none and the service listens on {settings.host}: EVERYBODY WHO REACHES THIS PORT "
        "OVER THE NETWORK MAY READ AND WRITE PATIENT DATA. Put a proxy that checks who asks in front of it."
    )


class Workers(Multiprocess):
    """Several server processes, and this one that watches them."""

    def terminate_all(self) -> None:
        """Let go of the socket too: held here, it would go on taking connections, which nobody answers any more."""
        for held in self.sockets:
            held.close()
        super().terminate_all()


def application() -> FastAPI:
    """What a server process serves, by the settings of the environment."""
    from api.app import create_app

    guard()
    return create_app()


def _serve(settings: Settings, listening: socket.socket) -> None:
    config = uvicorn.Config(
        "api.commands.serve:application",
        factory=True,
        workers=settings.workers,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http=cast("type[Bounded]", partial(Bounded, Connections(settings))),
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=configuration(settings.log_level, settings.log_format),
        log_level=settings.log_level,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=settings.keep_alive_seconds,
        backlog=BACKLOG,
        timeout_graceful_shutdown=PATIENCE,
        timeout_worker_healthcheck=WORKER_PATIENCE,
    )
    for asked in (signal.SIGINT, signal.SIGTERM):  # uvicorn sends itself the signal again once it has ended
        signal.signal(asked, lambda *_: None)
    if settings.workers > 1:
        with tempfile.TemporaryDirectory(prefix="clonidine-watch-") as folder:
            os.environ[TOGETHER] = folder
            Workers(config, [listening]).run()
    else:
        uvicorn.Server(config).run([listening])
