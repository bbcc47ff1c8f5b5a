"""Clients that keep the service waiting: the others are served, and the slow ones are let go."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.build import panel
from tests.in_process import application
from tests.limits.lines import PATIENCE, dripped, ended, line, refused
from tests.serving import serving

HEAD = b"GET /fhir/Patient HTTP/1.1\r\nHost: localhost\r\n"
BODY = b"POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
STARTS = (b"", b"GET /", HEAD, HEAD + b"X: ", BODY, BODY + b"{", b"\r\n")
CROWD = 500


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[httpx.Client]:
    """A service that waits for a second."""
    with application(f"sqlite:///{tmp_path / 'record.db'}", slow_seconds=1, keep_alive_seconds=1) as client:
        yield client


async def _one(port: int, start: bytes) -> bytes:
    """A connection that sends an octet every now and then; what it was sent until it was closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(start)
    answer = asyncio.create_task(reader.read())
    try:
        while not answer.done():
            await asyncio.wait([answer], timeout=1)
            if start and start != b"\r\n":
                writer.write(b"a")
        return answer.result()
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


async def _crowd(port: int) -> tuple[list[int], list[bytes]]:
    crowd = [asyncio.create_task(_one(port, STARTS[number % len(STARTS)])) for number in range(CROWD)]
    await asyncio.sleep(1)
    statuses = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
        for systolic in range(80, 100):
            statuses.append((await client.post("/fhir/Observation", json=panel(systolic, 50))).status_code)
            statuses.append((await client.get("/fhir/Observation")).status_code)
    return statuses, await asyncio.wait_for(asyncio.gather(*crowd), PATIENCE)


def test_a_crowd_of_slow_clients_keeps_nobody_from_being_served(sqlite_url: str, tmp_path: Path) -> None:
    with serving(sqlite_url, tmp_path / "log", slow_seconds=2) as service:
        statuses, answers = asyncio.run(_crowd(service.port))
        assert statuses == [201, 200] * 20
    assert len(answers) == CROWD
    told = {refused(answer)[0] for answer in answers if answer}
    assert told == {408}


def test_a_crowd_beyond_the_connections_that_there_are_gives_way(sqlite_url: str, tmp_path: Path) -> None:
    with serving(sqlite_url, tmp_path / "log", slow_seconds=3, max_connections=50) as service:
        statuses, answers = asyncio.run(_crowd(service.port))
        assert statuses == [201, 200] * 20
    assert len(answers) == CROWD


@pytest.mark.parametrize("start", [HEAD, HEAD + b"X: ", b"GET /"])
def test_a_head_that_drips_is_ended(quick: httpx.Client, start: bytes) -> None:
    with line(quick) as made:
        made.sendall(start)
        answer = dripped(made)
    if answer:
        status, text = refused(answer)
        assert (status, text) == (408, "timeout: Address and headers have to be here within 1 seconds.")


@pytest.mark.parametrize(
    "start", [BODY, BODY + b"{", BODY.replace(b"/fhir/Patient", b"/fhir/no/where/at/all/x")]
)
def test_a_body_that_drips_is_ended(quick: httpx.Client, start: bytes) -> None:
    with line(quick) as made:
        made.sendall(start)
        answer = dripped(made)
    assert answer.count(b"HTTP/1.1") <= 1
    if answer and b"404" not in answer.split(b"\r\n")[0]:
        assert refused(answer)[0] == 408


@pytest.mark.parametrize("start", [b"", b"\r\n", HEAD + b"\r\n", HEAD + b"\r\n\r\n"])
def test_a_connection_that_asks_nothing_more_is_closed(quick: httpx.Client, start: bytes) -> None:
    with line(quick) as made:
        made.sendall(start)
        answer = ended(made)
    assert answer.count(b"HTTP/1.1") == (1 if start.startswith(b"GET") else 0)


@pytest.mark.parametrize("first", [0, 5_000_000])
def test_a_reader_that_reads_no_more_is_let_go(quick: httpx.Client, first: int) -> None:
    large = {"resourceType": "Patient", "id": "p1", "name": [{"text": "x" * 1_000_000}] * 16}
    assert quick.put("/fhir/Patient/p1", content=json.dumps(large)).status_code == 201
    with line(quick, receive=4096) as made:
        made.sendall(b"GET /fhir/Patient/p1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        read = 0
        while read < first:
            read += len(made.recv(65536))
        for _ in range(3):  # each is closed only later than a reader that is looked at in the same rounds
            with line(quick) as other:
                other.sendall(b"G")
                ended(other)
        assert quick.get("/fhir/Patient?_summary=count").status_code == 200
        read += len(ended(made))
    assert first < read < 16_000_000


def test_what_came_quickly_buys_no_rest(quick: httpx.Client) -> None:
    """At MIN_RATE these octets would pay for a quarter of an hour."""
    with line(quick) as made:
        made.sendall(BODY.replace(b"100000", b"2000000") + b" " * 1_000_000)
        assert refused(ended(made))[0] == 408


def test_a_slow_line_that_brings_enough_is_waited_for(tmp_path: Path) -> None:
    body = json.dumps({"resourceType": "Patient", "id": "p1"}).encode()
    with (
        application(f"sqlite:///{tmp_path / 'record.db'}", slow_seconds=2, min_rate=1) as client,
        line(client) as made,
    ):
        made.sendall(b"PUT /fhir/Patient/p1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n")
        made.sendall(b"Content-Length: %d\r\n\r\n" % (len(body) + 15 * 10))
        for _ in range(15):
            made.sendall(b" " * 10)
            time.sleep(0.2)
        made.sendall(body)
        assert ended(made).startswith(b"HTTP/1.1 201")


def test_where_all_connections_work_one_more_is_told_so(tmp_path: Path) -> None:
    with (
        application(f"sqlite:///{tmp_path / 'record.db'}", max_connections=1) as client,
        line(client) as made,
    ):
        made.sendall(BODY + b"{")
        with line(client) as other:
            status, text = refused(ended(other))
        assert (status, text.split(":")[0]) == (503, "transient")
