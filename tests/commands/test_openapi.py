"""`openapi`: the document that is served, for those who generate clients without a running service."""

import json
import re

import httpx

from tests.commands.conftest import Run

TIME = re.compile(r"20\d\d-\d\d-\d\dT[\d:]+Z")
"""The service shows its examples as of now; the command as they are written, so that its output stays the same."""


def test_it_prints_what_is_served(command: Run, sqlite_client: httpx.Client) -> None:
    printed, served = command("openapi").out, sqlite_client.get("/openapi.json").text
    assert json.loads(TIME.sub("T", printed)) == json.loads(TIME.sub("T", served))
