"""What a running process consists of."""

import re
from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request

from api.auth.authority import Authority
from api.clock import now
from api.headers import headers
from api.settings import Settings
from models.errors import BadRequest
from models.store.clients import Clients
from models.store.engine import database_url, engine
from models.store.ledger import Ledger
from models.store.reader import reader
from service.commit import Intake
from service.conformance import published
from service.ruleset import Ruleset, load
from service.ticker import Ticker
from service.writer import Writer

_HOST = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
"""A name or address, and a port: what may stand in the links of an answer."""


class Service:
    """Settings, rules and what is published of them, the way in (`writer`) and the way out (`reader`)."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.rules: Ruleset = load(read_limits(settings.limits_file))
        made = engine(settings.database_url)
        self.ledger = Ledger(made)
        self.intake = Intake(self.ledger, self.rules, now)
        self.published = published(self.rules)
        self.authority = Authority(settings, Clients(made)) if settings.auth == "smart" else None
        self.reader = reader(database_url(settings.database_url))
        self.writer = Writer(self.intake.commit)
        self.ticker = Ticker(self.reader, self.writer, now, settings.tick_seconds)

    async def open(self) -> None:
        """Connect and begin to commit."""
        await self.reader.open()
        self.writer.start()
        self.ticker.start()

    async def close(self) -> None:
        """Commit what waits, then let go."""
        await self.ticker.stop()
        await self.writer.stop()
        await self.reader.close()
        self.ledger.close()


def read_limits(path: str) -> str | None:
    """The text of the site's limits file; None where none is set."""
    if not path:
        return None
    return Path(path).read_text(encoding="utf-8")


def service(request: Request) -> Service:
    """The service that a request reached."""
    found: Service = request.app.state.service
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
