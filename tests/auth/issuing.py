"""An issuer's JWKS on a real port, which can be had in every way that goes wrong."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MEGABYTE = b" " * 1_000_000


class Publisher:
    """`how` it answers, and with what `body`; `asked` is set by each request, `held` lets those go on that wait."""

    def __init__(self, body: str) -> None:
        self.how, self.body = "well", body
        self.url, self.requests = "", list[Mapping[str, str]]()
        self.asked, self.held = threading.Event(), threading.Event()

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        self.requests.append({name.lower(): value for name, value in to.headers.items()})
        self.asked.set()
        if self.how == "waiting":
            self.held.wait(60)
        status = {"down": 500, "moved": 302}.get(self.how, 200)
        to.send_response(status)
        to.send_header("Location", "/elsewhere")
        to.end_headers()
        if self.how == "endless":
            while True:
                to.wfile.write(MEGABYTE)
        while self.how == "dripping" and not self.held.wait(0.02):
            to.wfile.write(b" ")
            to.wfile.flush()
        to.wfile.write(b"<html>" if self.how == "no JSON" else self.body.encode())


@contextmanager
def publishing(body: str) -> Iterator[Publisher]:
    """A running one."""
    publisher = Publisher(body)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                publisher.answer(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    publisher.url = f"http://127.0.0.1:{server.server_port}/jwks"
    try:
        yield publisher
    finally:
        publisher.held.set()
        server.shutdown()
        thread.join()
        server.server_close()
