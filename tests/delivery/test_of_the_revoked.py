"""A Subscription ends with the client that asked for it, and with nobody else."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from models.store.clients import Client, Clients
from service.delivery import dispatcher
from tests.auth.flow import EVERYTHING, SMART, Engine, bearer, jwks, register
from tests.delivery.conftest import SECRET
from tests.delivery.subscribing import active, ask, low, subscription, until
from tests.in_process import application
from tests.receiver import Receiver
from tests.template import settled

OTHERS = "system/*.crus"


@pytest.fixture
def ward(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """The application under AUTH=smart; it looks for Subscriptions often, so that tests need not wait."""
    monkeypatch.setattr(dispatcher, "LOOK", 0.1)
    options = {**SMART, "subscription_hosts": "127.0.0.0/8", "subscription_secret": SECRET}
    with application(database_url, **options) as client:
        yield client


def enter(client: httpx.Client, database_url: str, name: str) -> Engine:
    """Go on as that client."""
    known = register(database_url, name, EVERYTHING)
    log_in(client, known)
    return known


def log_in(client: httpx.Client, known: Engine) -> None:
    client.headers.pop("Authorization", None)
    client.headers.update(bearer(known.token(client)))


def revoke(database_url: str, name: str) -> None:
    engine = settled(database_url)
    assert Clients(engine).revoke(name, int(time.time()))
    engine.dispose()


def add(database_url: str, known: Engine, scope: str, later: int) -> None:
    engine = settled(database_url)
    assert Clients(engine).add(Client(known.name, jwks(known.key), (scope,), int(time.time()) + later))
    engine.dispose()


def told_of(receiver: Receiver, path: str) -> list[Any]:
    return [one for one in receiver.at(path) if one.body]


def test_it_is_turned_off_says_why_and_nothing_more_is_sent(
    ward: httpx.Client, database_url: str, receiver: Receiver
) -> None:
    enter(ward, database_url, "stays")
    staying = active(ward, subscription(f"{receiver.url}/stays"))
    enter(ward, database_url, "goes")
    going = active(ward, subscription(f"{receiver.url}/goes"))
    low(ward, "p1")
    receiver.wait(lambda: told_of(receiver, "/goes"))
    revoke(database_url, "goes")
    found = until(ward, going, "off")
    assert found["error"].startswith("The client that asked for this was revoked.")
    low(ward, "p2")
    receiver.wait(lambda: len(told_of(receiver, "/stays")) == 2)
    assert len(told_of(receiver, "/goes")) == 1
    assert until(ward, staying, "active")["status"] == "active"


def test_a_token_that_is_left_does_not_bring_it_back(
    ward: httpx.Client, database_url: str, receiver: Receiver
) -> None:
    enter(ward, database_url, "goes")
    revoke(database_url, "goes")
    assert "was revoked" in until(ward, ask(ward, subscription(f"{receiver.url}/goes")), "off")["error"]


def test_another_client_takes_it_over_and_it_goes_on_where_it_was(
    ward: httpx.Client, database_url: str, receiver: Receiver
) -> None:
    enter(ward, database_url, "goes")
    id = active(ward, subscription(f"{receiver.url}/hook"))
    revoke(database_url, "goes")
    found = until(ward, id, "off")
    low(ward, "p1")
    enter(ward, database_url, "comes")
    asked = {name: value for name, value in found.items() if name != "error"} | {"status": "requested"}
    assert ward.put(f"/fhir/Subscription/{id}", json=asked).status_code == 200
    receiver.wait(lambda: told_of(receiver, "/hook"))
    assert "error" not in until(ward, id, "active")


def again(database_url: str, known: Engine) -> None:
    """The client revoked and added anew in one go, as a script does it that gives it other scopes."""
    revoke(database_url, known.name)
    add(database_url, known, OTHERS, 1)


def test_it_ends_however_soon_its_client_is_added_again(
    ward: httpx.Client, database_url: str, receiver: Receiver
) -> None:
    """With other scopes perhaps, and nobody has looked in between: what is asked under them is asked anew."""
    known = enter(ward, database_url, "engine")
    id = active(ward, subscription(f"{receiver.url}/hook"))
    again(database_url, known)
    assert "was revoked" in until(ward, id, "off")["error"]
    log_in(ward, known)
    asked = subscription(f"{receiver.url}/hook", payload="")
    until(ward, ask(ward, asked), "active")


def test_a_token_of_before_asks_for_nothing_that_lasts_once_its_client_is_added_again(
    ward: httpx.Client, database_url: str, receiver: Receiver
) -> None:
    """It has the scopes of before, for some minutes; what it asks for would have them for ever."""
    again(database_url, enter(ward, database_url, "engine"))
    assert "was revoked" in until(ward, ask(ward, subscription(f"{receiver.url}/hook")), "off")["error"]


def test_a_client_that_is_added_again_asks_again(
    ward: httpx.Client, database_url: str, receiver: Receiver
) -> None:
    known = enter(ward, database_url, "engine")
    id = active(ward, subscription(f"{receiver.url}/hook"))
    revoke(database_url, "engine")
    found = until(ward, id, "off")
    add(database_url, known, EVERYTHING, 0)
    log_in(ward, known)
    asked = {name: value for name, value in found.items() if name != "error"} | {"status": "requested"}
    assert ward.put(f"/fhir/Subscription/{id}", json=asked).status_code == 200
    until(ward, id, "active")
