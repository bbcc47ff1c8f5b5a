"""`serve`, as an operator starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from api.commands.logs import Discreet
from api.commands.serve import exposure, where
from api.settings import settings
from models.store.migrate import Line
from tests.commands.conftest import Run
from tests.serving import COMMAND, Service, serving

LIKE_ANYBODY = """
import ctypes, os, sys
if os.geteuid() == 0:
    assert ctypes.CDLL(None).prctl(24, 1, 0, 0, 0) == 0  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Runs a command. Root writes to whatever it likes by a capability: without it, modes of files hold for it too."""


def answer(url: str, body: bytes | None = None) -> int:
    request = urllib.request.Request(url, body, {"Content-Type": "application/fhir+json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("line", ["GET /fhir/Observation?code=\u00e9", "GET /fhir/Observation?code=a b"])
def test_what_is_no_http_is_refused_as_everything_else_is(sqlite_url: str, tmp_path: Path, line: str) -> None:
    with serving(sqlite_url, tmp_path / "log") as service:
        with socket.create_connection(("127.0.0.1", service.port), 10) as line_out:
            line_out.sendall(f"{line} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            head, _, body = line_out.makefile("rb").read().partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400")
        assert "percent-encoding" in OperationOutcome.model_validate_json(body).issue[0].details.text
        assert answer(f"{service.url}/fhir/metadata") == 200


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_migrates_says_where_it_listens_and_ends_in_order(
    sqlite_url: str, tmp_path: Path, workers: str
) -> None:
    with serving(sqlite_url, tmp_path / "log", "--workers", workers) as service:
        assert answer(f"{service.url}/fhir/metadata") == 200
        assert service.stop() == 0
    log = service.log.read_text()
    assert f"The database is at revision {Line().head}." in log
    assert (
        f"listens on {service.url}; FHIR at {service.url}/fhir, documentation at {service.url}/docs." in log
    )
    assert "Warning: CLONIDINE_WATCH_AUTH=none" in log


def test_a_worker_that_answers_late_is_not_taken_for_dead(sqlite_url: str, tmp_path: Path) -> None:
    with serving(sqlite_url, tmp_path / "log", "--workers", "2") as service:
        worker = int(re.findall(r"Started server process \[(\d+)\]", service.log.read_text())[0])
        os.kill(worker, signal.SIGSTOP)
        time.sleep(7)  # longer than the 5 seconds that uvicorn waits by itself
        os.kill(worker, signal.SIGCONT)
        assert service.stop() == 0
    assert "died" not in service.log.read_text()


def test_services_that_start_at_once_on_a_new_database_all_serve(database_url: str, tmp_path: Path) -> None:
    services = [Service(database_url, tmp_path / f"log-{number}") for number in range(2)]
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(Service.start, services))
        assert [answer(f"{service.url}/fhir/Patient") for service in services] == [200, 200]
    finally:
        assert [service.stop() for service in services] == [0, 0]


def test_nothing_of_a_patient_gets_into_the_log(sqlite_url: str, tmp_path: Path) -> None:
    with serving(sqlite_url, tmp_path / "log") as service:
        base = f"{service.url}/fhir"
        assert answer(f"{base}/Patient?identifier=urn:oid:1.2.3|Mustermann") == 200
        assert answer(f"{base}/Patient/Mustermann") == 404
        assert answer(f"{base}/Patient?birthdate=Mustermann") == 400
        assert answer(f"{base}/Patient", b'{"resourceType": "Patient", "name": "Mustermann"}') == 400
        assert answer(f"{base}/Patient", b'{"Mustermann": ') == 400
        service.stop()
    assert "Mustermann" not in service.log.read_text()


def test_a_logged_exception_tells_types_and_places_not_what_it_says() -> None:
    sent = "".join(("Muster", "mann"))
    try:
        try:
            raise ValueError(f"{sent} is no dateTime")
        except ValueError as error:
            raise RuntimeError(f"while reading {sent}") from error
    except RuntimeError as error:
        told = Discreet().formatException((RuntimeError, error, error.__traceback__))
    assert sent not in told
    assert "builtins.ValueError\nled to\n" in told
    assert told.endswith("builtins.RuntimeError")
    assert told.count("test_serve.py") == 2


def test_a_port_that_is_taken_is_told_in_a_sentence(command: Run, sqlite_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = command("serve", "--port", port, database_url=sqlite_url)
    assert result.status == 1
    assert (
        result.err == f"clonidine-watch: Cannot listen on 127.0.0.1, port {port}: Address already in use.\n"
    )


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("127.0.0.1", "Warning: "),
        ("localhost", "Warning: "),
        ("::1", "Warning: "),
        ("0.0.0.0", "WARNING: "),
        ("192.0.2.7", "WARNING: "),
        ("ward.example", "WARNING: "),
    ],
)
def test_it_warns_louder_where_the_network_reaches_it(host: str, says: str) -> None:
    warning = exposure(settings({}, host=host))
    assert warning.startswith(says)
    assert ("EVERYBODY WHO REACHES THIS PORT" in warning) == (says == "WARNING: ")


def test_where_it_listens_is_an_address_to_click() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert f"documentation at http://127.0.0.1:{port}/docs" in where(
            settings({}, host="0.0.0.0"), listening
        )
        assert f"listens on http://[::1]:{port}" in where(settings({}, host="::1"), listening)
        told = where(settings({}, base_url="https://watch.example"), listening)
        assert "documentation at https://watch.example/docs" in told


def test_it_does_not_start_where_it_could_not_write(command: Run, sqlite_url: str) -> None:
    """SQLite opens such a file for reading and says nothing before the first write."""
    assert command("migrate", database_url=sqlite_url).status == 0
    Path(sqlite_url.removeprefix("sqlite:///")).chmod(0o444)
    told = subprocess.run(
        [sys.executable, "-c", LIKE_ANYBODY, COMMAND, "serve", "--port", "0"],
        env={**os.environ, "CLONIDINE_WATCH_DATABASE_URL": sqlite_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (told.returncode, "`chown` it and the folder to user" in told.stderr) == (1, True), told.stderr


@pytest.mark.parametrize(
    ("folder", "file"), [(0o700, 0o600), (0o750, 0o640), (0o2775, 0o660), (0o777, 0o660)]
)
def test_the_database_is_read_by_its_group_at_most(
    sqlite_url: str, tmp_path: Path, folder: int, file: int
) -> None:
    """Of the folder's leave, so that another user of the same group can go on, as OpenShift exchanges users."""
    tmp_path.chmod(folder)
    with serving(sqlite_url, tmp_path / "log"):
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("*.db*")}
    assert modes == dict.fromkeys(modes, file)
    assert {name.rpartition("-")[2] for name in modes} >= {"wal", "shm"}
