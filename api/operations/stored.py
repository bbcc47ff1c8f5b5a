"""The resource that an operation is asked of."""

from starlette.requests import Request

from api.service import service
from models.errors import Gone, NotFound
from models.store import queries
from models.stored import Stored


async def current(request: Request, type: str, id: str) -> Stored:
    """The current version. Raises NotFound, Gone."""
    rows = await service(request).reader.rows(*queries.latest(type, id))
    if not rows:
        raise NotFound(f"{type}/{id} is not kept here.")
    stored = Stored(*rows[0])
    if stored.deleted:
        raise Gone(f"{type}/{id} was deleted; its earlier versions are under {type}/{id}/_history.")
    return stored
