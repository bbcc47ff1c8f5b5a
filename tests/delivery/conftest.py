"""An endpoint, and the application that may send to it, on each engine in turn."""

from collections.abc import Iterator

import httpx
import pytest

from service.delivery import lane
from tests.in_process import application
from tests.receiver import Receiver, receiving

SECRET = "a key of the site that nobody guesses"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def told(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """The application; it tries again soon, so that tests need not wait."""
    monkeypatch.setattr(lane, "FIRST_PAUSE", 0.05)
    with application(database_url, subscription_hosts="127.0.0.0/8", subscription_secret=SECRET) as made:
        yield made
