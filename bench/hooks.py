"""Endpoints of Subscriptions: most take what they are sent at once, some refuse, are silent or slow."""

import asyncio
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import cast

import uvloop

from bench.servers import free_port

COMMITTED = re.compile(rb'"lastUpdated":"([^"]+)"')
TAKEN = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
SLOW = 5.0
"""Seconds that a slow endpoint takes; as many as a client has that gives it ten."""


class Hooks(threading.Thread):
    """Endpoints below one port; `delays` are the seconds from each alert's commit until it was here."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.port = free_port()
        self.delays: list[float] = []
        self._listening, self._ended = threading.Event(), asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._silent = socket.create_server(("127.0.0.1", 0), backlog=1)

    def run(self) -> None:
        uvloop.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await self._loop.create_server(lambda: Hook(self.delays), "127.0.0.1", self.port)
        self._listening.set()
        async with server:
            await self._ended.wait()

    def living(self, number: int) -> str:
        return f"http://127.0.0.1:{self.port}/living-{number}"

    def dead(self, number: int) -> str:
        """One that refuses, is silent or slow, in turn."""
        ports = (free_port(), self._silent.getsockname()[1], self.port)
        return f"http://127.0.0.1:{ports[number % 3]}/slow-{number}"

    @contextmanager
    def open(self) -> Iterator["Hooks"]:
        self.start()
        self._listening.wait(60)
        try:
            yield self
        finally:
            assert self._loop
            self._loop.call_soon_threadsafe(self._ended.set)
            self.join(60)
            self._silent.close()


class Hook(asyncio.Protocol):
    """One connection."""

    def __init__(self, delays: list[float]) -> None:
        self._delays, self._got = delays, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return
        length = re.search(rb"(?i)content-length: *([0-9]+)", self._got[:end])
        if len(self._got) < end + 4 + (int(length[1]) if length else 0):
            return
        head, body = self._got[:end], self._got[end + 4 :]
        self._got = b""
        if b" /slow-" in head[:40]:
            asyncio.get_running_loop().call_later(SLOW, self._answer)
            return
        if found := COMMITTED.search(body):
            self._delays.append(time.time() - datetime.fromisoformat(found[1].decode()).timestamp())
        self._answer()

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(TAKEN)
