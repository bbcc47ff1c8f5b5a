"""A version that is kept, or the refusal that says why it cannot be had."""

from starlette.requests import Request

from api.service import service
from models.errors import Gone, NotFound
from models.store import queries
from models.store.statement import Statement
from models.stored import Stored
from service.device import ENGINE
from service.device import stored as engine


async def current(request: Request, type: str, id: str) -> Stored:
    """The current version. Raises NotFound, Gone."""
    if (type, id) == ENGINE:
        return engine()
    return await found(request, queries.latest(type, id), f"{type}/{id}")


async def found(request: Request, statement: Statement, name: str) -> Stored:
    """The version that a statement finds. Raises NotFound, Gone."""
    rows = await service(request).reader.rows(*statement)
    if not rows:
        raise NotFound(f"{name[:200]} is not kept here.")
    stored = Stored(*rows[0])
    if stored.deleted:
        raise Gone(f"{name[:200]} was deleted; its earlier versions are under {stored.reference}/_history.")
    return stored
