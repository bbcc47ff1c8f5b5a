"""A Bundle that asks much keeps nobody waiting until all of it is answered."""

import asyncio
from itertools import pairwise

import httpx
import pytest

from api.app import create_app
from api.interactions.bundle import FEW
from api.metrics import REQUESTS
from api.settings import settings
from models.store.engine import engine
from models.store.migrate import migrate
from tests.build import bundle

ENTRIES = 40 * FEW


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_others_have_their_turn_between_the_entries_that_read(sqlite_url: str, kind: str) -> None:
    """Each of 5,000 was answered without waiting for anything, and nothing else was done for half a second."""
    asked = bundle(kind, *[{"request": {"method": "GET", "url": "Patient/none"}}] * ENTRIES)
    made = engine(sqlite_url)
    migrate(made)
    made.dispose()
    answered = asyncio.run(_answered(sqlite_url, asked))
    assert answered[-1] - answered[0] == ENTRIES
    assert max(after - before for before, after in pairwise(answered)) <= FEW


async def _answered(database_url: str, asked: dict[str, object]) -> list[float]:
    """How many entries were answered by each turn that somebody else had."""
    app = create_app(settings({}, database_url=database_url, auth_allow_open="yes"))
    entries = REQUESTS.labels("read", 404)
    turns: list[float] = []

    async def others() -> None:
        while True:
            turns.append(entries._value.get())
            await asyncio.sleep(0)

    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
    ):
        waiting = asyncio.create_task(others())
        answer = await client.post("/fhir", json=asked)
        turns.append(entries._value.get())
        waiting.cancel()
    assert answer.status_code == 200
    return turns
