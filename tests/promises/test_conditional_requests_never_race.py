"""Conditional requests and patches at once, through several server processes: none makes a second resource, none
undoes another."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from tests.build import panel
from tests.fhir_client import everything
from tests.serving import serving

ROUNDS, AT_ONCE = 3, 16
FINE = {200, 201, 204}
JSON_PATCH = {"Content-Type": "application/json-patch+json"}


def _reading(name: str, systolic: int) -> dict[str, Any]:
    identifier = [{"system": "urn:x", "value": name}]
    return panel(systolic, 80, "2026-01-01T10:00:00Z", identifier=identifier, note=[{"text": "first"}])


def _create(url: str, name: str, at: int) -> int:
    """A conditional update, or a conditional creation, or a transaction with one; each by a connection of its own,
    so that the processes share them."""
    reading, criteria = _reading(name, 110 + at), f"identifier=urn:x|{name}"
    with httpx.Client(timeout=60) as client:
        if at % 3 == 0:
            return client.put(f"{url}/fhir/Observation?{criteria}", json=reading).status_code
        if at % 3 == 1:
            condition = {"If-None-Exist": criteria}
            return client.post(f"{url}/fhir/Observation", json=reading, headers=condition).status_code
        request = {"method": "PUT", "url": f"Observation?{criteria}"}
        entries = [{"resource": reading, "request": request}]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        return client.post(f"{url}/fhir", json=bundle).status_code


def _note(url: str, name: str, at: int) -> int:
    """A patch that adds to what is there, by criteria or by id."""
    add = [{"op": "add", "path": "/note/-", "value": {"text": f"n{at}"}}]
    criteria = f"identifier=urn:x|{name}"
    with httpx.Client(timeout=60) as client:
        address = f"{url}/fhir/Observation?{criteria}"
        if at % 2:
            address = f"{url}/fhir/Observation/{everything(client, address)[0]['id']}"
        return client.patch(address, json=add, headers=JSON_PATCH).status_code


def test_many_processes_make_one_resource_and_lose_no_patch(postgresql_url: str, tmp_path: Path) -> None:
    with (
        serving(postgresql_url, tmp_path / "log", "--workers", "2") as service,
        httpx.Client(timeout=60) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        for name in (f"m{number}" for number in range(ROUNDS)):
            made = list(pool.map(lambda at, name=name: _create(service.url, name, at), range(AT_ONCE)))
            assert set(made) <= FINE
            (kept,) = everything(client, f"{service.url}/fhir/Observation?identifier=urn:x|{name}")
            done = list(pool.map(lambda at, name=name: _note(service.url, name, at), range(AT_ONCE)))
            assert set(done) == {200}
            found = client.get(f"{service.url}/fhir/Observation/{kept['id']}").json()
            assert sorted(note["text"] for note in found["note"][1:]) == sorted(
                f"n{at}" for at in range(AT_ONCE)
            )
