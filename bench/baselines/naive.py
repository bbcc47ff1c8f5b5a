"""The stack as tutorials write it: a model as body, a session a request, `def` routes, models dumped.

No rule is evaluated and nothing is searched but the patient.
"""

import json
import os
import uuid
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Response
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.observation import Observation
from sqlalchemy import event
from sqlmodel import Field, Session, SQLModel, create_engine, select

URL = os.environ["BENCH_DATABASE"].replace("postgresql://", "postgresql+psycopg://")


class Stored(SQLModel, table=True):
    """One Observation as JSON text, with the columns that the search reads."""

    id: str = Field(default_factory=lambda: str(uuid.uuid4()), primary_key=True)
    patient: str = Field(index=True)
    effective: str = Field(index=True)
    document: str


engine = create_engine(URL)
if URL.startswith("sqlite"):

    @event.listens_for(engine, "connect")
    def durable(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")


SQLModel.metadata.create_all(engine)
app = FastAPI()


def session() -> Iterator[Session]:
    with Session(engine) as opened:
        yield opened


Opened = Annotated[Session, Depends(session)]


def document(stored: Stored) -> dict[str, Any]:
    resource = Observation.model_validate(json.loads(stored.document) | {"id": stored.id})
    dumped: dict[str, Any] = json.loads(resource.model_dump_json())
    return dumped


@app.post("/Observation", status_code=201)
def create(resource: Observation, opened: Opened, response: Response) -> dict[str, Any]:
    assert resource.subject
    stored = Stored(
        patient=str(resource.subject.reference),
        effective=str(resource.effectiveDateTime),
        document=resource.model_dump_json(),
    )
    opened.add(stored)
    opened.commit()
    opened.refresh(stored)
    response.headers["Location"] = f"/Observation/{stored.id}"
    return document(stored)


@app.get("/Observation/{id}")
def read(id: str, opened: Opened) -> dict[str, Any]:
    if stored := opened.get(Stored, id):
        return document(stored)
    raise HTTPException(404)


@app.get("/Observation")
def search(patient: str, opened: Opened, _count: int = 20) -> dict[str, Any]:
    found = opened.exec(select(Stored).where(Stored.patient == patient).limit(_count)).all()
    entries = [{"resource": document(stored)} for stored in found]
    bundle = Bundle.model_validate({"type": "searchset", "entry": entries})
    dumped: dict[str, Any] = json.loads(bundle.model_dump_json())
    return dumped
