"""The line that each request leaves in the log."""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from api.access_log import Access
from api.commands.logs import WITHHELD, Discreet, Structured
from api.settings import SettingError, settings
from tests.build import panel
from tests.in_process import application

KEY = "a key of this ward"


@pytest.fixture(autouse=True)
def _told() -> Iterator[None]:
    logger = logging.getLogger("api")
    logger.setLevel(logging.INFO)
    yield
    logger.setLevel(logging.NOTSET)


@contextmanager
def lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], **options: object
) -> Iterator[list[dict[str, Any]]]:
    """What was logged by requests about the patient p1, in both good and bad ways."""
    found: list[dict[str, Any]] = []
    options = {"log_format": "json", **options}
    with application(f"sqlite:///{tmp_path / 'record.db'}", **options) as client:
        client.put("/fhir/Patient/p1", json={"resourceType": "Patient", "id": "p1"})
        client.post("/fhir/Observation", json=panel(84, 50))
        client.get("/fhir/Patient/p1")
        client.get("/fhir/Nonsense/p1")
        client.get("/fhir/a/b/c/d/p1")
        client.get("/docs/p1")
        client.get("/health/live")
    found += map(json.loads, capsys.readouterr().err.splitlines())
    yield found


def test_a_line_tells_what_was_asked_by_its_template(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with lines(tmp_path, capsys) as told:
        assert [(one["method"], one["route"], one["type"], one["status"]) for one in told] == [
            ("PUT", "/fhir/{type}/{id}", "Patient", 201),
            ("POST", "/fhir/{type}", "Observation", 201),
            ("GET", "/fhir/{type}/{id}", "Patient", 200),
            ("GET", "/fhir/{type}/{id}", "-", 404),
            ("GET", "-", "-", 404),
            ("GET", "/docs/{name}", "-", 404),
            ("GET", "/health/live", "-", 200),
        ]
    for one in told:
        assert one["client"] == "127.0.0.1"
        assert one["ms"] > 0
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["time"])
    assert len({one["request"] for one in told}) == len(told)
    assert not any("patients" in one for one in told)


def test_patients_are_named_by_a_hash_that_needs_the_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with lines(tmp_path, capsys, log_key=KEY) as told:
        named = [one.get("patients") for one in told]
    assert len(set(named[:3])) == 1
    assert re.fullmatch("[0-9a-f]{16}", str(named[0]))
    assert named[3:] == [None] * 4
    (tmp_path / "record.db").unlink()
    with lines(tmp_path, capsys, log_key=KEY[::-1]) as told:
        assert told[0]["patients"] != named[0]


@pytest.mark.parametrize(("wanted", "statuses"), [("refused", [404, 404, 404]), ("off", [])])
def test_an_operator_chooses_which_requests_are_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wanted: str, statuses: list[int]
) -> None:
    with lines(tmp_path, capsys, access_log=wanted) as told:
        assert [one["status"] for one in told] == statuses


def test_an_address_that_a_proxy_makes_up_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    scope = {"method": "GET", "client": ("Mustermann", 0), "path": "/"}
    Access(settings({})).tell("1", scope, 200, 0.1)
    told = capsys.readouterr().err
    assert "Mustermann" not in told
    assert told.endswith("request=1 method=GET route=- type=- status=200 ms=100.00 client=-\n")


@pytest.mark.parametrize("key", ["short", "k" * 65])
def test_a_key_that_is_none_stops_the_start(key: str) -> None:
    with pytest.raises(SettingError, match="LOG_KEY"):
        settings({"CLONIDINE_WATCH_LOG_KEY": key})


@pytest.mark.parametrize("formatter", [Discreet(), Structured()])
def test_what_libraries_say_is_told_without_values(formatter: logging.Formatter) -> None:
    for name, message, given in (
        ("asyncio", "Task exception was never retrieved\nfuture: ValueError('Mustermann')", ()),
        ("py.warnings", "UserWarning: Mustermann", ()),
        ("psycopg.pool", "error connecting in %r: %s", ("Mustermann", "x")),
        ("apiary", "Mustermann", ()),
    ):
        record = logging.LogRecord(name, logging.ERROR, "", 0, message, given, None)
        told = formatter.format(record)
        assert "Mustermann" not in told
        assert (message if given else WITHHELD) in told


def test_a_line_of_json_tells_an_exception_by_types_and_places() -> None:
    try:
        raise ValueError("".join(("Muster", "mann")))
    except ValueError as error:
        raised = (ValueError, error, error.__traceback__)
    record = logging.LogRecord(
        "api.endpoint", logging.ERROR, "", 0, "an interaction failed: %s", ("read",), raised
    )
    told = json.loads(Structured().format(record))
    assert told["message"] == "an interaction failed: read"
    assert told["error"].endswith("builtins.ValueError")
    assert "Mustermann" not in str(told)


FAULTY = """
import asyncio, threading, warnings
def fail(*_): raise ValueError("Muster" "mann")
class Last:
    def __del__(self): fail()
def application():
    from api.commands.serve import application
    made = application()
    warnings.warn("Muster" "mann")
    Last()
    thread = threading.Thread(target=fail); thread.start(); thread.join()
    return made
"""


def test_what_nobody_catches_is_told_by_its_type(tmp_path: Path) -> None:

    code = f"{FAULTY}\nfrom api.commands.logs import configuration\nimport logging.config\n"
    code += "logging.config.dictConfig(configuration('info'))\napplication()\nfail()\n"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert ran.returncode == 1
    assert "Mustermann" not in ran.stdout + ran.stderr
    assert ran.stderr.count("builtins.ValueError") == 3
    assert f"py.warnings: {WITHHELD}" in ran.stderr
