"""Who tells a Subscription, and from where on: what must hold whichever of several processes is quicker."""

import asyncio

import httpx
import pytest

from api.service import Service
from api.settings import settings
from models.store.delivering import Place
from models.store.engine import engine
from models.store.ledger import Ledger
from models.stored import Stored
from service.delivery.dispatcher import DEAD_AFTER, Dispatcher, Listed
from tests.delivery.subscribing import active, kept, low, state, subscription, topical, until
from tests.receiver import Receiver


def _listed(owner: str, beat: int) -> Listed:
    stored = Stored(1, "Subscription", "s1", 1, "PUT", "", None, 0, None, "")
    return Listed(stored, Place(1), owner, beat, revoked=False)


@pytest.fixture
def dispatcher(sqlite_url: str) -> Dispatcher:
    return Service(settings({}, database_url=sqlite_url)).dispatcher


def test_a_process_is_dead_whose_beat_stands_still_look_after_look(dispatcher: Dispatcher) -> None:
    looks = [dispatcher._dead([_listed("other", 7)]) for _ in range(DEAD_AFTER + 1)]
    assert looks == [{}] * DEAD_AFTER + [{"other": 7}]


def test_a_beat_that_moves_is_life(dispatcher: Dispatcher) -> None:
    looks = [dispatcher._dead([_listed("other", at // DEAD_AFTER)]) for at in range(5 * DEAD_AFTER)]
    assert looks == [{}] * len(looks)


def test_one_asked_for_again_keeps_the_place_that_was_made_for_it(
    told: httpx.Client, database_url: str, receiver: Receiver
) -> None:
    """A process that has read it turned off may come to forget it after another has begun it anew."""
    id = active(told, topical(f"{receiver.url}/topic"))
    low(told, "p1")
    kept(told, id, 1)
    made = engine(database_url)
    number = int(state(told, id)["meta"]["versionId"])
    with Ledger(made).turn() as turn:
        turn.deliveries("another").forget([(id, number - 1)])
    low(told, "p2")
    kept(told, id, 2)
    made.dispose()


def test_deleted_it_begins_anew_when_it_is_asked_for_again(told: httpx.Client, receiver: Receiver) -> None:
    id = active(told, subscription(f"{receiver.url}/hook"))
    told.delete(f"/fhir/Subscription/{id}")
    witness = active(told, topical(f"{receiver.url}/witness"))
    missed = low(told, "p1")
    kept(told, witness, 1)
    told.put(f"/fhir/Subscription/{id}", json={**subscription(f"{receiver.url}/hook"), "id": id})
    until(told, id, "active")
    alert = low(told, "p2")
    receiver.wait(lambda: receiver.at(f"/hook/Observation/{alert}"))
    assert not receiver.at(f"/hook/Observation/{missed}")


def test_a_service_ends_while_its_database_is_away(sqlite_url: str) -> None:
    """What it cannot leave to others they find out by its beat."""
    service = Service(settings({}, database_url=sqlite_url))

    async def run() -> None:
        service.writer.start()
        service.dispatcher._alive = True
        await service.writer.stop()
        await service.dispatcher.stop()

    asyncio.run(run())
    service.ledger.close()
