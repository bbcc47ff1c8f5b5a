"""An endpoint as an engine has it: it notes what it is sent, and answers as it is told to."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

PATIENCE = 60.0
"""Seconds that something may take on a busy machine before it counts as failed."""


class Received(NamedTuple):
    """A request to the endpoint; `at` is when it came, in seconds of the epoch."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = 0

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class Answer(NamedTuple):
    """What the endpoint does: a status with headers, after a while; None: the connection is dropped."""

    status: int | None = 200
    headers: tuple[tuple[str, str], ...] = ()
    after: float = 0


TAKEN = Answer()
Behaviour = Callable[[Received], Answer]


class Receiver:
    """`received` is everything that came, `taken` what was answered with 2xx, each in the order of arrival."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.taken: list[Received] = []
        self.behaviour: Behaviour = lambda _: TAKEN
        self._changed = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver._answer(self, Received(self.command, self.path, headers, body, time.time()))

            do_PUT = do_POST  # noqa: N815 - the names that http.server calls
            do_GET = do_POST  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def at(self, path: str) -> list[Received]:
        """What was taken below a path."""
        with self._changed:
            return [one for one in self.taken if one.path.startswith(path)]

    def wait(self, met: Callable[[], Any]) -> Any:
        """Wait until something is true of what came; what it gave then. Fails with what came instead."""
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while not (found := met()):
                left = deadline - time.monotonic()
                assert left > 0, [(one.method, one.path, one.body[:80]) for one in self.received]
                self._changed.wait(min(left, 0.2))
            return found

    def _answer(self, handler: BaseHTTPRequestHandler, got: Received) -> None:
        with self._changed:
            self.received.append(got)
            answer = self.behaviour(got)
            self._changed.notify_all()
        time.sleep(answer.after)
        if answer.status is None:
            handler.close_connection = True
            handler.connection.close()
            return
        if 200 <= answer.status < 300:
            with self._changed:
                self.taken.append(got)
                self._changed.notify_all()
        handler.send_response(answer.status)
        for name, value in (*answer.headers, ("Content-Length", "0")):
            handler.send_header(name, value)
        handler.end_headers()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A running endpoint."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()
