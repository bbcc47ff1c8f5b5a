"""Where notifications may go: public hosts by https, and what the site allows beside them.

Whoever may write a Subscription makes this service send requests. It must not be led to what its network alone can
reach: neighbours, the machine itself, the metadata service of a cloud.
"""

import ipaddress
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LONGEST = 2_000
"""Characters of an endpoint."""
SCHEMES = {"https": 443, "http": 80}


class Endpoint(NamedTuple):
    """The parts of an endpoint that decide whether it is allowed."""

    scheme: str
    host: str
    port: int


class Endpoints(NamedTuple):
    """What is allowed beside public hosts by https: names (`*.` in front for all below), and networks of addresses."""

    names: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()

    def refusal(self, url: str) -> str:
        """Why no notification may be sent to a URL; "" where nothing in it is against it."""
        try:
            endpoint = split(url)
        except ValueError as error:
            return str(error)
        address = _address(endpoint.host)
        if address is not None:
            return self.closed(endpoint, address)
        if endpoint.scheme == "http" and not self._names(endpoint.host) and not self.networks:
            return "it goes over http, which the site has allowed for no host: use https."
        return ""

    def closed(self, endpoint: Endpoint, address: Address) -> str:
        """Why no connection may be made to an address that the endpoint's host has; "" where it may."""
        if self._names(endpoint.host) or any(address in network for network in self.networks):
            return ""
        if endpoint.scheme == "http":
            return "it goes over http, which the site has not allowed for this host: use https."
        if not _public(address):
            return "its host has no public address, and the site has not allowed it."
        return ""

    def _names(self, host: str) -> bool:
        return any(host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in self.names)


ANYWHERE = Endpoints(networks=(ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")))
"""For reading what is kept, where nothing is sent."""


def read(text: str) -> Endpoints:
    """What a setting allows, separated by commas: names, `*.` names, addresses, networks. Raises ValueError."""
    names, networks = [], []
    for part in filter(None, (part.strip().lower() for part in text.split(","))):
        try:
            networks.append(ipaddress.ip_network(part))
        except ValueError:
            if not _is_name(part.removeprefix("*.")):
                raise ValueError(f"{part!r} is no host, *.host, address or network") from None
            names.append(part)
    return Endpoints(tuple(names), tuple(networks))


def split(url: str) -> Endpoint:
    """The parts of a URL. Raises ValueError for one that no request could go to."""
    if not url.isprintable() or " " in url:
        raise ValueError("a blank or a control character stands in it.")
    parts = _parts(url)
    if parts.scheme not in SCHEMES:
        raise ValueError("it is no https URL.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a name or password stands in it; send credentials in channel.header.")
    if parts.fragment:
        raise ValueError("a fragment stands in it, which no request carries.")
    host = (parts.hostname or "").rstrip(".")
    if len(url) > LONGEST or "%" in host or not (_is_name(host) or _address(host)):
        raise ValueError("it names no host.")
    return Endpoint(parts.scheme, host, SCHEMES[parts.scheme] if parts.port is None else parts.port)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.port != 0:
            return parts
    except ValueError:
        pass
    raise ValueError("its host or its port is none: a port is a number from 1 to 65535.")


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _public(address: Address) -> bool:
    """An address of the whole internet; what an IPv6 address carries inside counts too."""
    inside: Sequence[Address | None] = ()
    if isinstance(address, ipaddress.IPv6Address):
        if not (address in _UNICAST or address in _NAT64):
            return False
        teredo = address.teredo or (None, None)
        inside = (address.sixtofour, teredo[1], _translated(address))
    return all(_global(one) for one in (address, *inside) if one is not None)


def _global(address: Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not any(address in network for network in _RESERVED)
    )


_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that is given out for the internet: https://www.iana.org/assignments/ipv6-address-space."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address."""
_RESERVED = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "3fff::/20"))
)
"""What Python's `is_global` takes for public, older releases more of it: of the protocols themselves, of relays, of
examples; and the one address through which machines of Azure reach their host."""


def _translated(address: ipaddress.IPv6Address) -> Address | None:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _is_name(host: str) -> bool:
    """A host name of letters and digits; one whose last part is a number would be taken for an address."""
    labels = host.split(".")
    sound = all(0 < len(one) < 64 and one.replace("-", "a").replace("_", "a").isalnum() for one in labels)
    return sound and host.isascii() and len(host) < 254 and not labels[-1][0].isdigit()
