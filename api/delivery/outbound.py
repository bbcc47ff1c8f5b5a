"""Sending notifications: only to endpoints that the site allows, whatever their names lead to.

httpcore, which httpx is built on, and not httpx itself: its network layer can be given, so that the address that was
checked is the one that is connected to; it follows no redirects, reads no proxy from the environment, and takes half
the time.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpcore

from api.delivery.signature import signature
from api.metrics import NOTIFICATIONS
from service.delivery.endpoints import SCHEMES, Address, Endpoint, Endpoints, split
from service.delivery.notification import Notification, Undelivered

MOST_CONNECTIONS = 1_000
IDLE_SECONDS = 30
LOOKUPS = 32
"""Names that are looked up at once: a name server that is slow for some keeps no other waiting."""
MOST_READ = 64 * 1024
"""Octets of an answer that are read before the connection is given up."""


class _Closed(Exception):
    """No connection may be made; the message says why."""


class Outbound:
    """A `Sender`: `allowed` are the endpoints, `secret` the key that signatures are made from, "" for none."""

    def __init__(self, allowed: Endpoints, secret: str, clock: Callable[[], datetime]) -> None:
        self._secret, self._clock = secret, clock
        self._networks = {scheme: Network(allowed, scheme) for scheme in SCHEMES}
        self._pools: dict[str, httpcore.AsyncConnectionPool] = {}

    async def close(self) -> None:
        """Let go of every connection."""
        for pool in self._pools.values():
            await pool.aclose()
        for network in self._networks.values():
            network.close()

    async def __call__(self, subscription: str, notification: Notification) -> None:
        """Send it. Raises Undelivered unless the answer is 2xx."""
        try:
            async with asyncio.timeout(notification.timeout):
                status, after = await self._answer(subscription, notification)
        except (TimeoutError, httpcore.TimeoutException):
            raise self._failed("timeout", f"No answer within {notification.timeout:g} seconds.") from None
        except _Closed as error:
            raise self._failed("closed", f"No request goes to this endpoint: {error}") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ssl.SSLError) as error:
            raise self._failed("unreachable", _unreachable(error)) from None
        if not 200 <= status < 300:
            raise self._failed("refused", f"The endpoint answered {status}.", after)
        NOTIFICATIONS.labels("taken").inc()

    async def _answer(self, subscription: str, notification: Notification) -> tuple[int, float]:
        """The status, and the seconds that the endpoint asks to be left in peace for."""
        made = [("User-Agent", "clonidine-watch"), ("Content-Length", str(len(notification.body)))]
        signed = signature(self._secret, subscription, notification, self._clock())
        async with self._pool(notification.url).stream(
            notification.method,
            notification.url,
            headers=[*notification.headers, *made, *signed],
            content=notification.body,
        ) as answer:
            read = 0
            async for part in answer.aiter_stream():
                read += len(part)
                if read > MOST_READ:
                    break
            return answer.status, self._after(dict(answer.headers))

    def _pool(self, url: str) -> httpcore.AsyncConnectionPool:
        scheme = split(url).scheme
        if scheme not in self._pools:
            self._pools[scheme] = httpcore.AsyncConnectionPool(
                ssl_context=httpcore.default_ssl_context() if scheme == "https" else None,
                max_connections=MOST_CONNECTIONS,
                max_keepalive_connections=MOST_CONNECTIONS,
                keepalive_expiry=IDLE_SECONDS,
                network_backend=self._networks[scheme],
            )
        return self._pools[scheme]

    def _after(self, headers: dict[bytes, bytes]) -> float:
        """Retry-After, in seconds."""
        told = next((value for name, value in headers.items() if name.lower() == b"retry-after"), b"")
        text = told.decode("latin-1").strip()
        if text.isdigit():
            return float(text[:9])
        try:
            return (parsedate_to_datetime(text) - self._clock()).total_seconds()
        except (ValueError, TypeError):
            return 0

    def _failed(self, outcome: str, why: str, after: float = 0) -> Undelivered:
        NOTIFICATIONS.labels(outcome).inc()
        return Undelivered(why, after)


class Network(httpcore.AsyncNetworkBackend):
    """Connects to the addresses of a host that are allowed, and to no others."""

    def __init__(self, allowed: Endpoints, scheme: str) -> None:
        self._allowed, self._scheme = allowed, scheme
        self._inner = httpcore.AnyIOBackend()
        self._lookups = ThreadPoolExecutor(LOOKUPS, "lookup")

    def close(self) -> None:
        """Wait for no look-up any more."""
        self._lookups.shutdown(wait=False, cancel_futures=True)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that takes one."""
        addresses = await self._addresses(host, port)
        for at, address in enumerate(addresses, 1):
            try:
                return await self._inner.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if at == len(addresses):
                    raise
        raise httpcore.ConnectError("the name has no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """No endpoint is a socket of this machine."""
        raise _Closed("it is no host.")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[Address]:
        """Every address of a name, if all may be connected to: one that may not would be the next to be tried."""
        name = host.strip("[]")
        found = await asyncio.get_running_loop().run_in_executor(self._lookups, _look_up, name, port)
        for address in found:
            if why := self._allowed.closed(Endpoint(self._scheme, name.lower(), port), address):
                raise _Closed(why)
        return found


def _look_up(host: str, port: int) -> list[Address]:
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [*dict.fromkeys(ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows)]


def _unreachable(error: Exception) -> str:
    """Why no connection came about, without the words of a library."""
    causes = {
        socket.gaierror: "The host's name is not known.",
        ssl.SSLError: "The certificate or the TLS of the endpoint cannot be trusted.",
        ConnectionRefusedError: "The endpoint refuses connections.",
        httpcore.ReadError: "The connection broke before an answer came.",
        httpcore.RemoteProtocolError: "The answer was no HTTP, or none came.",
    }
    seen: BaseException | None = error
    while seen is not None:
        for kind, text in causes.items():
            if isinstance(seen, kind):
                return text
        seen = seen.__cause__ or seen.__context__
    return "The endpoint could not be reached."
