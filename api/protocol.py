"""HTTP/1.1 as uvicorn speaks it, with bounds: on the octets before a body, and on how long a client may take.

It refuses in FHIR's words, as every other refusal of this service is made.
"""

import asyncio
import logging
from enum import Enum
from http import HTTPStatus
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.connections import Connections
from api.errors import outcome, status
from models.errors import BadRequest, HeadTooLarge, Refused, TooLarge, TooSlow, Unavailable
from models.fhir.codec import dump
from models.problem import Problem

log = logging.getLogger(__name__)
_NO_HTTP = (
    "The request is no valid HTTP: write what is no plain ASCII in an address in percent-encoding (%20 for a blank, "
    "%C3%A9 for \u00e9), and give Content-Length once, as a number."
)
_HOSTS = "Host stands more than once in the head of the request; send it once."
_NO_HOST = "Host stands nowhere in the head of the request, and HTTP/1.1 asks for it; send it once."
_CONNECT = "CONNECT asks a proxy for a connection, and this is none; send the request itself."
_FULL = "All connections of this service are in use; send the request again."


class Part(Enum):
    """What of a request is being received."""

    NOTHING = 0
    HEAD = 1
    BODY = 2


class Bounded(HttpToolsProtocol):
    """One connection."""

    def __init__(self, connections: Connections, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._all = connections
        self._part, self._asked = Part.NOTHING, False
        self._since = self.loop.time()
        self._octets = self._chunk = self._came = 0
        self._most = connections.head
        self._unread: tuple[float, int] | None = None
        self._refusal: Refused | None = None
        self._last = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Make room, or refuse."""
        super().connection_made(transport)
        if not self._all.add(self, self.loop):
            self._hang_up(Unavailable(_FULL))

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to look at any more."""
        self._all.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes of one part of a request."""
        self._chunk = len(data)
        self._octets += self._chunk
        self._unset_keepalive_if_required()
        rest = memoryview(data)
        while rest and not self.transport.is_closing():
            rest = self._read(rest)
        if self._octets > self._most and self._part is not Part.NOTHING and not self.transport.is_closing():
            self._hang_up(self._too_large())

    def on_message_begin(self) -> None:
        """The first octet of a request."""
        self._enter(Part.HEAD, self._all.head)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Head and body part here; trailers behind a body are no headers and lead nowhere."""
        if self._octets + self._chunk > self._all.head and self._head() > self._all.head:
            self._refusal = self._too_large()
            raise HttpParserError
        hosts = [name for name, _ in self.headers].count(b"host")
        if hosts != 1 and (hosts or self.parser.get_http_version() == "1.1"):
            self._refusal = BadRequest([Problem("invalid", _HOSTS if hosts else _NO_HOST, rule="http")])
            raise HttpParserError
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                self._refusal = BadRequest([Problem("not-supported", _CONNECT, rule="http")])
                raise HttpParserError
            return
        super().on_headers_complete()
        self._enter(Part.BODY, self._all.wire)
        self._asked, self.headers = True, []

    def on_body(self, body: bytes) -> None:
        """Some of what the request brings."""
        self._came += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is here; one that asks for another protocol is read again, and has not begun."""
        if self.parser.should_upgrade():
            return
        self._part = Part.NOTHING
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """From now on the client is waited for."""
        if self._part is Part.NOTHING:
            self._since = self.loop.time()
        super().on_response_complete()
        if self._last and not self._busy():
            self.transport.close()

    def eof_received(self) -> bool:  # type: ignore[override]
        """A client that will ask nothing more still waits for what it has asked."""
        self._last = self._part is Part.NOTHING and self._busy()
        return self._last

    def send_400_response(self, msg: str) -> None:
        """What follows cannot be told apart."""
        self._hang_up(self._refusal or BadRequest([Problem("invalid", _NO_HTTP, rule="http")]))

    def look(self, now: float) -> None:
        """End what is too slow: in asking, or in reading the answer."""
        if self._unread_too_long(now):
            self.transport.abort()
        elif self.transport.is_closing():
            return
        elif (self._part is not Part.BODY and self._busy()) or self.flow.read_paused:
            self._since, self._came = now, 0
        elif self._part is Part.NOTHING:
            if now - self._since > (self._all.idle if self._asked else self._all.seconds):
                self.transport.close()
        elif now - self._since > self._all.seconds:
            if self._part is Part.HEAD or self._came < self._all.rate * (now - self._since):
                self._hang_up(self._too_slow())
            self._since, self._came = now, 0  # what came quickly buys no rest

    def waiting(self) -> float | None:
        """Since when the next request is waited for."""
        return None if self._busy() or self._part is Part.BODY else self._since

    def give_way(self) -> None:
        """Close at once: there may be many like it."""
        self.transport.abort()

    def _read(self, data: memoryview) -> memoryview:
        """Read what came; what is left of it behind a head that asks for another protocol.

        A server may go on as if it had not been asked (https://www.rfc-editor.org/rfc/rfc9110#section-7.8). The parser
        cannot: it would take the body, which no longer is one to it, for the next request.
        """
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as end:
            head = self._head_without(b"upgrade")
            self.parser = HttpRequestParser(self)
            self._read(memoryview(head))
            return data[end.args[0] :]
        except HttpParserError:
            log.warning("a request is no valid HTTP")
            self.send_400_response("")
        return data[:0]

    def _head_without(self, left_out: bytes) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [b"%s: %s" % pair for pair in self.headers if pair[0] != left_out]
        first = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)
        return b"\r\n".join([first, *lines, b"", b""])

    def _enter(self, part: Part, most: int) -> None:
        self._part, self._most, self._since, self._octets, self._came = part, most, self.loop.time(), 0, 0

    def _busy(self) -> bool:
        return self._asked and not self.cycle.response_complete

    def _head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _unread_too_long(self, now: float) -> bool:
        """Whether the client reads an answer too slowly; each answer has its own time."""
        size = self.transport.get_write_buffer_size()
        if not size:
            self._unread = None
            return False
        since, before = self._unread or (now, size)
        late = now - since > self._all.seconds
        slow = before - size < self._all.rate * (now - since)
        self._unread = (now, size) if late or size > before else (since, before)
        return late and slow and size <= before

    def _too_large(self) -> Refused:
        if self._part is Part.HEAD:
            return HeadTooLarge(
                f"Address and headers are larger than the {self._all.head} octets allowed together; search by POST "
                "to _search, whose body may be longer."
            )
        return TooLarge(
            f"The body takes more than {self._all.wire} octets on its way; send it in larger chunks."
        )

    def _too_slow(self) -> Refused:
        if self._part is Part.HEAD:
            return TooSlow(f"Address and headers have to be here within {self._all.seconds} seconds.")
        return TooSlow(f"A body has to bring {self._all.rate} octets in a second; send the request again.")

    def _hang_up(self, error: Refused) -> None:
        """Refuse, where that cannot be taken for the answer to another request, and close."""
        here = self._part is Part.BODY
        if not (self.pipeline or self.cycle.response_started) if here else not self._busy():
            code = status(error)
            body = dump(outcome(error.problems))
            head = (
                f"HTTP/1.1 {code} {HTTPStatus(code).phrase}\r\ncontent-type: application/fhir+json; charset=utf-8\r\n"
                f"content-length: {len(body)}\r\ncache-control: no-store\r\nconnection: close\r\n"
                + ("retry-after: 1\r\n" if isinstance(error, Unavailable) else "")
                + "\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.close()
