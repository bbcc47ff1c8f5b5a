"""The stage of a run: servers and databases, started when first asked for and stopped together at the end."""

import hashlib
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from itertools import count
from pathlib import Path

from bench import servers, ward
from bench.load import NotMeasured, Run, ask, drive
from bench.servers import Server
from tests.postgres import Postgres

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
CONNECTIONS = 32
WARM_UP = 1.0  # seconds of load before a server is measured for the first time


@dataclass
class Party:
    """A server on the stage with the readings that it has not been sent yet."""

    server: Server
    readings: Iterator[ward.Resource]
    warm: set[str] = field(default_factory=set)  # what was prepared or warmed up here
    streams: dict[str, Iterator[bytes]] = field(
        default_factory=dict
    )  # requests that a measurement goes on with

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        return raw_request(method, self.server.kind.base + path, body)

    def ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        return ask(self.server.port, method, self.server.kind.base + path, body)

    def posts(self) -> Iterator[bytes]:
        return (self.request("POST", "/Observation", ward.body(reading)) for reading in self.readings)

    def drive(self, requests: Iterator[bytes], seconds: float, connections: int, warm_up: str) -> Run:
        """Load on this server with its processor time; loads of the same `warm_up` are warmed up once."""
        if warm_up not in self.warm:
            self.warm.add(warm_up)
            drive(self.server.port, requests, connections, WARM_UP)
        before = self.server.cpu()
        run = drive(self.server.port, requests, connections, seconds)
        run.cpu = self.server.cpu() - before
        return run


class Stage:
    """What the measurements of a run share; `seconds` is the length of a turn, `millions` a large store."""

    def __init__(self, seconds: float, patients: int, millions: float = 0.0) -> None:
        self.seconds, self.millions = seconds, millions
        self.patients = ward.names(patients)
        self.now = datetime.now(UTC)
        self._open = ExitStack()
        self.folder = Path(
            self._open.enter_context(tempfile.TemporaryDirectory(prefix="clonidine-watch-bench-"))
        )
        self._numbers = count(1)
        self._parties: dict[tuple[str, ...], Party] = {}

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *exc: object) -> None:
        self._open.close()

    @cached_property
    def postgres(self) -> Postgres:
        return self._open.enter_context(Postgres.running())

    def database(self, engine: str) -> str:
        """The URL of a new, empty database."""
        if engine == "postgresql":
            return self.postgres.fresh()
        return f"sqlite:///{self.folder / f'{next(self._numbers)}.db'}"

    def launch(self, name: str, database: str, **settings: str) -> Server:
        """A new server, stopped at the end of the run if not before."""
        python = peers() if servers.KINDS[name].peer else Path(sys.executable)
        log = self.folder / f"{name}-{next(self._numbers)}.log"
        try:
            server = servers.start(name, database, log, python, **settings)
        except (OSError, RuntimeError) as reason:
            raise NotMeasured(str(reason)) from reason
        self._open.callback(server.stop)
        return server

    def party(self, name: str, engine: str = "sqlite", copy: str = "", **settings: str) -> Party:
        """The server of this name and engine, started and filled once; a `copy` has data of its own."""
        key = (name, engine, copy)
        if key not in self._parties:
            server = self.launch(name, self.database(engine), **settings)
            party = Party(server, ward.readings(self.patients, self.now))
            if name == "service":
                fill(party, self.patients, self.now)
            self._parties[key] = party
        return self._parties[key]


def fill(party: Party, patients: list[str], now: datetime) -> None:
    """Every patient's stay so far, one transaction Bundle a patient."""
    bundles = (ward.bundle("transaction", list(ward.stay(patient, now))) for patient in patients)
    run = drive(party.server.port, (party.request("POST", "", bundle) for bundle in bundles), 4, 600)
    if run.errors:
        raise NotMeasured(f"the ward could not be loaded: {run.errors[0][:600]!r}")


def raw_request(method: str, path: str, body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/fhir+json\r\n"
    if body:
        head += f"Content-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


@cache
def peers() -> Path:
    """The interpreter of the peers' virtual environment: they pin other versions than the service."""
    folder = Path(sys.prefix) / "peers"
    python, stamp = folder / "bin" / "python", folder / "installed"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    venv.create(folder, clear=True, with_pip=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run([*install, "--require-hashes", "-r", str(REQUIREMENTS)], check=True)
    except subprocess.CalledProcessError as reason:
        raise NotMeasured(f"the peers' packages could not be installed: {reason}") from reason
    stamp.write_text(wanted)
    return python
