"""A version that is kept, or the refusal that says why it cannot be had."""

import asyncio
from collections.abc import Sequence

from starlette.requests import Request

from api.audit import shown
from api.permitted import permissions, sees
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
    """The version that a statement finds, if the sender may read it. Raises NotFound, Gone."""
    rows = await service(request).reader.rows(*statement)
    stored = Stored(*rows[0]) if rows else None
    if stored is None or not await readable(request, stored):
        raise NotFound(f"{name[:200]} is not kept here.")
    if stored.deleted:
        raise Gone(f"{name[:200]} was deleted; its earlier versions are under {stored.reference}/_history.")
    shown(request, stored)
    return stored


async def readable(request: Request, stored: Stored) -> bool:
    """Whether the sender may read a version."""
    held = permissions(request)
    whole = held is None or held.whole(stored.type, "r")
    return whole or bool(await reached(request, "r", [stored]))


async def reached(request: Request, letter: str, versions: Sequence[Stored]) -> list[Stored]:
    """Those that a letter reaches; a deletion is known to those who could reach what was deleted."""
    held = permissions(request)
    if held is None:
        return list(versions)
    told = {one.seq: one for one in versions}
    for one in versions:
        if one.deleted and not held.whole(one.type, letter):
            rows = await service(request).reader.rows(*queries.version(one.type, one.id, one.number - 1))
            told[one.seq] = Stored(*rows[0])
    # Aside: each is looked at in full.
    return await asyncio.to_thread(lambda: [one for one in versions if sees(request, letter, told[one.seq])])
