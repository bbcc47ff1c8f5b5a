"""A token counts until it ends, remembered or not."""

import asyncio
import time
from typing import Any

import pytest
from starlette.requests import Request

from api.auth.authority import LONGEST_HELD, Authority
from api.settings import settings
from models.errors import NotAuthenticated
from models.store.clients import Clients
from models.store.engine import engine
from tests.auth.flow import ALERTS, SMART, register


def request(token: str) -> Request:
    return Request({"type": "http", "headers": [(b"authorization", f"Bearer {token}".encode())]})


def test_it_ends_after_five_minutes_and_what_clocks_may_differ_by(database_url: str) -> None:
    client, made, now = register(database_url, "engine", ALERTS), engine(database_url), [time.time()]
    given: dict[str, Any] = {"database_url": database_url, **SMART}
    authority = Authority(settings({}, **given), Clients(made), lambda: now[0])
    token = asyncio.run(authority.own.token(client.assertion(), ())).token

    def client_of(text: str) -> str:
        return asyncio.run(authority.permissions(request(text), ())).client

    assert client_of(token) == "engine"
    now[0] += LONGEST_HELD + 1
    assert client_of(token) == "engine", "verified anew, within the skew"
    now[0] += 30
    with pytest.raises(NotAuthenticated, match="expired"):
        client_of(token)
    made.dispose()
