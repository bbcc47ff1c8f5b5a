"""Where requests may go: nobody can make this service ask its own network."""

import asyncio

import httpx
import pytest

from api.clock import now
from api.delivery import connections
from api.delivery.outbound import Outbound
from service.delivery.endpoints import read
from service.delivery.notification import Notification, Undelivered
from tests.delivery.subscribing import subscription

REFUSED = [
    "http://engine.example.org/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://10.0.0.8/",
    "https://172.16.4.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://224.0.0.1/",
    "https://[::1]/",
    "https://[::]/",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[::7f00:1]/",
    "https://[::ffff:0:7f00:1]/",
    "https://[fec0::1]/",
    "https://[64:ff9b:1::7f00:1]/",
    "https://[3fff::1]/",
    "https://[5f00::1]/",
    "https://[2600::1%lo]/",
    "https://[2600::1%\u00e9]/",
    "https://192.0.0.192/",
    "https://192.88.99.1/",
    "https://168.63.129.16/",
    "https://\uff11\uff12\uff17.0.0.1/",
    "https://engine\u3002example\u3002org/",
    "https://engine.example.org\\@127.0.0.1/",
    "https://engine.example.org:0/",
    "https://engine.example.org:443:80/",
    "https://user:secret@engine.example.org/",
    "https://engine.example.org/#there",
    "https:///nowhere",
    "https://engine..example.org/",
    "https://engine.example.org:99999/",
    "ftp://engine.example.org/",
    "file:///etc/passwd",
    "gopher://engine.example.org/",
    "engine.example.org",
    "urn:oid:1.2.3",
]
ALLOWED = ["https://engine.example.org/hook", "https://8.8.8.8/", "https://engine.example.org:8443/a?key=1"]


@pytest.mark.parametrize("url", REFUSED)
def test_an_endpoint_inside_is_refused(url: str) -> None:
    assert read("").refusal(url)


@pytest.mark.parametrize("place", ["x\r\nX-Header: y", "a\tb", "a b", "a\u2028b", "a\x00"])
def test_what_would_end_a_line_of_a_request_is_refused(place: str) -> None:
    assert "control character" in read("").refusal(f"https://engine.example.org/{place}")


@pytest.mark.parametrize("url", ALLOWED)
def test_a_public_endpoint_is_taken(url: str) -> None:
    assert read("").refusal(url) == ""


@pytest.mark.parametrize(
    ("allowed", "url", "taken"),
    [
        ("engine.hospital.example", "http://engine.hospital.example/", True),
        ("engine.hospital.example", "http://other.hospital.example/", False),
        ("*.hospital.example", "http://engine.hospital.example/", True),
        ("*.hospital.example", "http://hospital.example/", False),
        ("*.hospital.example", "http://evilhospital.example/", False),
        ("10.20.0.0/16", "http://10.20.3.4/", True),
        ("10.20.0.0/16", "http://10.21.3.4/", False),
        ("10.20.0.0/16", "https://10.21.3.4/", False),
        ("fd00::/8, localhost", "http://localhost:9000/", True),
        ("10.20.0.5", "http://10.20.0.5:9000/", True),
    ],
)
def test_a_site_allows_hosts_and_networks(allowed: str, url: str, taken: bool) -> None:
    assert (read(allowed).refusal(url) == "") is taken


@pytest.mark.parametrize("text", ["10.20.0.0/99", "https://engine.example.org", "a b", "*", "10.20.3.4/16"])
def test_a_setting_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no host"):
        read(text)


@pytest.mark.parametrize("url", REFUSED)
def test_no_subscription_names_it(sqlite_client: httpx.Client, url: str) -> None:
    answer = sqlite_client.post("/fhir/Subscription", json=subscription(url))
    assert answer.status_code == 422, answer.text
    assert "Subscription.channel.endpoint" in [issue["expression"][0] for issue in answer.json()["issue"]]


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize(
    ("allowed", "addresses"),
    [("", ["127.0.0.1"]), ("", ["8.8.8.8", "10.0.0.1"]), ("10.0.0.0/8", ["127.0.0.1"])],
)
def test_a_name_that_leads_inside_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, scheme: str, allowed: str, addresses: list[str]
) -> None:
    """Whatever it led to when the Subscription was written: the address that is checked is the one connected to."""
    rows = [(2, 1, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(connections.socket, "getaddrinfo", lambda *_, **__: rows)
    connected: list[str] = []

    async def connect(_: object, __: object, host: str, *___: object, **____: object) -> None:
        connected.append(host)
        raise OSError("no network in tests")

    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", connect)

    async def send() -> None:
        sender = Outbound(read(allowed), "", now)
        try:
            await sender("s1", Notification("n1", "POST", f"{scheme}://rebound.example.org/", (), b"", 5))
        finally:
            sender.close()

    with pytest.raises(Undelivered, match="No request goes to this endpoint"):
        asyncio.run(send())
    assert connected == []


def test_no_words_of_the_network_reach_the_subscription(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise connections.socket.gaierror(-2, "secret.internal: no such host")

    monkeypatch.setattr(connections.socket, "getaddrinfo", unknown)

    async def send() -> None:
        sender = Outbound(read(""), "", now)
        await sender("s1", Notification("n1", "POST", "https://engine.example.org/", (), b"", 5))

    with pytest.raises(Undelivered) as failed:
        asyncio.run(send())
    assert str(failed.value) == "The host's name is not known."
