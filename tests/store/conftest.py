"""A migrated database on each engine."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from models.store.engine import engine
from models.store.migrate import migrate


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    made = engine(database_url)
    migrate(made)
    yield made
    made.dispose()
