"""A server process without its socket, with a time of its own telling, and what is kept of alerts and their Tasks."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from models.errors import Refused
from models.fhir.codec import parse
from models.store.engine import database_url as address
from models.store.ledger import Ledger
from models.store.reader import Reader, reader
from models.stored import Stored
from service.commit import Intake, Written
from service.intake import Acknowledgement, Entry, Write, entry
from service.ruleset import load
from service.ticker import Ticker
from service.writer import Writer
from tests.build import panel
from tests.template import settled

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE
NURSE = {"reference": "Practitioner/nurse-1"}
CRITICAL, HIGH = (74, 38), (84, 65)
Doc = dict[str, Any]


class Process:
    """What a server process has of the write path and the ticker."""

    def __init__(self, url: str, interval: timedelta = QUARTER) -> None:
        self.at = START
        self.engine: Engine = settled(url)
        self.intake = Intake(Ledger(self.engine), load(), lambda: self.at, interval)
        self.reader: Reader = reader(address(url))

    def write(self, *writes: Write) -> list[Written]:
        answers = self.intake.commit(writes)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return [written for answer in answers if not isinstance(answer, Exception) for written in answer]

    def put(self, *docs: Doc) -> list[Written]:
        return self.write(*(Write((entry("PUT", doc, doc["id"], ()),)) for doc in docs))

    def delete(self, type: str, id: str) -> list[Written]:
        return self.write(Write((Entry("DELETE", type, id),)))

    def read(self, systolic: int, diastolic: int, id: str = "r", patient: str = "p1", ago: int = 0) -> str:
        """Post a panel of so many minutes ago; the id of the first alert that it raised."""
        at = (self.at - ago * MINUTE).isoformat().replace("+00:00", "Z")
        (written,) = self.put(panel(systolic, diastolic, at, patient, id=id))
        return written.raised[0][0].id if written.raised else ""

    def acknowledge(self, alert: str, **said: Any) -> Written:
        (written,) = self.write(Write((), acknowledgement=Acknowledgement(alert, **said)))
        return written

    async def tick(self, at: datetime) -> int:
        self.at = at
        writer = Writer(self.intake.commit)
        writer.start()
        asked = await Ticker(self.reader, writer, lambda: self.at, 1).tick()
        await writer.stop()
        return asked

    def rows(self, where: str = "current", **args: Any) -> list[Stored]:
        columns = ", ".join(Stored._fields)
        with self.engine.connect() as connection:
            rows = connection.execute(text(f"SELECT {columns} FROM version WHERE {where} ORDER BY seq"), args)
            return [Stored(*row) for row in rows]

    def newest(self, type: str) -> dict[str, Doc]:
        """The newest versions of a type by id, with their numbers as `meta.versionId`."""
        return {row.id: parse(row.text().encode()) for row in self.rows("current AND type = :t", t=type)}

    def tasks(self) -> dict[str, Doc]:
        return self.newest("Task")

    def task(self, alert: str) -> Doc:
        return self.tasks()[alert]

    def alerts(self) -> dict[str, Doc]:
        return {row.id: parse(row.text().encode()) for row in self.rows("current AND alert")}

    def provenances(self) -> list[Doc]:
        return [*self.newest("Provenance").values()]

    async def close(self) -> None:
        await self.reader.close()
        self.engine.dispose()


@contextmanager
def processes(
    url: str, number: int = 1, interval: timedelta = QUARTER
) -> Iterator[tuple[asyncio.Runner, list[Process]]]:
    with asyncio.Runner() as runner:
        made = [Process(url, interval) for _ in range(number)]
        for one in made:
            runner.run(one.reader.open())
        try:
            yield runner, made
        finally:
            for one in made:
                runner.run(one.close())


def phase(alert: Doc) -> str:
    """Where an alert stands, as pollers see it."""
    tags = (tag for tag in alert["meta"]["tag"] if tag["system"].endswith("/alert-phase"))
    return str(next(tags)["code"])


def refused(error: Refused) -> str:
    """All that a refusal says."""
    return " ".join(problem.text for problem in error.problems)
