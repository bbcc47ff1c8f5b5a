"""Connections as no library makes them: what is sent, and when, is said octet by octet."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
from fhir.resources.R4B.operationoutcome import OperationOutcome

PATIENCE = 60.0
"""Seconds after which a connection that should have been closed counts as kept."""


@contextmanager
def line(client: httpx.Client, receive: int | None = None) -> Iterator[socket.socket]:
    """A connection to the service behind the client; `receive`: octets of its receive buffer."""
    with socket.socket() as made:
        if receive:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        made.settimeout(PATIENCE)
        made.connect((client.base_url.host, client.base_url.port or 80))
        yield made


def ended(made: socket.socket) -> bytes:
    """Everything that comes until the service closes; TimeoutError where it does not."""
    parts = []
    with suppress(ConnectionResetError):
        while part := made.recv(65536):
            parts.append(part)
    return b"".join(parts)


def refused(answer: bytes) -> tuple[int, str]:
    """Status and text of a refusal."""
    head, _, body = answer.partition(b"\r\n\r\n")
    issue = OperationOutcome.model_validate_json(body).issue[0]
    return int(head.split()[1]), f"{issue.code}: {issue.details.text}"


def dripped(made: socket.socket, octet: bytes = b"x") -> bytes:
    """What comes while an octet is sent every so often, until the service closes."""
    end = time.monotonic() + PATIENCE
    made.settimeout(0.2)
    parts = []
    while time.monotonic() < end:
        try:
            made.sendall(octet)
            part = made.recv(65536)
        except TimeoutError:
            continue
        except (ConnectionResetError, BrokenPipeError):
            break
        if not part:
            break
        parts.append(part)
    else:
        raise TimeoutError
    return b"".join(parts)
