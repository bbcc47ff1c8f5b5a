"""Addresses and headers that do not end."""

import socket
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


BODY = b'{"resourceType":"Patient"}'
UPGRADES = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
    b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nConnection: Upgrade, HTTP2-Settings\r\n",
)


def post(body: bytes, more: bytes = b"") -> bytes:
    """A request to write a patient."""
    head = b"POST /fhir/Patient HTTP/1.1\r\nHost: h\r\nContent-Type: application/fhir+json\r\n"
    return head + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize("upgrade", UPGRADES)
def test_a_wish_for_another_protocol_is_passed_over(narrow: httpx.Client, upgrade: bytes) -> None:
    """Java's client asks for HTTP/2 with its first request, and that has a body."""
    with line(narrow) as made:
        made.sendall(
            post(BODY, upgrade) * 3 + START + upgrade + b"\r\n" + START + b"Connection: close\r\n\r\n"
        )
        answer = ended(made)
    assert (answer.count(b"HTTP/1.1 201"), answer.count(b"HTTP/1.1 200")) == (3, 2)


@pytest.mark.parametrize("upgrade", UPGRADES)
def test_a_body_behind_a_wish_for_another_protocol_is_no_request(
    narrow: httpx.Client, upgrade: bytes
) -> None:
    inside = b"GET /fhir/smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
    head = post(inside, upgrade).removesuffix(inside)
    with line(narrow) as made:
        made.sendall(head)
        assert narrow.get("/fhir/Patient").status_code == 200  # it was read by itself
        made.sendall(inside + START + b"Connection: close\r\n\r\n")
        answer = ended(made)
    assert b"smuggled" not in answer
    assert (answer.count(b"HTTP/1.1 400"), answer.count(b"HTTP/1.1 200")) == (1, 1)


@pytest.mark.parametrize(
    ("request_line", "text"),
    [
        (b"GET http://h?name=x HTTP/1.1", "no valid HTTP"),
        (b"GET https://h:99999/fhir/Patient HTTP/1.1", "no valid HTTP"),
        (b"CONNECT h:443 HTTP/1.1", "CONNECT asks a proxy"),
        (b"CONNECT /fhir/Patient HTTP/1.1", "CONNECT asks a proxy"),
        (b"GET /fhir/Patient HTTP/1.1\r\nHost: i", "Host stands more than once"),
        (b"GET /fhir/Patient HTTP/1.1\r\n\r\nGET /fhir/Patient HTTP/1.0", "Host stands nowhere"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused(
    narrow: httpx.Client, request_line: bytes, text: str
) -> None:
    for before in (b"", START + b"\r\n"):
        with line(narrow) as made:
            if before:
                made.sendall(before)
                assert made.recv(65536).startswith(b"HTTP/1.1 200")
            made.sendall(request_line + b"\r\nHost: h\r\n\r\n")
            status, told = refused(ended(made))
        assert (status, text in told) == (400, True)


def test_a_client_of_http_1_0_need_not_name_a_host(narrow: httpx.Client) -> None:
    """So do probes of some proxies ask."""
    with line(narrow) as made:
        made.sendall(b"GET /health/live HTTP/1.0\r\n\r\n")
        assert b" 200 " in ended(made).partition(b"\r\n")[0]


def test_no_refusal_stands_in_the_place_of_another_answer(narrow: httpx.Client) -> None:
    """The first of two requests is kept; what is wrong with the second must not be told of the first."""
    broken = b"POST /fhir/Patient HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"
    with line(narrow) as made:
        made.sendall(post(BODY) + broken)
        assert b"HTTP/1.1 400" not in ended(made).partition(b"\r\n")[0]


def test_a_client_that_has_said_all_is_answered(narrow: httpx.Client) -> None:
    with line(narrow) as made:
        made.sendall(post(BODY) * 2)
        made.shutdown(socket.SHUT_WR)
        assert ended(made).count(b"HTTP/1.1 201") == 2
