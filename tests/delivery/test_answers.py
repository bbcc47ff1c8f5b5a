"""What endpoints answer, octet by octet, and what a connection that was kept is worth."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from api.clock import now
from api.delivery import connections
from api.delivery.outbound import Outbound
from service.delivery.endpoints import read
from service.delivery.notification import Notification, Undelivered

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
PATIENCE = 20.0


def _says(*parts: bytes, then_waits: bool = False) -> Behaviour:
    """Each part to a request of its own; then the connection is closed, or nothing more said on it."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(part)
        if then_waits:
            await reader.read()

    return behave


async def _floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, begin: bytes) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(begin)
    while True:
        writer.write(b"x-more: and more\r\n" * 100)
        await writer.drain()


async def _endless_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _floods(reader, writer, b"HTTP/1.1 200 OK\r\n\r\n")


async def _endless_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _floods(reader, writer, b"HTTP/1.1 200 OK\r\n")


def _sent(behaviour: Behaviour, times: int = 1, scheme: str = "http") -> tuple[list[str], int]:
    """Why each of so many notifications was not taken ("" where it was), and the connections that were made."""

    async def run() -> tuple[list[str], int]:
        made: list[asyncio.StreamWriter] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            made.append(writer)
            try:
                await behaviour(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        sender = Outbound(read("127.0.0.0/8"), "", now)
        try:
            return [await _why(sender, url) for _ in range(times)], len(made)
        finally:
            sender.close()
            server.close()
            for writer in made:
                writer.close()

    return asyncio.run(asyncio.wait_for(run(), PATIENCE))


async def _why(sender: Outbound, url: str, within: float = 10) -> str:
    try:
        await sender("s1", Notification("n1", "POST", url, (), b"", within))
    except Undelivered as failure:
        return str(failure)
    return ""


def test_a_connection_is_kept_for_the_next_request() -> None:
    assert _sent(_says(OK, OK, OK, then_waits=True), 3) == (["", "", ""], 1)


def test_an_idle_connection_that_the_endpoint_closes_is_no_failure() -> None:
    """Whether that is seen before the next request is written or after."""
    assert _sent(_says(OK), 3) == (["", "", ""], 3)


def test_a_kept_connection_that_breaks_on_the_next_request_is_no_failure() -> None:
    assert _sent(_says(OK, b""), 3) == (["", "", ""], 3)


def test_a_new_connection_that_breaks_is_one() -> None:
    assert _sent(_says(b"")) == (["The connection broke before an answer came."], 1)


TAKEN = {
    "a body that never ends": _endless_body,
    "a body that does not come": _says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", then_waits=True),
    "a body that breaks off": _says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
    "a body until the end": _says(b"HTTP/1.1 200 OK\r\n\r\nabc"),
    "an answer before the answer": _says(b"HTTP/1.1 100 Continue\r\n\r\n" + OK),
    "a connection that ends": _says(b"HTTP/1.0 204 No Content\r\n\r\n"),
}


@pytest.mark.parametrize("answer", TAKEN)
def test_an_endpoint_that_said_2xx_has_taken_it(answer: str) -> None:
    assert _sent(TAKEN[answer])[0] == [""]


REFUSED = {
    "no HTTP": (_says(b"220 mail.example.org ESMTP\r\n\r\n"), "The answer was no HTTP, or none came."),
    "a head that never ends": (_endless_head, "The head of the answer is too long."),
    "a redirect": (_says(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"), "The endpoint answered 302."),
    "another protocol": (
        _says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
        "The answer was no HTTP, or none came.",
    ),
}


@pytest.mark.parametrize("answer", REFUSED)
def test_any_other_answer_is_none(answer: str) -> None:
    behaviour, why = REFUSED[answer]
    assert _sent(behaviour)[0] == [why]


def test_an_endpoint_without_tls_is_not_trusted() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    (why,), _ = _sent(plain, scheme="https")
    assert why == "The certificate or the TLS of the endpoint cannot be trusted."


def test_a_name_that_is_slow_to_look_up_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is asked for: with two look-ups at once, many of the slow name leave one for the other."""
    looked_up = threading.Event()

    def look_up(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        if host == "slow.example.org":
            looked_up.wait(PATIENCE)
        return []

    monkeypatch.setattr(connections, "LOOKUPS", 2)
    monkeypatch.setattr(connections.socket, "getaddrinfo", look_up)

    async def run() -> str:
        sender = Outbound(read(""), "", now)
        slow = [asyncio.create_task(_why(sender, "https://slow.example.org/", 0.5)) for _ in range(9)]
        await asyncio.sleep(0)
        quick = await _why(sender, "https://quick.example.org/")
        assert set(await asyncio.gather(*slow)) == {"No answer within 0.5 seconds."}
        looked_up.set()
        sender.close()
        return quick

    assert asyncio.run(run()) == "The endpoint could not be reached."
