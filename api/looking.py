"""Entries of a Bundle that read: each answered as the same request by itself would be, in this process."""

import asyncio
import re
import string
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from starlette.requests import Request

from api.audit import PLACE
from api.errors import STATUS, outcome, status
from models.errors import Refused, TooLarge
from models.fhir.codec import dump, parse
from models.problem import Problem
from service.bundles import Look

MOST_OCTETS = 64 * 1024 * 1024
"""Octets that the reading entries of one Bundle may be answered with together."""
UNSEEN = re.compile(r"content-|if-|transfer-encoding|x-http-method")
"""Headers that are about the Bundle and not about its entries."""
REASON = {200: "OK", 304: "Not Modified"}
LAST_UPDATED = re.compile(r'"lastUpdated":"([^"]+)"')
OWN = (404, 410)
"""Statuses that are an entry's own answer, and no reason to refuse a transaction."""


class Seen(NamedTuple):
    """What a reading entry was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Looker:
    """Reads for one Bundle."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._left = MOST_OCTETS

    async def entry(self, asked: Look) -> str:
        """The entry of the answer, as text."""
        if self._left <= 0:
            error = TooLarge(
                f"The answers of one Bundle hold {MOST_OCTETS} octets at most; ask for less at once."
            )
            return dump(
                {"response": {"status": str(status(error)), "outcome": outcome(error.problems)}}
            ).decode()
        await asyncio.sleep(0)  # what is answered without waiting lets others have their turn all the same
        seen = await self._seen(asked)
        self._left -= len(seen.body)
        return _entry(asked, seen)

    async def check(self, asked: Look) -> None:
        """Refuse what cannot be understood, before anything is written."""
        seen = await self._seen(asked, {PLACE: None})  # asked again and told of once the Bundle is kept
        kinds = {code: kind for kind, code in STATUS.items()}
        if seen.status >= 400 and seen.status not in OWN:
            kind = kinds.get(seen.status, Refused)
            where = f"Bundle.entry[{asked.at}]"
            raise kind(
                [Problem(one["code"], one["details"]["text"], where) for one in parse(seen.body)["issue"]]
            )

    async def _seen(self, asked: Look, more: Mapping[str, Any] | None = None) -> Seen:
        path, _, query = asked.url.partition("?")
        scope = {
            **{name: self._request.scope[name] for name in KEPT if name in self._request.scope},
            "method": "GET",
            "path": f"/fhir/{unquote(path)}",
            "raw_path": quote(f"/fhir/{path}", safe=string.printable).encode(),
            "query_string": quote(query, safe=string.printable).encode(),
            "headers": [*self._headers(asked.request)],
            **(more or {}),
        }
        return await _answered(self._request.app, scope)

    def _headers(self, asked: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
        given = [
            pair for pair in self._request.scope["headers"] if not UNSEEN.match(pair[0].decode("latin-1"))
        ]
        if tag := asked.get("ifNoneMatch"):
            given.append((b"if-none-match", str(tag).encode("latin-1", "replace")))
        if since := asked.get("ifModifiedSince"):
            given.append((b"if-modified-since", _http_date(str(since)).encode()))
        return given


KEPT = ("type", "asgi", "http_version", "scheme", "server", "client", "root_path", "state")
"""What a request within a Bundle shares with that of the Bundle."""


async def _answered(app: Any, scope: dict[str, Any]) -> Seen:
    messages: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    await app.routed(scope, receive, send)
    start, *rest = messages
    named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Seen(start["status"], named, b"".join(message.get("body", b"") for message in rest))


def _entry(asked: Look, seen: Seen) -> str:
    if seen.status >= 400:
        refused = {"status": str(seen.status)}
        return f'{{"response":{dump(refused).decode()[:-1]},"outcome":{seen.body.decode()}}}}}'
    told = {"status": f"{seen.status} {REASON.get(seen.status, '')}".strip()}
    if tag := seen.headers.get("etag"):
        told["etag"] = tag
        if match := LAST_UPDATED.search(seen.body[:500].decode(errors="replace")):
            told["lastModified"] = match[1]
    response = dump(told).decode()
    if not seen.body or asked.method == "HEAD":
        return f'{{"response":{response}}}'
    return f'{{"resource":{seen.body.decode()},"response":{response}}}'


def _http_date(instant: str) -> str:
    """An instant as HTTP writes dates; "" for what is none, which is then passed over."""
    try:
        return format_datetime(datetime.fromisoformat(instant).astimezone(UTC), usegmt=True)
    except (ValueError, OverflowError):
        return ""
