"""The chain tells of whatever was changed, taken out, put in or moved; and the database itself refuses to."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.store.chain import Noted, append
from models.store.engine import engine
from models.store.walk import BrokenChain
from tests.audit.trail import by_hand, events, sound
from tests.build import panel
from tests.conftest import ROOT
from tests.serving import COMMAND, PREFIX, serving
from tests.template import settled

REST = (
    '{"subtype":[{"code":"read"}],"action":"R","outcome":"0",'
    '"agent":[{"who":{"identifier":{"value":"engine"}},"requestor":true}],'
    '"entity":[{"what":{"reference":"Observation/x/_history/2"}}]}'
)
EVENT = Noted("", REST, "engine", "R", "0", "read", ("Observation/x",))
COUNT = 2_500
"""More than are walked at once."""


@pytest.fixture
def chain(database_url: str) -> str:
    made = settled(database_url)
    with made.begin() as connection:
        for at in range(5):
            append(connection, [EVENT] * (COUNT // 5), 1_000_000 * at)
    made.dispose()
    assert sound(database_url).events == COUNT
    return database_url


TAMPERED = {
    "a text changed": ("UPDATE audit SET content = replace(content, '\"R\"', '\"D\"') WHERE number = 1700",
                       "event 1700 is not what was written"),
    "an instant changed": ("UPDATE audit SET at = at + 1 WHERE number = 3", "event 3 is found by other values"),
    "a column changed": ("UPDATE audit SET agent = 'somebody' WHERE number = 2000", "event 2000 is found by other"),
    "an entity taken away": ("DELETE FROM audit_entity WHERE number = 9", "event 9 is found by other values"),
    "an entity put in": ("INSERT INTO audit_entity (reference, number) VALUES ('Observation/y', 9)",
                         "event 9 is found by other values"),
    "an entity of no event": (f"INSERT INTO audit_entity (reference, number) VALUES ('Observation/y', {COUNT + 9})",
                              f"Observation/y is said to be of event {COUNT + 9}, and there is none"),
    "one put in before the first": ("INSERT INTO audit SELECT -5, at, hash, agent, action, outcome, subtype, content "
                                    "FROM audit WHERE number = 1", "event -5 was put in"),
    "the instant of the head": ("UPDATE audit_head SET at = at + 1", f"event {COUNT} is not the one that the head"),
    "the hash of the head": ("UPDATE audit_head SET hash = 'x'", f"event {COUNT} is not the one that the head"),
    "the head taken out": ("DELETE FROM audit_head", "the head of the chain is missing"),
    "one taken out": ("DELETE FROM audit WHERE number = 1234", "event 1234 is missing"),
    "the first taken out": ("DELETE FROM audit WHERE number = 1", "event 1 is missing"),
    "the last taken out": (f"DELETE FROM audit WHERE number = {COUNT}", f"event {COUNT} is missing"),
    "all taken out": ("DELETE FROM audit", "event 1 is missing, and all behind it"),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERED)
def test_what_was_done_to_it_is_found(chain: str, how: str) -> None:
    statement, told = TAMPERED[how]
    by_hand(chain, statement)
    with pytest.raises(BrokenChain, match=told):
        sound(chain)


def test_two_that_changed_places_are_found(chain: str) -> None:
    by_hand(
        chain,
        "UPDATE audit SET number = -1 WHERE number = 70",
        "UPDATE audit SET number = 70 WHERE number = 71",
        "UPDATE audit SET number = 71 WHERE number = -1",
    )
    with pytest.raises(BrokenChain, match="event 70 is not"):
        sound(chain)


def test_one_put_in_between_is_found(chain: str) -> None:
    by_hand(
        chain,
        f"UPDATE audit SET number = number + {COUNT} WHERE number > 50",
        f"UPDATE audit SET number = number - {COUNT - 1} WHERE number > 50",
        "INSERT INTO audit SELECT 51, at, hash, agent, action, outcome, subtype, content FROM audit WHERE number = 50",
    )
    with pytest.raises(BrokenChain, match="event 51 is not"):
        sound(chain)


def test_an_end_cut_off_with_its_head_is_found_by_the_hash_that_was_noted(chain: str) -> None:
    noted = sound(chain).hash
    assert sound(chain, noted).met
    by_hand(
        chain,
        "DELETE FROM audit WHERE number > 2000",
        "DELETE FROM audit_entity WHERE number > 2000",
        "UPDATE audit_head SET number = 2000, at = (SELECT at FROM audit WHERE number = 2000), "
        "hash = (SELECT hash FROM audit WHERE number = 2000)",
    )
    assert sound(chain).events == 2000
    with pytest.raises(BrokenChain, match="no event has the hash that is expected"):
        sound(chain, noted)


def test_a_beginning_that_was_taken_out_for_good_is_named_by_its_last_hash(chain: str) -> None:
    kept = events(chain)[999]["extension"][0]["valueString"]
    by_hand(chain, "DELETE FROM audit WHERE number <= 1000", "DELETE FROM audit_entity WHERE number <= 1000")
    assert sound(chain, start=kept).events == COUNT - 1000
    with pytest.raises(BrokenChain):
        sound(chain)
    with pytest.raises(BrokenChain):
        sound(chain, start="0" * 64)


@pytest.mark.parametrize("statement", [
    "UPDATE audit SET outcome = '0'", "DELETE FROM audit", "DELETE FROM audit_entity",
    "UPDATE audit_entity SET number = 1",
])  # fmt: skip
def test_the_database_refuses(chain: str, statement: str) -> None:
    made = engine(chain)
    with pytest.raises(DBAPIError, match="append-only"), made.begin() as connection:
        connection.execute(text(statement))
    made.dispose()
    assert sound(chain).events == COUNT


def test_postgresql_refuses_to_empty_it(postgresql_url: str) -> None:
    made = settled(postgresql_url)
    for table in ("audit", "audit_entity"):
        with pytest.raises(DBAPIError, match="append-only"), made.begin() as connection:
            connection.execute(text(f"TRUNCATE {table}"))
    made.dispose()


def test_several_processes_make_one_chain(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path / "log", "--workers", "2", audit="on") as service:

        def ask(number: int) -> None:
            with httpx.Client(base_url=service.url, timeout=60) as client:
                for _ in range(10):
                    assert client.post(
                        "/fhir/Observation", json=panel(120, 80, patient=f"p{number}")
                    ).is_success
                    assert client.get("/fhir/Observation?_count=1").is_success

        with ThreadPoolExecutor(8) as pool:
            [*pool.map(ask, range(8))]
    assert sound(database_url).events == 160
    recorded = [event["recorded"] for event in events(database_url)]
    assert recorded == sorted(recorded)


def test_an_export_can_be_verified_by_anybody_as_the_page_says(chain: str, tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/audit.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```python\n# verify_export.py\n(.*?)```", page, re.DOTALL)
    exported = run(chain, "export").stdout

    def verified(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "audit.ndjson").write_text(text, encoding="utf-8")
        command = [sys.executable, "-c", script]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert verified(exported).stdout.strip() == sound(chain).hash
    assert "2 is not what was written" in verified(exported.replace('"id":"2"', '"id":"2","x":1', 1)).stderr


def run(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    at = {f"{PREFIX}DATABASE_URL": database_url}
    return subprocess.run(
        [str(COMMAND), "audit", *arguments], env=at, capture_output=True, text=True, check=False
    )


def test_the_command_verifies_and_exports(chain: str) -> None:
    done = run(chain, "verify")
    assert done.returncode == 0, done.stderr
    hash = done.stdout.split()[-1]
    assert f"{COUNT} events, each in its place." in done.stdout
    assert run(chain, "verify", "--expect", hash).returncode == 0
    assert len(run(chain, "export").stdout.splitlines()) == COUNT
    assert run(chain, "verify", "--expect", "0" * 64).returncode == 1
    by_hand(chain, "DELETE FROM audit WHERE number = 7")
    broken = run(chain, "verify")
    assert (broken.returncode, broken.stdout) == (1, "BROKEN: event 7 is missing.\n")
