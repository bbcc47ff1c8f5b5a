"""A connection to an endpoint: one request after the other, and of each answer no more than its status and Retry-After.

Our own protocol around the parser that uvicorn uses, and no library's client: at hundreds of endpoints the pool of
httpcore took ten times the processor (docs/adr/0012-connections-to-endpoints.md).
"""

import asyncio
from typing import NamedTuple, cast

import httptools

MOST_READ = 64 * 1024
"""Octets of an answer that are read before the connection is given up."""
PATIENCE = 1.0
"""Seconds that the rest of an answer may take whose status is known."""


class Broken(Exception):
    """The connection gave no answer; the message says why."""


class Answer(NamedTuple):
    """The status, and the text of Retry-After."""

    status: int
    after: str


class Connection(asyncio.Protocol):
    """`open`: until either side closes it."""

    def __init__(self) -> None:
        self.open = False
        self._read = 0
        self._after = b""
        self._answered: asyncio.Future[Answer] | None = None
        self._ended: asyncio.Future[None] | None = None

    async def exchange(self, request: bytes) -> Answer:
        """Send a request; the answer as soon as its head is here. Raises Broken."""
        loop = asyncio.get_running_loop()
        self._parser, self._read, self._after = httptools.HttpResponseParser(self), 0, b""
        self._answered, self._ended = loop.create_future(), loop.create_future()
        if not self.open:
            raise Broken("The connection broke before an answer came.")
        try:
            self._transport.write(request)
            return await self._answered
        except BaseException:
            self.close()
            raise

    async def rest(self) -> None:
        """Wait for the rest of the answer, for so long as the connection is worth it."""
        assert self._ended, "exchange() comes first"
        try:
            if not self._ended.done():
                await asyncio.wait([self._ended], timeout=PATIENCE)
        finally:
            if not self._ended.done():
                self.close()
            self._answered = self._ended = None

    def close(self) -> None:
        """Let go of it; what was written stays written."""
        self.open = False
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As asyncio calls it."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self.open = True

    def data_received(self, data: bytes) -> None:
        """As asyncio calls it."""
        if self._answered is None:  # nobody asked
            self.close()
            return
        self._read += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._lost("The answer was no HTTP, or none came.")
        if self._read > MOST_READ:
            self._lost("The head of the answer is too long.")

    def connection_lost(self, exc: Exception | None) -> None:
        """As asyncio calls it."""
        self._lost("The connection broke before an answer came.")

    def on_header(self, name: bytes, value: bytes) -> None:
        """As httptools calls it."""
        if name.lower() == b"retry-after":
            self._after = value

    def on_headers_complete(self) -> None:
        """As httptools calls it."""
        status = self._parser.get_status_code()
        if status >= 200 and self._answered and not self._answered.done():
            self._answered.set_result(Answer(status, self._after.decode("latin-1").strip()))

    def on_message_complete(self) -> None:
        """As httptools calls it; an answer before the answer, such as 100, ends here too."""
        if self._answered and self._answered.done() and self._ended and not self._ended.done():
            self._ended.set_result(None)
            if not self._parser.should_keep_alive():
                self.close()

    def _lost(self, why: str) -> None:
        self.close()
        if self._answered and not self._answered.done():
            self._answered.set_exception(Broken(why))
        if self._ended and not self._ended.done():
            self._ended.set_result(None)
