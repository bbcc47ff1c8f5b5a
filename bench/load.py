"""A closed-loop load generator that leaves the processor to the server.

Every connection sends its next request as soon as the answer to the last one is complete; nothing is parsed
beyond the status and the content length.
"""

import asyncio
import http.client
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import uvloop

LENGTH = b"content-length:"


class NotMeasured(Exception):
    """A figure that cannot be had here; the message says why."""


@dataclass
class Run:
    """What one run saw: seconds of latency an answer, the run's length, and every answer that was not 2xx."""

    latencies: list[float] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    @property
    def cpu_a_request(self) -> float:
        """Processor seconds of the server a good answer, its worker processes included."""
        return self.cpu / len(self.latencies) if self.latencies else 0.0

    def percentile(self, share: float) -> float:
        """The latency in seconds below which `share` of the answers stayed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    @property
    def p50(self) -> float:
        return statistics.median(self.latencies) if self.latencies else float("nan")

    @property
    def p99(self) -> float:
        return self.percentile(0.99)


class Connection(asyncio.Protocol):
    """One keep-alive connection with one request under way."""

    def __init__(self, requests: Iterator[bytes], run: Run, deadline: float) -> None:
        self.requests, self.run, self.deadline = requests, run, deadline
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.got = b""
        self.sent = 0.0  # 0: no answer is awaited

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)  # uvloop's is none by inheritance
        self.send()

    def send(self) -> None:
        request = next(self.requests, None) if time.perf_counter() < self.deadline else None
        if request is None:
            self.transport.close()
            return
        self.sent = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.got = self.got + data if self.got else data
        if not complete(self.got):
            return
        if self.got[9:10] == b"2":
            self.run.latencies.append(time.perf_counter() - self.sent)
        else:
            self.run.errors.append(self.got)
        self.got, self.sent = b"", 0.0
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.sent:
            self.run.errors.append(self.got or f"connection lost: {exc!r}".encode())
        if not self.done.done():
            self.done.set_result(None)


def complete(answer: bytes) -> bool:
    """Whether a whole answer of a server that states its content length has arrived."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    at = answer.find(LENGTH, 0, end)
    if at < 0:
        at = answer[:end].lower().find(LENGTH)
    if at < 0:
        return True
    length = answer[at + len(LENGTH) : answer.index(b"\r", at)]
    return len(answer) >= end + 4 + int(length)


async def _drive(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Run:
    run, loop = Run(), asyncio.get_running_loop()
    start = time.perf_counter()
    opened = [
        await loop.create_connection(lambda: Connection(requests, run, start + seconds), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in opened))
    run.seconds = time.perf_counter() - start
    return run


def drive(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Run:
    """Keep `connections` busy for `seconds`, or until `requests` ends, and report what was seen."""
    return uvloop.run(_drive(port, requests, connections, seconds))


def ask(port: int, method: str, path: str, body: bytes = b"") -> bytes:
    """One plain request for preparing a measurement; NotMeasured if the status is not 2xx."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        connection.request(method, path, body or None, {"Content-Type": "application/fhir+json"})
        response = connection.getresponse()
        answer = response.read()
    finally:
        connection.close()
    if response.status // 100 != 2:
        raise NotMeasured(f"{method} {path} was answered {response.status}: {answer[:600]!r}")
    return answer
