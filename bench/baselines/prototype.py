"""The smallest server of the kind: raw body, R4B validation, five toy rules, one commit for all who wait.

It is the reference for latency: what this machine gives in this run to a server with nothing to it.
"""

import asyncio
import os
import sqlite3
import uuid
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import msgspec
from fastapi import FastAPI, Request, Response
from fhir.resources.R4B.observation import Observation

connection = sqlite3.connect(os.environ["BENCH_DATABASE"].removeprefix("sqlite:///"), isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("PRAGMA synchronous = FULL")
connection.execute("CREATE TABLE stored (id TEXT PRIMARY KEY, patient TEXT, effective TEXT, body BLOB)")
connection.execute("CREATE INDEX by_patient ON stored (patient, effective)")


class Waiting(NamedTuple):
    """A row on its way into the next commit."""

    row: tuple[str, str, str, bytes]
    kept: asyncio.Future[None]


class Pressure(NamedTuple):
    systolic: float
    diastolic: float


Rule = Callable[[Pressure, deque[Pressure]], bool]
RULES: dict[str, Rule] = {
    "low": lambda now, past: now.systolic < 90 or now.diastolic < 60,
    "very-low": lambda now, past: now.systolic < 80,
    "high": lambda now, past: now.systolic >= 180 or now.diastolic >= 120,
    "fall": lambda now, past: bool(past) and now.systolic < 0.8 * max(p.systolic for p in past),
    "narrow": lambda now, past: now.systolic - now.diastolic < 10,
}
history: defaultdict[str, deque[Pressure]] = defaultdict(lambda: deque(maxlen=20))
waiting: asyncio.Queue[Waiting] = asyncio.Queue()


async def commit() -> None:
    """Everything that waits, in one durable transaction, again and again."""
    while True:
        batch = [await waiting.get()]
        with suppress(asyncio.QueueEmpty):
            while True:
                batch.append(waiting.get_nowait())
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO stored VALUES (?, ?, ?, ?)", [one.row for one in batch])
        connection.execute("COMMIT")
        for one in batch:
            one.kept.set_result(None)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    task = asyncio.create_task(commit())
    yield
    task.cancel()


app = FastAPI(lifespan=lifespan)


def alerts(patient: str, document: dict[str, Any]) -> list[str]:
    now = Pressure(*(component["valueQuantity"]["value"] for component in document["component"]))
    raised = [name for name, rule in RULES.items() if rule(now, history[patient])]
    history[patient].append(now)
    return raised


@app.post("/Observation")
async def create(request: Request) -> Response:
    raw = await request.body()
    document = msgspec.json.decode(raw)
    Observation.model_validate(document)
    patient, id = document["subject"]["reference"], str(uuid.uuid4())
    raised = alerts(patient, document)
    body = b'{"id":"' + id.encode() + b'",' + raw[1:]
    one = Waiting(
        (id, patient, document["effectiveDateTime"], body), asyncio.get_running_loop().create_future()
    )
    waiting.put_nowait(one)
    await one.kept
    return Response(body, 201, {"Location": f"/Observation/{id}", "Alerts": ", ".join(raised)})
