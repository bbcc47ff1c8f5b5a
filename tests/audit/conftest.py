"""An application that audits."""

from collections.abc import Iterator

import httpx
import pytest

from tests.audit.trail import AUDITED
from tests.auth.flow import SMART, Ward
from tests.in_process import application


@pytest.fixture
def audited(database_url: str) -> Iterator[httpx.Client]:
    """On an empty database, on each engine in turn; everybody may do everything."""
    with application(database_url, **AUDITED) as client:
        yield client


@pytest.fixture
def ward(database_url: str) -> Iterator[Ward]:
    """The same under AUTH=smart, which audits unless it is told not to."""
    with application(database_url, **SMART) as client:
        yield Ward(client, database_url)
