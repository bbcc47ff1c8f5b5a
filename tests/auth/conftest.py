"""An application under AUTH=smart."""

from collections.abc import Iterator

import pytest

from tests.auth.flow import SMART, Ward
from tests.in_process import application


@pytest.fixture
def ward(database_url: str) -> Iterator[Ward]:
    """On an empty database, on each engine in turn."""
    with application(database_url, **SMART) as client:
        yield Ward(client, database_url)


@pytest.fixture
def sqlite_ward(sqlite_url: str) -> Iterator[Ward]:
    """On SQLite, where the database does not matter."""
    with application(sqlite_url, **SMART) as client:
        yield Ward(client, sqlite_url)
