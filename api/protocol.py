"""HTTP/1.1 as uvicorn speaks it, but for one answer: to what is no HTTP at all."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.errors import outcome
from models.fhir.codec import dump
from models.problem import Problem

_TEXT = (
    "The request is no valid HTTP: write what is no plain ASCII in an address in percent-encoding (%20 for a blank, "
    "%C3%A9 for \u00e9), and give Content-Length once, as a number."
)


class Protocol(HttpToolsProtocol):
    """Refuses in FHIR's words, as every other refusal of this service is made."""

    def send_400_response(self, msg: str) -> None:
        """Answer and hang up: what follows cannot be told apart."""
        body = dump(outcome([Problem("invalid", _TEXT, rule="http")]))
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/fhir+json; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
