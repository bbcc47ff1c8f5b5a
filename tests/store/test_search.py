"""A search in SQL finds what a search in plain Python finds."""

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from models.errors import BadRequest
from models.resource_types import COMMON, TYPES, SearchParam
from models.search.filters import modifiers
from models.search.index import Indexed
from models.search.matching import Candidate, matches
from models.search.query import Query, parse, parse_all, parse_inside
from models.store import search
from models.store.ledger import Ledger
from models.store.reader import reader
from tests.store.rows import BASES, NOW, put
from tests.store.world import amount, date, observation, token, value, words, world

WHEN = datetime(2026, 1, 2, tzinfo=UTC)
SEARCHED = ("Observation", "Patient", "MedicationRequest")
JOINS = (
    ("Observation", "subject:Patient.name", "string"),
    ("Observation", "patient.identifier", "token"),
    ("Observation", "patient.birthdate", "date"),
    ("Observation", "patient.gender:not", "token"),
    ("Observation", "derived-from:Observation.code", "token"),
    ("MedicationRequest", "subject:Patient.family:contains", "string"),
    ("Patient", "_has:Observation:patient:code", "token"),
    ("Patient", "_has:Observation:subject:combo-value-quantity", "quantity"),
    ("Observation", "_has:Observation:derived-from:date", "date"),
)


def candidates(database: Engine, seed: int) -> dict[int, Candidate]:
    """The world in the database, and by change number as the oracle knows it."""
    docs = world(seed)
    rows = put(Ledger(database), docs)
    types = [doc["resourceType"] for doc in docs]
    return {
        seq: Candidate(type, id, seq, indexed)
        for type, (seq, (id, indexed)) in zip(types, rows.items(), strict=True)
    }


def asked(chance: random.Random, param: SearchParam) -> tuple[str, str]:
    """A parameter, with a modifier or without, and a value that means something to it."""
    kind = param.name if param.kind == "special" else param.kind
    modifier = chance.choice(("", "", *modifiers(param)))
    name = f"{param.name}:{modifier}" if modifier else param.name
    if modifier == "missing":
        return name, chance.choice(("true", "false"))
    given = {"text": words, "identifier": _identified, "of-type": _of_type}.get(modifier)
    if kind == "composite":
        return name, _pair(chance, param)
    number = chance.randint(1, 2)
    return name, ",".join(given(chance) if given else value(chance, kind) for _ in range(number))


def _identified(chance: random.Random) -> str:
    return chance.choice(("urn:s|85354-9", "8867-4", "urn:s|final"))


def _of_type(chance: random.Random) -> str:
    return chance.choice(("http://loinc.org|8867-4|85354-9", "http://snomed.info/sct|alert|final"))


def _pair(chance: random.Random, param: SearchParam) -> str:
    of = {"quantity": amount, "concept": token, "string": words, "date": date}[
        param.parts[0][1].rsplit("-", 1)[1]
    ]
    return f"{token(chance)}${of(chance)}"


def queries(chance: random.Random, number: int) -> Iterator[Query]:
    """Searches with one or two parameters, some of them with a chain or _has, some over several types."""
    for _ in range(number):
        type = chance.choice(SEARCHED)
        params = [*TYPES[type].params, *COMMON]
        pairs = [asked(chance, chance.choice(params)) for _ in range(chance.randint(1, 2))]
        if chance.random() < 0.2:
            type, name, kind = chance.choice(JOINS)
            pairs = [
                (name, value(chance, kind)),
                *([asked(chance, chance.choice(COMMON))] if len(pairs) > 1 else []),
            ]
        yield parse(TYPES[type], pairs, BASES, WHEN)
        if chance.random() < 0.1:
            given = [("_type", "Observation,MedicationRequest"), asked(chance, chance.choice(COMMON))]
            yield parse_all([*given, ("patient", "p1")], BASES, WHEN)
            yield parse_inside(chance.choice(("Patient/p1", "Patient/p9")), given, BASES, WHEN)


@pytest.mark.parametrize("seed", range(3))
def test_sql_and_plain_python_agree(database: Engine, seed: int) -> None:
    known = candidates(database, seed)
    hits = 0
    with Ledger(database).turn() as turn:
        for query in queries(random.Random(seed), 500):
            expected = {
                one.seq
                for one in known.values()
                if matches(query, one.id, one.seq, one.indexed, one.type, known.values())
            }
            assert {stored.seq for stored in turn.search(query, 100)} == expected, query.pairs
            hits += len(expected)
    assert hits > 2_000


async def _pages(database: Engine, query: Query) -> list[int]:
    """Every change number, page after page of seven."""
    seen: list[int] = []
    pages = reader(database.url)
    await pages.open()
    try:
        while True:
            rows = await pages.rows(*search.page(query, 7))
            found = search.versions(rows)
            if not found:
                return seen
            seen += [stored.seq for stored in found]
            query = query._replace(cursor=search.behind(rows[-1]))
    finally:
        await pages.close()


SORTS = (
    "_lastUpdated",
    "-_lastUpdated",
    "date",
    "-date",
    "_id",
    "-_id",
    "value-date,-date",
    "-date,_id",
    "date,-_lastUpdated",
)


@pytest.mark.parametrize("sort", SORTS)
def test_pages_hold_everything_once_in_order(database: Engine, sort: str) -> None:
    rows = put(
        Ledger(database),
        [observation(random.Random(9), at) for at in range(20)]
        + [observation(random.Random(at), 20 + at) for at in range(30)],
    )
    query = parse(TYPES["Observation"], [("_sort", sort)], BASES, WHEN)
    seen = asyncio.run(_pages(database, query))

    expected = sorted(rows, reverse=query.backwards)
    for key in reversed(query.keys):
        expected.sort(key=lambda seq: _place(rows[seq], key.by), reverse=key.descending)
    assert seen == expected


def _place(row: tuple[str, Indexed], by: str) -> Any:
    """Where a resource stands in the order of one key."""
    id, found = row
    if by == "extent":
        return min((e.low for e in found.extents if e.param == "Observation.valueDateTime"), default="")
    return id if by == "id" else found.span.low if found.span else search.NO_DATE


def test_a_statement_that_takes_too_long_is_refused(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("reader", "pool"):
        monkeypatch.setattr(f"models.store.{module}.MOST_SECONDS", 0.2)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"

    async def ask() -> None:
        pages = reader(database.url)
        await pages.open()
        try:
            await pages.rows(endless, {})
        finally:
            await pages.close()

    with pytest.raises(BadRequest) as refused:
        asyncio.run(ask())
    assert refused.value.problems[0].code == "too-costly"


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
