"""The forms that the texts of settings have: each reader gives the value, or a ValueError that says what is wrong."""

import ipaddress
import re
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from service.delivery import endpoints

WHOLE = re.compile("[+-]?[0-9]{1,40}")
SHOWN = 80
"""Characters of a text that is quoted."""
LEAST_SECRET = 32
"""Characters of a key that nobody guesses."""
HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9._-]+)?")
ORIGIN = re.compile(r"https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def read(text: str) -> int:
        if not WHOLE.fullmatch(text.strip()):
            raise ValueError(f"{text[:SHOWN]!r} is no whole number; give one in {least} to {most}")
        value = int(text)
        if not least <= value <= most:
            raise ValueError(f"{value} is not in {least} to {most}")
        return value

    return read


def one_of(*allowed: str) -> Callable[[str], str]:
    """One of these words."""

    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{text!r} is none of {', '.join(allowed)}")
        return text

    return read


def url(text: str) -> str:
    """The URL of a service, without a slash at its end; or nothing."""
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{text!r} is no http or https URL with a host, such as https://watch.example.org")
    if parts.query or parts.fragment or parts.username or " " in text:
        raise ValueError(f"{text!r} is more than scheme, host, port and path")
    if text.rstrip("/").endswith("/fhir"):
        raise ValueError(f"{text!r} ends with /fhir, which is added: leave it out")
    return text.rstrip("/")


def hosts(text: str) -> str:
    """Hosts and networks that Subscriptions may name."""
    endpoints.read(text)
    return text


def secret(text: str) -> str:
    """A key that signatures are made from; or nothing."""
    if text and len(text) < LEAST_SECRET:
        raise ValueError(f"a key of {len(text)} characters can be guessed; give {LEAST_SECRET} or more")
    return text


def telemetry(text: str) -> str:
    """Where traces go; what sends them has to be installed."""
    if one_of("none", "otlp")(text) == "otlp" and not find_spec("opentelemetry"):
        raise ValueError(
            "OpenTelemetry is not installed: `make telemetry`, or pip install 'clonidine-watch[telemetry]'"
        )
    return text


def file(text: str) -> str:
    """The path of a file that is there; or nothing."""
    try:
        there = not text or Path(text).is_file()
    except (OSError, ValueError):  # a name that no file can have
        there = False
    if not there:
        raise ValueError(f"there is no file {text[:SHOWN]}")
    return text


def origins(text: str) -> str:
    """Origins of pages in browsers, separated by commas."""
    for origin in listed(text):
        if not ORIGIN.fullmatch(origin):
            raise ValueError(f"{origin!r} is no origin such as https://ward.example")
    return text


def proxies(text: str) -> str:
    """Addresses and networks of proxies, separated by commas, or `*`."""
    for proxy in listed(text):
        try:
            if proxy != "*":
                ip_network(proxy)
        except ValueError as error:
            raise ValueError(f"{proxy[:SHOWN]!r} is no address or network such as 10.20.0.0/16") from error
    return text


def host(text: str) -> str:
    """An address, or the name of one."""
    if not HOST.fullmatch(text):
        raise ValueError(
            f"{text[:SHOWN]!r} is no address or name of this machine, such as 127.0.0.1 or ::1; without port or scheme"
        )
    return text


def key(text: str) -> str:
    """A key for hashes, of 16 to 64 octets; or nothing."""
    if text and not 16 <= len(text.encode()) <= 64:
        raise ValueError("it needs 16 to 64 octets")
    return text


@lru_cache(maxsize=1_000)
def loopback(host: str) -> bool:
    """Whether a name or an address is this machine's own, which nobody else reaches."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listed(text: str) -> tuple[str, ...]:
    """The parts of a setting that is a list, separated by commas."""
    return tuple(part for part in map(str.strip, text.split(",")) if part)
