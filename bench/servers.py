"""The servers under measurement: how each is started, what it costs while it runs."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PATIENCE = 60.0  # seconds for a start or a stop
OWN_PREFIX = "CLONIDINE_WATCH_"


class Kind(NamedTuple):
    """A sort of server: its FHIR base path, and the ASGI application, or "" for the service itself."""

    base: str
    application: str = ""
    peer: bool = False  # runs in the peers' own virtual environment
    settings: Mapping[str, str] = MappingProxyType({})


KINDS = {
    "service": Kind("/fhir"),
    "naive": Kind("", "bench.baselines.naive:app"),
    "prototype": Kind("", "bench.baselines.prototype:app"),
    "bare": Kind("", "bench.baselines.bare:app"),
    "fhirstarter": Kind("", "bench.baselines.fhirstarter_memory:app", True, {"FHIR_SEQUENCE": "R4B"}),
}


@dataclass
class Server:
    """A running server process on a port of 127.0.0.1; `started` is how many seconds it took to answer."""

    kind: Kind
    port: int
    process: subprocess.Popen[bytes]
    started: float

    def cpu(self) -> float:
        """Processor seconds used so far by the process and everything that it started."""
        total = 0.0
        for pid in family(self.process.pid):
            fields = _stat(pid)
            total += (int(fields[11]) + int(fields[12])) / TICK if fields else 0.0
        return total

    def resident(self) -> int:
        """Bytes of resident memory of the process and everything that it started."""
        stats = [_stat(pid) for pid in family(self.process.pid)]
        return sum(int(fields[21]) * PAGE for fields in stats if fields)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on, or none when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(found for child in children for found in family(int(child)))]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(database: str, **extra: str) -> dict[str, str]:
    """The variables of a measured process: no setting of the service but those given here."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(OWN_PREFIX)}
    own = {f"{OWN_PREFIX}DATABASE_URL": database, f"{OWN_PREFIX}LOG_LEVEL": "warning"}
    return inherited | own | {"PYTHONPATH": str(ROOT), "BENCH_DATABASE": database} | extra


def command(kind: Kind, python: Path, port: int) -> list[str]:
    if not kind.application:
        return [str(python.with_name("clonidine-watch")), "serve", "--port", str(port)]
    options = f"--port {port} --log-level warning --no-access-log --loop uvloop --http httptools"
    return [str(python), "-m", "uvicorn", kind.application, *options.split()]


def start(name: str, database: str, log: Path, python: Path = Path(sys.executable), **extra: str) -> Server:
    """Start a server on `database` and wait until it answers; RuntimeError with its last words if not."""
    kind, port = KINDS[name], free_port()
    variables = environment(database, **kind.settings, **extra)
    began = time.perf_counter()
    with log.open("ab") as sink:
        process = subprocess.Popen(
            command(kind, python, port), env=variables, stdout=sink, stderr=sink, cwd=log.parent
        )
    while not _answers(port):
        if process.poll() is not None or time.perf_counter() - began > PATIENCE:
            process.kill()
            raise RuntimeError(f"{name} did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.01)
    return Server(kind, port, process, time.perf_counter() - began)


def _answers(port: int) -> bool:
    """Whether anything at all is answered over HTTP: a listening socket alone is no started service."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.settimeout(PATIENCE)
            connection.sendall(b"GET /health/ready HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
            return connection.recv(16).startswith(b"HTTP/1.1")
    except OSError:
        return False
