"""What every test may ask for: a database of its own on each engine, and the shared test material."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, settings

from tests.in_process import application
from tests.postgres import QUICK, Postgres

ROOT = Path(__file__).parent.parent

# No example fails because the machine was busy.
settings.register_profile(
    "calm", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("calm")


def pytest_addoption(parser: pytest.Parser) -> None:
    about = "minutes that tests/fuzz goes on looking, with other seeds; the one round of `make test` where it is 0"
    parser.addoption("--fuzz-minutes", type=float, default=0, help=about)


@pytest.fixture(scope="session")
def fuzz_seconds(pytestconfig: pytest.Config) -> float:
    """How long tests/fuzz goes on."""
    return float(pytestconfig.getoption("--fuzz-minutes")) * 60


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL of this run; a test that asks for it fails where it cannot be started."""
    with Postgres.running(QUICK) as server:
        yield server


@pytest.fixture
def postgresql_url(postgres: Postgres) -> Iterator[str]:
    """An empty PostgreSQL database."""
    url = postgres.fresh()
    yield url
    postgres.release(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite database file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'clonidine-watch.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database, on each engine in turn."""
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


@pytest.fixture
def client(database_url: str) -> Iterator[httpx.Client]:
    """A client of the application with an empty database, on each engine in turn."""
    with application(database_url) as made:
        yield made


@pytest.fixture
def sqlite_client(sqlite_url: str) -> Iterator[httpx.Client]:
    """A client of the application on SQLite, where the database does not matter."""
    with application(sqlite_url) as made:
        yield made


@pytest.fixture(scope="session")
def shared() -> Path:
    """Published FHIR examples and synthetic bundles, kept beside the project and not in it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"the test material is not at {folder.name}/ beside the project")
    return folder
