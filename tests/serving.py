"""The service as an operator starts it: a process of its own, on a port of 127.0.0.1."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import PATIENCE, free_port

COMMAND = Path(sys.executable).with_name("clonidine-watch")
PREFIX = "CLONIDINE_WATCH_"


RUN = "import sys; from api.cli import main; sys.exit(main())"
"""What the console script does, for code that is not installed."""


class Service:
    """A started `clonidine-watch serve`; `url` is its root, without /fhir. `source` is the code of another release,
    `settings` are such as `workers="2"`."""

    def __init__(
        self, database_url: str, log: Path, *options: str, source: Path | None = None, **settings: object
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        self._environment = clean | {f"{PREFIX}DATABASE_URL": database_url, f"{PREFIX}PORT": str(self.port)}
        # No balancer has to notice that a test ends; the release before knows no such setting.
        given = ({} if source else {"drain_seconds": 0}) | settings
        self._environment |= {f"{PREFIX}{name.upper()}": str(value) for name, value in given.items()}
        self._command = [str(COMMAND)]
        if source:
            self._command = [sys.executable, "-c", RUN]
            self._environment["PYTHONPATH"] = str(source)
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts and waits until it is ready; RuntimeError with its log when it ends instead."""
        with self.log.open("ab") as log:
            process = self._process = subprocess.Popen(
                [*self._command, "serve", *self._options],
                env=self._environment, stdout=log, stderr=log, cwd=self.log.parent, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while not self._ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the service did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.05)

    def tell(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Sends the signal, SIGKILL to all its processes at once."""
        assert self._process
        if how == signal.SIGKILL:
            os.killpg(self._process.pid, how)
        else:
            self._process.send_signal(how)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Sends the signal and returns the exit status."""
        if self._process is None:
            return 0
        self.tell(how)
        return self.wait()

    def wait(self) -> int:
        """Waits for its end and returns the exit status."""
        process, self._process = self._process, None
        assert process
        return process.wait(PATIENCE)

    def signal(self, which: signal.Signals) -> None:
        """Sends a signal, such as SIGSTOP, that does not end it."""
        assert self._process
        os.killpg(self._process.pid, which)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@contextmanager
def serving(
    database_url: str, log: Path, *options: str, source: Path | None = None, **settings: object
) -> Iterator[Service]:
    """A running service; ended, if need be by force, whatever happens."""
    service = Service(database_url, log, *options, source=source, **settings)
    try:
        service.start()
        yield service
    finally:
        service.stop(signal.SIGKILL)
