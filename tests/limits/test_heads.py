"""Addresses and headers that do not end."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.in_process import application
from tests.limits.lines import ended, line, refused

MOST = 8192
START = b"GET /fhir/Patient HTTP/1.1\r\nHost: h\r\n"


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[httpx.Client]:
    """A service with low limits."""
    settings = {"max_header_bytes": MOST, "max_body_bytes": 1024}
    with application(f"sqlite:///{tmp_path / 'record.db'}", **settings) as client:
        yield client


@pytest.mark.parametrize(
    "head",
    [
        b"GET /fhir/Patient?name=" + b"x" * MOST + b" HTTP/1.1\r\nHost: h\r\n\r\n",
        START + b"X: " + b"x" * MOST + b"\r\n\r\n",
        START + b"x" * MOST + b": x\r\n\r\n",
        START + b"X: x\r\n" * (MOST // 5) + b"\r\n",
        START + b"X: " + b"x" * (2 << 20),
        b"GET /" + b"x" * (2 << 20),
        START + b"X" * (2 << 20),
    ],
    ids=["address", "value", "name", "many", "endless value", "endless address", "endless name"],
)
def test_a_head_beyond_the_limit_is_refused(narrow: httpx.Client, head: bytes) -> None:
    with line(narrow) as made:
        with suppress(ConnectionResetError, BrokenPipeError):
            made.sendall(head)
        answer = ended(made)
    if answer:  # what was sent behind the refusal can have the connection reset before it is read
        status, text = refused(answer)
        assert (status, text.split(":")[0]) == (431, "too-long")
    else:
        assert len(head) > 1 << 20
    assert narrow.get("/fhir/Patient").status_code == 200


def test_a_head_within_the_limit_is_read(narrow: httpx.Client) -> None:
    assert narrow.get("/fhir/Patient", headers={"X": "x" * (MOST - 1000)}).status_code == 200
    assert narrow.get("/fhir/Patient", headers={"X": "x" * MOST}).status_code == 431
    assert narrow.get("/fhir/Patient?name=" + "x" * MOST).status_code == 431


def test_a_large_body_counts_for_no_head(narrow: httpx.Client) -> None:
    for size in (900, 1024, MOST * 2, MOST * 100):
        answer = narrow.post("/fhir/Patient", content=b"x" * size)
        assert answer.status_code == (400 if size <= 1024 else 413)
        narrow.cookies.clear()


def test_a_request_behind_a_body_has_its_own_head(narrow: httpx.Client) -> None:
    body = b"POST /fhir/Patient HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000
    with line(narrow) as made:
        made.sendall(body * 20 + START + b"Connection: close\r\n\r\n")
        answer = ended(made)
    assert answer.count(b"HTTP/1.1 400") == 20
    assert answer.count(b"HTTP/1.1 200") == 1


def test_trailers_are_no_headers(narrow: httpx.Client) -> None:
    head = (
        b"POST /fhir/Patient HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    chunks = b"2\r\n{}\r\n0\r\nIf-None-Exist: identifier=a|b\r\nX-Request-ID: %s\r\n\r\n" % (b"a" * 32)
    with line(narrow) as made:
        made.sendall(head + chunks)
        answer = ended(made)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"a" * 32 not in answer


@pytest.mark.parametrize("rest", [b"0\r\nX: ", b"1;"], ids=["trailer", "chunk extension"])
def test_what_surrounds_a_body_ends_too(narrow: httpx.Client, rest: bytes) -> None:
    head = b"POST /fhir/nowhere/a/b/c/d HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    with line(narrow) as made:
        made.sendall(head + rest)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            made.sendall(b"x" * (64 << 20))


@pytest.mark.parametrize(
    "header",
    [
        b"X-Request-ID: a\r\n b", b"Host: h\r\nHost: i", b"X: a\x00b", b"X\x0b: a", b"X: a\nSet-Cookie: b", b": a",
        b"Content-Length: 1\r\nContent-Length: 2", b"Content-Length: -1",
        b"Content-Length: 1\r\nTransfer-Encoding: chunked",
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_not_answered_in_two(narrow: httpx.Client, header: bytes) -> None:
    with line(narrow) as made:
        made.sendall(b"GET /fhir/Patient HTTP/1.1\r\nHost: h\r\n" + header + b"\r\nConnection: close\r\n\r\n")
        answer = ended(made)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"set-cookie" not in answer.lower()
