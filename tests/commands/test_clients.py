"""`clients`: what is registered does what it says, and no secret of a client is kept."""

import json
from pathlib import Path

import pytest

from tests.auth.flow import ALERTS, ec, jwks
from tests.commands.conftest import Run

REFUSED = (
    "system/Observation.sr",
    "system/Observation.",
    "Observation.rs",
    "system/Encounter.rs",
    "system/Nothing.rs",
    "system/Observation.rs?",
    "system/Observation.rs?bogus=1",
    "system/Observation.rs?category=",
    "system/Observation.rs?_count=1",
    "system/Observation.rs?patient.name=x",
    "system/Observation.rs?_lastUpdated=ap2026",
    "system/Observation.rs?patient:identifier=urn:x|1",
    "system/*.rs?bogus=1",
    "user/Patient.rs",
)
UNUSABLE = {
    "a list": "[]",
    "nothing": "{}",
    "no key": '{"keys": []}',
    "a symmetric key": '{"keys": [{"kty": "oct", "k": "AA", "kid": "k"}]}',
    "a private key": json.dumps({"keys": [ec().as_dict(private=True)]}),
    "a curve that is not taken": jwks(ec("P-521")),
    "no name": json.dumps({"keys": [{n: v for n, v in ec().as_dict(private=False).items() if n != "kid"}]}),
    "no JSON": "{",
}


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    file = tmp_path / "jwks.json"
    file.write_text(jwks(ec()))
    return file


def test_a_client_comes_and_goes(command: Run, database_url: str, keys: Path) -> None:
    add = ("clients", "add", "engine", "--jwks", keys, "--scope", ALERTS, "--scope", "system/Goal.r")
    assert (
        command(*add, database_url=database_url).out
        == f"engine may ask for tokens with {ALERTS} system/Goal.r.\n"
    )
    assert "There is a client engine already" in command(*add, database_url=database_url).err
    assert (
        f"keys kept here  {ALERTS} system/Goal.r" in command("clients", "list", database_url=database_url).out
    )
    gone = ("clients", "revoke", "engine")
    assert [command(*gone, database_url=database_url).status for _ in range(2)] == [0, 1]
    assert "revoked 20" in command("clients", "list", database_url=database_url).out
    assert command(*add, database_url=database_url).status == 0


@pytest.mark.parametrize("name", UNUSABLE)
def test_keys_that_cannot_be_used_are_not_registered(
    command: Run, sqlite_url: str, keys: Path, name: str
) -> None:
    keys.write_text(UNUSABLE[name])
    told = command("clients", "add", "e", "--jwks", keys, "--scope", ALERTS, database_url=sqlite_url)
    assert told.status == 2
    assert told.err.startswith(f"clonidine-watch: --jwks {keys}: ")


@pytest.mark.parametrize("address", ["http://login.example/jwks", "ftp://login.example/jwks"])
def test_keys_are_fetched_by_https_alone(command: Run, sqlite_url: str, address: str) -> None:
    told = command("clients", "add", "e", "--jwks", address, "--scope", ALERTS, database_url=sqlite_url)
    assert told.status == 2
    assert "https alone" in told.err


@pytest.mark.parametrize("scope", REFUSED)
def test_a_scope_that_would_not_do_what_it_says_is_not_registered(
    command: Run, sqlite_url: str, keys: Path, scope: str
) -> None:
    told = command("clients", "add", "e", "--jwks", keys, "--scope", scope, database_url=sqlite_url)
    assert told.status == 2
    assert scope in told.err


@pytest.mark.parametrize(
    "scope", ["system/*.rs", "system/*.rs?category=alert", "system/Observation.read", ALERTS]
)
def test_a_scope_that_allows_something_is_registered(
    command: Run, sqlite_url: str, keys: Path, scope: str
) -> None:
    told = command("clients", "add", "e", "--jwks", keys, "--scope", scope, database_url=sqlite_url)
    assert told.status == 0, told.err
