"""Reads over 32 connections: by id, a search of 20 entries, and polls that find nothing."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from typing import Any
from urllib.parse import quote, urlsplit

from bench import ward
from bench.contest import Contest, Figures, Row
from bench.load import NotMeasured
from bench.stage import CONNECTIONS, Party, Stage, raw_request

READER = "reader"  # a patient with ENTRIES readings and nothing else
ENTRIES = 20
BY_PATIENT = f"/Observation?patient=Patient/{READER}"
NEWS = "/Observation?category=alert&_sort=_lastUpdated&_count=100"

Paths = Callable[[Party, Stage], list[str]]  # what is asked of a server


def searchset(party: Party, stage: Stage) -> list[dict[str, Any]]:
    """The reader's readings as this server finds them, written when it is first asked."""
    if READER not in party.warm:
        party.warm.add(READER)
        for resource in ward.stay(READER, stage.now, 1 + ward.DOSES + ENTRIES):
            if resource.pop("id") and resource["resourceType"] == "Observation":
                party.ask("POST", "/Observation", ward.body(resource))
    found: list[dict[str, Any]] = json.loads(party.ask("GET", BY_PATIENT))["entry"]
    if len(found) != ENTRIES:
        raise NotMeasured(f"{len(found)} entries found where {ENTRIES} were written")
    return [entry["resource"] for entry in found]


def asked(paths: Paths, party: Party, stage: Stage) -> Iterator[bytes]:
    return cycle([raw_request("GET", path) for path in paths(party, stage)])


def read(stage: Stage, paths: Paths, name: str, engine: str = "sqlite") -> Figures:
    """Requests for the paths of this server in turn."""
    party = stage.party(name, engine)
    requests = asked(paths, party, stage)
    return Figures.of(party.drive(requests, stage.seconds, CONNECTIONS, paths.__name__))


def one(party: Party, stage: Stage) -> list[str]:
    return ["/Observation/any"]


def each(party: Party, stage: Stage) -> list[str]:
    base = party.server.kind.base
    return [f"{base}/Observation/{resource['id']}" for resource in searchset(party, stage)]


def search(party: Party, stage: Stage) -> list[str]:
    searchset(party, stage)
    return [party.server.kind.base + BY_PATIENT]


def poll(party: Party, stage: Stage) -> list[str]:
    """The poll of a client that has seen everything so far."""
    newest = json.loads(party.ask("GET", "/Observation?_sort=-_lastUpdated&_count=1"))
    seen = newest["entry"][0]["resource"]["meta"]["lastUpdated"]
    return [f"{party.server.kind.base}{NEWS}&_lastUpdated=gt{quote(seen)}"]


def cursor(party: Party, stage: Stage) -> list[str]:
    """The link that the last page of the same poll gives to come back to."""
    path = poll(party, stage)[0].removeprefix(party.server.kind.base)
    links = {link["relation"]: link["url"] for link in json.loads(party.ask("GET", path))["link"]}
    place = urlsplit(links["monitor"])
    return [f"{place.path}?{place.query}"]


GET = Contest(
    "get",
    {
        "service on SQLite": partial(read, paths=each, name="service"),
        "service on PostgreSQL": partial(read, paths=each, name="service", engine="postgresql"),
        "fhirstarter": partial(read, paths=each, name="fhirstarter"),
        "bare FastAPI": partial(read, paths=one, name="bare"),
    },
    (
        Row("get-fhirstarter", "GET by id, 32 connections, SQLite, against fhirstarter",
            7, 20, "rate", "service on SQLite", "fhirstarter"),
        Row("get-bare", "GET by id, SQLite, against bare FastAPI returning bytes",
            0.6, 0.8, "rate", "service on SQLite", "bare FastAPI"),
        Row("get-bare-postgresql", "the same on PostgreSQL",
            0.6, 0.8, "rate", "service on PostgreSQL", "bare FastAPI"),
    ),
)  # fmt: skip

SEARCH = Contest(
    "search",
    {
        "service on SQLite": partial(read, paths=search, name="service"),
        "service on PostgreSQL": partial(read, paths=search, name="service", engine="postgresql"),
        "fhirstarter": partial(read, paths=search, name="fhirstarter"),
    },
    (
        Row("search-fhirstarter", "search of 20 entries, SQLite, against fhirstarter",
            100, 300, "rate", "service on SQLite", "fhirstarter"),
        Row("search-fhirstarter-postgresql", "the same on PostgreSQL",
            100, 300, "rate", "service on PostgreSQL", "fhirstarter"),
    ),
)  # fmt: skip

TURNS = {
    f"{what}, {engine}": partial(read, paths=paths, name="service", engine=engine.lower())
    for engine in ("SQLite", "PostgreSQL")
    for what, paths in (("poll", poll), ("cursor", cursor), ("GET by id", each))
}

POLL = Contest(
    "poll",
    TURNS,
    (
        Row("poll-get", "poll that finds nothing, SQLite, against GET by id",
            0.7, 1, "rate", "poll, SQLite", "GET by id, SQLite"),
        Row("poll-cursor", "the same through the cursor link",
            0.7, 1, "rate", "cursor, SQLite", "GET by id, SQLite"),
        Row("poll-get-postgresql", "poll that finds nothing, PostgreSQL, against GET by id",
            0.7, 1, "rate", "poll, PostgreSQL", "GET by id, PostgreSQL"),
        Row("poll-cursor-postgresql", "the same through the cursor link",
            0.7, 1, "rate", "cursor, PostgreSQL", "GET by id, PostgreSQL"),
    ),
)  # fmt: skip
