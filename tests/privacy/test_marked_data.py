"""Whatever is sent, and whatever fails: the process writes nothing of it but into its database."""

import base64
import http.client
import itertools
import socket
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import psycopg

from tests.privacy.marked import BROKEN, MARK, Sent, addresses, bodies, headers, hooks, kept, mark
from tests.serving import Service, serving

DATABASE = "clonidine-watch.db"
FORMS = (
    MARK.encode(),
    base64.b64encode(MARK.encode() * 3),
    MARK.encode("utf-16-le"),
    MARK.encode().hex().encode(),
)
FAILING = {
    "sqlite": (
        "CREATE TRIGGER broken BEFORE INSERT ON version BEGIN SELECT RAISE(ABORT, 'broken'); END",
        "DROP TABLE token",
    ),
    "postgresql": (
        "ALTER TABLE version ADD CONSTRAINT broken CHECK (length(content) < 0) NOT VALID",
        "ALTER TABLE token RENAME TO elsewhere",
    ),
}
"""What makes a write fail with the whole row in its message, and a search with its values."""


def _send(service: Service, requests: Iterable[Sent]) -> Counter[int]:
    """How often each status was answered."""
    found: Counter[int] = Counter()
    with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)) as line:
        for sent in requests:
            try:
                found[_asked(line, sent)] += 1
            except ConnectionError:  # on a busy machine the sender was too slow for the service
                line.close()
                found[_asked(line, sent)] += 1
    return found


def _asked(line: http.client.HTTPConnection, sent: Sent) -> int:
    line.putrequest(sent.method, sent.path, skip_host="Host" in sent.headers, skip_accept_encoding=True)
    if "Transfer-Encoding" not in sent.headers:
        line.putheader("Content-Length", str(len(sent.body)))
    for name, value in sent.headers.items():
        line.putheader(name, value)
    line.endheaders(sent.body)
    answer = line.getresponse()
    answer.read()
    return answer.status


def _break_off(service: Service) -> None:
    for text in BROKEN:
        with socket.create_connection(("127.0.0.1", service.port), timeout=30) as line:
            line.sendall(text.format(mark()).encode())
            line.shutdown(socket.SHUT_WR)
            line.recv(65536)


def _execute(database_url: str, statement: str) -> None:
    if database_url.startswith("sqlite"):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=60)) as connection:
            connection.execute(statement)
            connection.commit()
    else:
        with psycopg.connect(database_url) as connection:
            connection.execute(statement.encode())


def _written(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """What lies in the folder that it was started in, but for its database; its output among it."""
    for file in folder.rglob("*"):
        if file.is_file() and not file.name.startswith(DATABASE):
            yield file, file.read_bytes().lower()


def test_nothing_that_was_sent_is_written_but_into_the_database(database_url: str, tmp_path: Path) -> None:
    format = "text" if database_url.startswith("sqlite") else "json"
    named = {
        "log_level": "debug",
        "log_format": format,
        "log_key": "0123456789abcdef",
        "rate_limit": 1_000_000,
    }
    with serving(database_url, tmp_path / "log", **named, slow_seconds=1) as service:
        _break_off(service)
        found = _send(
            service,
            itertools.chain(kept(), addresses(), headers(), hooks(), itertools.islice(bodies(), 0, None, 6)),
        )
        assert found[500] == found[503] == 0
        assert {200, 201, 400, 404, 405, 406, 415, 422} <= found.keys()
        engine = database_url.partition(":")[0]
        for statement in FAILING[engine]:
            _execute(database_url, statement)
            broken = _send(service, [*itertools.islice(kept(), 60), *itertools.islice(addresses(), 60, 120)])
            assert broken[500] + broken[503] > 20
        with urlopen(f"{service.url}/metrics", timeout=60) as answer:
            (tmp_path / "metrics").write_bytes(answer.read())
        assert service.stop() == 0
    names = [file.name for file, _ in _written(tmp_path)]
    assert {"log", "metrics"} <= {*names}
    for file, text in _written(tmp_path):
        assert [form for form in FORMS if form.lower() in text] == [], file
    if engine == "sqlite":  # what the search above looks for is there to be found
        assert MARK.encode() in (tmp_path / DATABASE).read_bytes()
    told = service.log.read_text()
    assert "a transaction failed" in told
    assert told.count("/fhir/{type}") > 1_000
