"""What a running process consists of."""

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request

from api.bodies import Bodies
from api.clock import chance, new_id, now
from api.delivery.outbound import Outbound
from api.feeds import Feeds
from api.headers import headers
from api.metrics import measured, pushed
from api.settings import Settings
from api.tracing import Tracing
from models.errors import BadRequest
from models.store.clients import Clients
from models.store.engine import database_url, engine
from models.store.ledger import Ledger
from models.store.reader import reader
from service.commit import Intake
from service.conformance import published
from service.delivery import endpoints
from service.delivery.dispatcher import Dispatcher
from service.delivery.means import Means
from service.ruleset import Ruleset, load
from service.ticker import Ticker
from service.watch import Watch
from service.writer import Writer

if TYPE_CHECKING:
    from api.auth.authority import Authority

_HOST = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
"""A name or address, and a port: what may stand in the links of an answer."""


class Service:
    """Settings, rules and what is published of them, the way in (`writer`) and the way out (`reader`).

    `audited` is the URL that AuditEvents know this service by, "" where there are none."""

    def __init__(self, settings: Settings, tracing: Tracing | None = None) -> None:
        self.settings = settings
        self.rules: Ruleset = load(read_limits(settings.limits_file))
        made = engine(settings.database_url)
        self.ledger = Ledger(made)
        self.endpoints = endpoints.read(settings.subscription_hosts)
        interval = timedelta(seconds=settings.remind_seconds)
        self.intake = Intake(self.ledger, self.rules, now, interval, self.endpoints)
        self.published = published(self.rules)
        self.audited = f"{settings.root}/fhir" if settings.audited else ""
        self.authority = _authority(settings, Clients(made))
        self.reader = reader(database_url(settings.database_url))
        self.tracing = tracing or (Tracing() if settings.telemetry == "otlp" else None)
        commit = measured(self.intake.commit)
        self.writer = Writer(self.tracing.traced(commit) if self.tracing else commit)
        self.ticker = Ticker(self.reader, self.writer, now, settings.tick_seconds)
        self.outbound = Outbound(self.endpoints, settings.subscription_secret, now)
        self.dispatcher = Dispatcher(self._means(), self.endpoints)
        self.watch = Watch(self.reader, now, settings.consumer_lag_seconds)
        self.feeds = Feeds()
        self.bodies = Bodies(settings.max_body_bytes)

    async def open(self) -> None:
        """Connect and begin to commit."""
        await self.reader.open()
        self.writer.start()
        self.ticker.start()
        self.dispatcher.start()
        self.watch.start()

    async def close(self) -> None:
        """Commit what waits, then let go."""
        await self.watch.stop()
        await self.ticker.stop()
        await self.dispatcher.stop()
        self.outbound.close()
        await self.writer.stop()
        await self.reader.close()
        self.ledger.close()
        if self.tracing:
            await asyncio.to_thread(self.tracing.close)

    def _means(self) -> Means:
        """What Subscriptions are told with; links lead to the service as it is set, or as it listens."""
        asked = self.settings
        return Means(
            reader=self.reader,
            writer=self.writer,
            send=self.outbound,
            clock=now,
            chance=chance,
            pushed=pushed,
            patience=timedelta(hours=asked.subscription_retry_hours),
            base=f"{asked.root}/fhir",
            audited=asked.audited,
            me=new_id(),
        )


def _authority(settings: Settings, clients: Clients) -> "Authority | None":
    """Who tells clients apart, if anybody does; what verifies is loaded then alone: it takes 10 MB."""
    if settings.auth == "none":
        return None
    from api.auth.authority import Authority

    return Authority(settings, clients)


def read_limits(path: str) -> str | None:
    """The text of the site's limits file; None where none is set."""
    if not path:
        return None
    return Path(path).read_text(encoding="utf-8")


def service(request: Request) -> Service:
    """The service that a request reached."""
    found: Service = request.scope["app"].service  # Starlette's `app.state` is slow, and this is asked often
    return found


def base(request: Request) -> str:
    """The FHIR base URL for links: the setting, else as the client reached us. Raises BadRequest."""
    root = service(request).settings.base_url
    if root:
        return f"{root}/fhir"
    host = headers(request).get("host") or ":".join(map(str, request.scope["server"]))
    if not _HOST.fullmatch(host):
        raise BadRequest(f"Host: {host[:80]!r} is no name or address of a server.")
    return f"{request.scope['scheme']}://{host}/fhir"


def bases(request: Request) -> Sequence[str]:
    """The URLs under which a reference may name this service."""
    return (base(request),)
