"""The application in this process, on each engine."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import settings
from models.store.engine import engine
from models.store.migrate import migrate


@pytest.fixture
def client(database_url: str) -> Iterator[TestClient]:
    """A client of an application with an empty database."""
    made = engine(database_url)
    migrate(made)
    made.dispose()
    app = create_app(settings({}, database_url=database_url))
    with TestClient(app, base_url="http://test", headers={"Accept": "application/fhir+json"}) as client:
        yield client
