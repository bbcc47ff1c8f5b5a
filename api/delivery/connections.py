"""Connections to endpoints: only to addresses that the site allows, whatever a name leads to; kept for a while."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from api.delivery.connection import Connection
from service.delivery.endpoints import Address, Endpoint, Endpoints

MOST, MOST_IDLE = 600, 300
"""Connections in use, and kept for later; together with the readings' they fit into 1,024 open files."""
IDLE_SECONDS = 30.0
LOOKUPS = 64
"""Names that are looked up at once, each once: a name server that is slow for some keeps no other waiting."""


class Closed(Exception):
    """No connection may be made; the message says why."""


class Connections:
    """Those of a process; the address that was checked is the one that is connected to."""

    def __init__(self, allowed: Endpoints) -> None:
        self._allowed = allowed
        self._lookups = ThreadPoolExecutor(LOOKUPS, "lookup")
        self._under_way: dict[Endpoint, asyncio.Future[Sequence[Address]]] = {}
        self._idle: dict[Endpoint, list[tuple[Connection, asyncio.TimerHandle]]] = {}
        self._kept = 0
        self._trusted: ssl.SSLContext | None = None
        self.places = asyncio.Semaphore(MOST)

    def close(self) -> None:
        """Let go of all that are kept, and wait for no look-up any more."""
        for endpoint in [*self._idle]:
            while connection := self.kept(endpoint):
                connection.close()
        self._lookups.shutdown(wait=False, cancel_futures=True)

    def kept(self, endpoint: Endpoint) -> Connection | None:
        """One that was kept and is still open."""
        there = self._idle.get(endpoint, [])
        found = None
        while there and not found:
            connection, timer = there.pop()
            timer.cancel()
            self._kept -= 1
            found = connection if connection.open else None
        if not there:
            self._idle.pop(endpoint, None)
        return found

    def keep(self, endpoint: Endpoint, connection: Connection) -> None:
        """Have it ready for the next request, if that comes soon."""
        if not connection.open:
            return
        if self._kept >= MOST_IDLE:
            connection.close()
            return
        timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._expire, endpoint, connection)
        self._idle.setdefault(endpoint, []).append((connection, timer))
        self._kept += 1

    def _expire(self, endpoint: Endpoint, connection: Connection) -> None:
        connection.close()
        left = [one for one in self._idle.pop(endpoint, []) if one[0] is not connection]
        self._kept -= 1
        if left:
            self._idle[endpoint] = left

    async def made(self, endpoint: Endpoint) -> Connection:
        """A new one, to the first address that takes it. Raises Closed, OSError."""
        loop = asyncio.get_running_loop()
        secure = (
            {"ssl": self._trust(), "server_hostname": endpoint.host} if endpoint.scheme == "https" else {}
        )
        failed = OSError("the name has no address")
        for address in await self._addresses(endpoint):
            try:
                made = await loop.create_connection(Connection, str(address), endpoint.port, **secure)  # type: ignore[call-overload]
            except OSError as error:
                failed = error
            else:
                connection: Connection = made[1]
                return connection
        raise failed

    def _trust(self) -> ssl.SSLContext:
        """The authorities of the web, and those that the machine knows beside them: a hospital has its own.

        httpx knows them; it is loaded by the first https endpoint, since a start without one is a tenth quicker."""
        if self._trusted is None:
            import httpx

            self._trusted = httpx.create_ssl_context()
            self._trusted.load_default_certs()
        return self._trusted

    async def _addresses(self, endpoint: Endpoint) -> Sequence[Address]:
        """Every address of a name, if all may be connected to: one that may not would be the next to be tried."""
        if endpoint not in self._under_way:
            found = asyncio.get_running_loop().run_in_executor(self._lookups, _look_up, endpoint)
            self._under_way[endpoint] = found
            found.add_done_callback(lambda _: self._under_way.pop(endpoint))
        addresses = await asyncio.shield(self._under_way[endpoint])
        for address in addresses:
            if why := self._allowed.closed(endpoint, address):
                raise Closed(why)
        return addresses


def _look_up(endpoint: Endpoint) -> Sequence[Address]:
    try:
        rows = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except UnicodeError:
        return ()
    return [*dict.fromkeys(ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows)]
