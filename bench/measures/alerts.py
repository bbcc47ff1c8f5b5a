"""What an alert takes until an engine has it, and what engines that poll cost those who write.

Two engines follow the alerts while panels are posted, one in twenty below the limits: as consumers, whose position the
service writes down, or by cursor links, which change nothing. An engine asks again at once while there is more, and a
twentieth of a second after an empty page.
"""

import http.client
import json
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

from bench.contest import Contest, Figures, Row
from bench.load import NotMeasured, Run
from bench.stage import CONNECTIONS, Stage

NAMES = ("east", "west")
PAUSE = 0.05
FEW = 4
"""Connections of a ward that is not at its limit."""
WAYS = {
    "consumers": ("POST", "/$poll?consumer=engine-{name}&_count=100"),
    "cursors": ("GET", "/Observation?category=alert&_sort=_lastUpdated&_count=100&_lastUpdated=gt{since}"),
}


class Engine(threading.Thread):
    """Follows the alerts; `delays` are the seconds from each one's commit until it was here."""

    def __init__(self, port: int, method: str, path: str) -> None:
        super().__init__(daemon=True)
        self._port, self._method, self._path = port, method, path
        self.ended = threading.Event()
        self.ready = threading.Event()
        self.delays: list[float] = []
        self.trouble = ""

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            while not self.ended.is_set():
                if not self._page(connection):
                    self.ready.set()
                    self.ended.wait(PAUSE)
        except (OSError, ValueError, LookupError, http.client.HTTPException) as error:
            self.trouble = repr(error)
        finally:
            self.ready.set()
            connection.close()

    def _page(self, connection: http.client.HTTPConnection) -> int:
        """Fetch a page and go on behind it; how many alerts it held."""
        connection.request(self._method, self._path)
        page = json.loads(connection.getresponse().read())
        here = time.time()
        links = {link["relation"]: link["url"] for link in page["link"]}
        place = urlsplit(links.get("next") or links["monitor"])
        self._path = f"{place.path}?{place.query}"
        found = [entry["resource"]["meta"]["lastUpdated"] for entry in page.get("entry", ())]
        self.delays += [here - datetime.fromisoformat(at).timestamp() for at in found]
        return len(found)


@contextmanager
def engines(port: int, base: str, way: str) -> Iterator[list[Engine]]:
    """Engines that have caught up with what there is."""
    method, path = WAYS[way]
    since = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    made = [Engine(port, method, base + path.format(name=name, since=since)) for name in NAMES]
    for engine in made:
        engine.start()
    for engine in made:
        engine.ready.wait(60)
        engine.delays.clear()
    try:
        yield made
    finally:
        for engine in made:
            engine.ended.set()
        for engine in made:
            engine.join(60)


def posted(stage: Stage, database: str, way: str, connections: int) -> tuple[Run, list[Engine]]:
    """Panels while the engines follow."""
    party = stage.party("service", database)
    with engines(party.server.port, party.server.kind.base, way) as followers:
        run = party.drive(party.posts(), stage.seconds, connections, "write")
        time.sleep(4 * PAUSE)  # for the alerts of the last readings
    if trouble := [engine.trouble for engine in followers if engine.trouble]:
        raise NotMeasured(f"an engine failed: {trouble[0]}")
    return run, followers


def written(stage: Stage, way: str, database: str = "sqlite", connections: int = CONNECTIONS) -> Figures:
    """What the panels took."""
    return Figures.of(posted(stage, database, way, connections)[0])


def fetched(stage: Stage, way: str, database: str = "sqlite", connections: int = FEW) -> Figures:
    """What the alerts took from their commit until they were with an engine."""
    delays = sorted(
        delay for engine in posted(stage, database, way, connections)[1] for delay in engine.delays
    )
    if not delays:
        raise NotMeasured("no alert was fetched")
    p99 = delays[min(len(delays) - 1, int(0.99 * len(delays)))]
    return Figures(len(delays) / stage.seconds / len(NAMES), statistics.median(delays), p99)


CONTEST = Contest(
    "alerts",
    {
        "posts, engines by cursor": partial(written, way="cursors"),
        "posts, engines as consumers": partial(written, way="consumers"),
        "posts at 4 connections, SQLite": partial(written, way="consumers", connections=FEW),
        "alerts to consumers, SQLite": partial(fetched, way="consumers"),
        "posts at 4 connections, PostgreSQL": partial(
            written, way="consumers", database="postgresql", connections=FEW
        ),
        "alerts to consumers, PostgreSQL": partial(fetched, way="consumers", database="postgresql"),
    },
    (
        Row("consumers-posts", "POST panel, 32 connections, SQLite, two engines polling as consumers, against cursors",
            0.9, 1, "rate", "posts, engines as consumers", "posts, engines by cursor"),
        Row("committed-p99", "reading sent until its alerts are committed and answered, 4 connections, SQLite: p99",
            100, 50, "p99", "posts at 4 connections, SQLite", unit="ms", scale=1e3),
        Row("fetched-p99", "alert committed until an engine has it that asks 20 times a second, SQLite: p99",
            200, 100, "p99", "alerts to consumers, SQLite", unit="ms", scale=1e3),
        Row("committed-p99-postgresql", "reading sent until its alerts are answered, on PostgreSQL: p99",
            100, 50, "p99", "posts at 4 connections, PostgreSQL", unit="ms", scale=1e3),
        Row("fetched-p99-postgresql", "alert committed until an engine has it, on PostgreSQL: p99",
            200, 100, "p99", "alerts to consumers, PostgreSQL", unit="ms", scale=1e3),
    ),
)  # fmt: skip
