"""A search in SQL finds what a search in plain Python finds."""

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from models.resource_types import TYPES
from models.search.cursor import Cursor
from models.search.matching import matches
from models.search.query import Query, parse
from models.store import search
from models.store.ledger import Ledger
from models.store.reader import reader
from models.stored import Stored
from tests.store.rows import BASES, NOW, put

WHEN = datetime(2026, 1, 2, tzinfo=UTC)
SYSTEMS = ("http://loinc.org", "http://snomed.info/sct", None)
CODES = ("85354-9", "8867-4", "alert", "final", "a,b", "c|d", "x" * 300)
TIMES = (
    "2025",
    "2025-12",
    "2025-12-31",
    "2025-12-31T10:00:00Z",
    "2025-12-31T10:00:00.250+01:00",
    "2026-01-01",
)
PATIENTS = (
    "Patient/p1",
    "Patient/p2",
    "http://test/fhir/Patient/p1",
    "http://other/fhir/Patient/p1/_history/3",
)
PREFIXES = ("", "eq", "ne", "gt", "ge", "lt", "le", "sa", "eb", "ap")


def observation(chance: random.Random, at: int) -> dict[str, Any]:
    """An Observation with every searched element sometimes there."""

    def concept() -> dict[str, Any]:
        coding = [
            {k: v for k, v in (("system", chance.choice(SYSTEMS)), ("code", chance.choice(CODES))) if v}
            for _ in range(chance.randint(1, 2))
        ]
        return {"coding": coding}

    doc: dict[str, Any] = {
        "resourceType": "Observation",
        "id": f"o{at}",
        "status": chance.choice(("final", "amended")),
    }
    optional = {
        "code": concept(),
        "category": [concept()],
        "subject": {"reference": chance.choice(PATIENTS)},
        "effectiveDateTime": chance.choice(TIMES),
        "identifier": [{"system": "urn:s", "value": chance.choice(CODES)}, {"value": "bare"}],
        "derivedFrom": [{"reference": f"Observation/o{chance.randint(0, 9)}"}],
        "meta": {"tag": [{"code": "new"}]},
    }
    if chance.random() < 0.2:
        del optional["effectiveDateTime"]
        optional["effectivePeriod"] = {"start": "2025-12-31T09:00:00Z"}
    return doc | {key: value for key, value in optional.items() if chance.random() < 0.8}


def pair(chance: random.Random) -> tuple[str, str]:
    """A parameter and a value that means something to it."""

    def escaped(code: str) -> str:
        return code.replace(",", "\\,").replace("|", "\\|")

    name = chance.choice(
        (
            "code",
            "category",
            "status",
            "identifier",
            "date",
            "patient",
            "subject",
            "derived-from",
            "_id",
            "_tag",
            "_lastUpdated",
        )
    )
    values = []
    for _ in range(chance.randint(1, 2)):
        system, code = (
            chance.choice((*SYSTEMS, "urn:s")) or "",
            escaped(chance.choice((*CODES, "new", "bare"))),
        )
        values.append(
            {
                "date": chance.choice(PREFIXES) + chance.choice(TIMES),
                "_lastUpdated": chance.choice(PREFIXES)
                + f"2026-01-01T00:00:00.0000{chance.randint(10, 60)}Z",
                "patient": chance.choice(PATIENTS).replace("Patient/p2", "p2"),
                "subject": chance.choice(PATIENTS),
                "derived-from": f"Observation/o{chance.randint(0, 9)}",
                "_id": f"o{chance.randint(0, 70)}",
            }.get(
                name, chance.choice((code, f"{system}|{code}", f"{system}|" if system else code, f"|{code}"))
            )
        )
    return name, ",".join(values)


@pytest.mark.parametrize("seed", range(3))
def test_sql_and_plain_python_agree(database: Engine, seed: int) -> None:
    chance = random.Random(seed)
    ledger = Ledger(database)
    rows = put(ledger, [observation(chance, at) for at in range(60)])
    hits = 0
    with ledger.turn() as turn:
        for _ in range(250):
            query = parse(
                TYPES["Observation"], [pair(chance) for _ in range(chance.randint(1, 2))], BASES, WHEN
            )
            expected = {seq for seq, (id, found) in rows.items() if matches(query, id, seq, found)}
            assert {stored.seq for stored in turn.search(query, 100)} == expected, query.pairs
            hits += len(expected)
    assert hits > 500


async def _pages(database: Engine, query: Query) -> list[int]:
    """Every change number, page after page of seven."""
    seen: list[int] = []
    pages = reader(database.url)
    await pages.open()
    try:
        while True:
            rows = await pages.rows(*search.page(query, 7))
            found = [Stored(*row[2:]) for row in rows if row[2] is not None]
            if not found:
                return seen
            seen += [stored.seq for stored in found]
            last = found[-1]
            key = (
                last.seq if query.sort == "_lastUpdated" else search.NO_DATE if last.low is None else last.low
            )
            query = query._replace(cursor=Cursor(rows[0][0], key, last.seq))
    finally:
        await pages.close()


@pytest.mark.parametrize("sort", ["_lastUpdated", "-_lastUpdated", "date", "-date"])
def test_pages_hold_everything_once_in_order(database: Engine, sort: str) -> None:
    rows = put(
        Ledger(database),
        [observation(random.Random(9), at) for at in range(20)]
        + [observation(random.Random(at), 20 + at) for at in range(30)],
    )
    query = parse(TYPES["Observation"], [("_sort", sort)], BASES, WHEN)
    seen = asyncio.run(_pages(database, query))

    def order(seq: int) -> tuple[int, int]:
        span = rows[seq][1].span
        return (seq if "_last" in sort else span.low if span else search.NO_DATE, seq)

    assert seen == sorted(rows, key=order, reverse=sort.startswith("-"))


def test_an_empty_page_still_tells_where_the_feed_stands(database: Engine) -> None:
    put(Ledger(database), [{"resourceType": "Patient", "id": "p1"}])
    query = parse(TYPES["Observation"], [("category", "alert")], BASES, WHEN)

    async def first() -> tuple[Any, ...]:
        pages = reader(database.url)
        await pages.open()
        rows = await pages.rows(*search.page(query, 7))
        await pages.close()
        return tuple(rows[0])

    epoch, seq, *rest = asyncio.run(first())
    assert (len(epoch), seq, set(rest)) == (32, NOW + 1, {None})
