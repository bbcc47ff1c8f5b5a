"""Conditional reads: 304 for what the client has already (https://hl7.org/fhir/R4/http.html#cread)."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response

from api.headers import headers


def not_modified(request: Request, about: dict[str, str], same: Callable[[str], bool]) -> Response | None:
    """304 with the headers `about` the representation, where the client has it; None where it does not.

    `same` tells whether an If-None-Match names this representation. If-Modified-Since counts only where that header
    is not sent, and is passed over where it is no date, as https://www.rfc-editor.org/rfc/rfc9110#section-13 asks.
    """
    given = headers(request)
    tags, since = given.get("if-none-match"), given.get("if-modified-since")
    if tags is not None:
        return Response(status_code=304, headers=about) if same(tags) else None
    if since is not None and _seconds(since) >= _seconds(about["Last-Modified"]):
        return Response(status_code=304, headers=about)
    return None


def _seconds(text: str) -> float:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return float("-inf")
