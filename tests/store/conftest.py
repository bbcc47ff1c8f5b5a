"""A migrated database on each engine."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.template import settled


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    made = settled(database_url)
    yield made
    made.dispose()
