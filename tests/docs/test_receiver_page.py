"""The receiver of docs/how-to/engines.md takes what a Subscription sends, in each form, once."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.delivery.signature import secret, signature
from api.settings import SETTINGS
from service.delivery.lane import FIRST_PAUSE, LONGEST_PAUSE
from service.delivery.notification import TIMEOUT, Notification
from tests.conftest import ROOT
from tests.delivery.subscribing import low, subscription, topical, until
from tests.docs.test_documentation import blocks
from tests.in_process import application
from tests.receiver import PATIENCE

KEY = "a key of the site that nobody guesses"
FORMS: dict[str, Callable[[str], Any]] = {
    "resource": subscription,
    "ping": lambda url: subscription(url, payload=""),
    "full-resource": topical,
    "id-only": lambda url: topical(url, "id-only"),
    "empty": lambda url: topical(url, "empty"),
}


@contextmanager
def receiver(folder: Path) -> Iterator[str]:
    """The script of the page with the secret of Subscription/ward-3; its address."""
    (script,) = blocks(ROOT / "docs/how-to/engines.md", "python")
    (folder / "receiver.py").write_text(script)
    command = [sys.executable, "receiver.py", "0"]
    environment = {**os.environ, "SECRET": secret(KEY, "ward-3")}
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def rows(folder: Path, statement: str = "SELECT reference, resource FROM inbox ORDER BY number") -> list[Any]:
    with closing(sqlite3.connect(folder / "inbox.db")) as inbox:
        return inbox.execute(statement).fetchall()


def wait(folder: Path, count: int, statement: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while len(found := rows(folder, statement)) < count:
        assert time.monotonic() < deadline, (found, (folder / "log").read_text())
        time.sleep(0.05)


@pytest.mark.parametrize("form", FORMS)
def test_it_takes_the_handshake_and_every_alert_in_each_form(
    form: str, sqlite_url: str, tmp_path: Path
) -> None:
    with (
        receiver(tmp_path) as url,
        application(sqlite_url, subscription_hosts="127.0.0.0/8", subscription_secret=KEY) as client,
    ):
        doc = {**FORMS[form](url), "id": "ward-3"}
        assert client.put("/fhir/Subscription/ward-3", json=doc).status_code == 201
        until(client, "ward-3", "active")
        ids = [low(client, f"p{at}") for at in range(3)]
        expected = [] if form in ("ping", "empty") else [f"Observation/{id}" for id in ids]
        if expected:
            wait(tmp_path, 3, "SELECT 1 FROM inbox")
        else:
            wait(tmp_path, 2, "SELECT 1 FROM seen")
        found = rows(tmp_path)
        assert sorted(reference for reference, _ in found) == sorted(expected)
        whole = [json.loads(resource) for _, resource in found if resource]
        shown = [client.get(f"/fhir/Observation/{one['id']}").json() for one in whole]
        assert whole == shown
        assert len(whole) == (3 if form in ("resource", "full-resource") else 0)
        assert until(client, "ward-3", "active")["status"] == "active"


def notification(url: str, body: bytes, at: datetime, key: str = KEY) -> httpx.Response:
    told = Notification("ward-3.17", "PUT", f"{url}/Observation/a", (), body, 10)
    return httpx.put(told.url, content=body, headers=dict(signature(key, "ward-3", told, at)))


def test_what_comes_again_is_kept_once_and_what_is_not_signed_never(tmp_path: Path) -> None:
    alert = json.dumps({"resourceType": "Observation", "id": "a"}).encode()
    now = datetime.now(UTC)
    with receiver(tmp_path) as url:
        assert notification(url, alert, now, key="another key of another site").status_code == 401
        assert notification(url, alert, now - timedelta(minutes=6)).status_code == 401
        assert httpx.post(url, content=alert).status_code == 401
        assert rows(tmp_path) == []
        assert [notification(url, alert, now).status_code for _ in range(2)] == [200, 200]
        assert [reference for reference, _ in rows(tmp_path)] == ["Observation/a"]


def test_what_cannot_be_kept_is_not_answered(tmp_path: Path) -> None:
    with receiver(tmp_path) as url:
        with pytest.raises(httpx.RemoteProtocolError):
            notification(url, b"no JSON", datetime.now(UTC))
        assert rows(tmp_path, "SELECT id FROM seen") == []


def test_the_numbers_are_those_of_the_code() -> None:
    page = (ROOT / "docs/how-to/engines.md").read_text(encoding="utf-8")
    hours = SETTINGS["SUBSCRIPTION_RETRY_HOURS"].default
    told = f"at first after half a second at most, later within {LONGEST_PAUSE * 1.5:.0f}, for {hours} hours"
    assert FIRST_PAUSE * 1.5 <= 0.5
    assert f"none in {TIMEOUT:.0f} seconds" in page
    assert told in page
