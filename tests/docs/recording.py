"""Answers of the running application for the pages: what is shown there was really given.

Times, ids, addresses of pages and cursors differ from run to run; they are replaced by ones that do not.
"""

import asyncio
import json
import re
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

import httpx

from api.app import Application, create_app
from api.settings import settings
from models import errors
from models.examples import NOW, example, moved
from tests.auth.flow import ALERTS, SMART, bearer, register
from tests.in_process import application
from tests.template import settled

FHIR_JSON = {"Content-Type": "application/fhir+json"}
LOW = "observation-low"


class Ask(NamedTuple):
    """A request: `body` is the text itself or the name of an example."""

    method: str
    path: str
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def line(self) -> str:
        """As a reader sees it."""
        told = "".join(f", {name}: {value}" for name, value in self.headers)
        return f"{self.method} {self.path}{told}"


POLL = Ask("GET", "/fhir/Observation?category=alert&_sort=_lastUpdated&_count=10")
READING = "/fhir/Observation/bp-42"
BOGUS = '{"resourceType": "Observation", "status": "bogus", "code": {"text": "Blood pressure"}}'
REFUSALS: dict[type[errors.Refused], Ask] = {
    errors.Malformed: Ask("POST", "/fhir/Observation", '{"resourceType": "Observation", "status": '),
    errors.BadRequest: Ask("GET", "/fhir/Patient?mrn=000731"),
    errors.NotAuthenticated: Ask("GET", "/fhir/Observation?category=alert"),
    errors.Forbidden: Ask("GET", "/fhir/Patient/bed-3"),
    errors.NotFound: Ask("GET", "/fhir/Observation/bp-43"),
    errors.NotAllowed: Ask("GET", "/fhir/$evaluate"),
    errors.NotAcceptable: Ask("GET", READING, headers=(("Accept", "application/fhir+xml"),)),
    errors.Conflict: Ask(
        "PATCH",
        READING,
        '[{"op": "test", "path": "/status", "value": "preliminary"}]',
        (("Content-Type", "application/json-patch+json"),),
    ),
    errors.Gone: Ask("GET", READING),
    errors.PreconditionFailed: Ask("DELETE", READING, headers=(("If-Match", 'W/"7"'),)),
    errors.TooLarge: Ask("POST", "/fhir/Observation", LOW),
    errors.WrongMediaType: Ask("POST", "/fhir/Observation", "systolic=84", (("Content-Type", "text/plain"),)),
    errors.Elsewhere: Ask("GET", READING, headers=(("Host", "pictures.example"),)),
    errors.Invalid: Ask("POST", "/fhir/Observation", BOGUS),
    errors.TooSlow: Ask("POST", "/fhir/Observation", headers=(("Content-Length", "2000"),)),
    errors.HeadTooLarge: Ask("GET", f"/fhir/Observation?subject={'Patient/p,' * 3}"),
    errors.Throttled: Ask("GET", POLL.path),
    errors.Unavailable: Ask("POST", "/fhir/Observation", LOW),
}
"""For each kind of error a request that meets it."""
BY_THE_PROTOCOL = (errors.TooSlow, errors.HeadTooLarge)
LIMITED: dict[type[errors.Refused], dict[str, int]] = {
    errors.TooLarge: {"max_body_bytes": 1024},
    errors.Throttled: {"rate_limit": 1},
}
"""Settings with which a request is refused."""

WITH_OUTCOME = (("Prefer", "return=OperationOutcome"),)
ANSWERS: dict[str, tuple[str, tuple[Ask, ...]]] = {
    "created": ("A low panel, as it is kept", (Ask("POST", "/fhir/Observation", LOW),)),
    "createdOutcome": (
        "The same with Prefer: return=OperationOutcome",
        (Ask("POST", "/fhir/Observation", LOW, WITH_OUTCOME),),
    ),
    "polled": ("Poll of the alerts", (Ask("POST", "/fhir/Observation", LOW), POLL)),
    "consumed": (
        "The first page of a consumer that begins with what there is",
        (
            Ask("POST", "/fhir/Observation", LOW),
            Ask("POST", "/fhir/$poll?consumer=pager&from=beginning&_count=10"),
        ),
    ),
    "submitted": ("A low panel and its alert", (Ask("POST", "/fhir/Observation/$submit", LOW),)),
    "transaction": ("Answer to the transaction", (Ask("POST", "/fhir", "bundle-transaction"),)),
    "batch": ("Answer to the batch", (Ask("POST", "/fhir", "bundle-batch"),)),
    "doseCheck": (
        "Hold: the panel is too low, and no order is known",
        (Ask("POST", "/fhir/Observation", LOW), Ask("GET", "/fhir/Patient/bed-3/$dose-check")),
    ),
    "evaluated": (
        "Alerts of the collection",
        (Ask("POST", "/fhir/$evaluate?at=2026-11-22T10:00:00Z", "bundle-evaluate"),),
    ),
}
"""Requests one after the other on an empty database; the last one's answer is shown."""


def record() -> dict[str, Any]:
    """Everything anew, as `api/openapi/recorded.json` holds it."""
    refusals = {
        kind.__name__: (_refused_by_the_protocol if kind in BY_THE_PROTOCOL else _refusal)(kind, ask)
        for kind, ask in REFUSALS.items()
    }
    answers = {name: _answer(summary, asks) for name, (summary, asks) in ANSWERS.items()}
    entry = answers["polled"]["body"]["entry"][0]["resource"]
    answers["alert"] = {"summary": "An alert", "headers": {}, "body": entry}
    return {"refusals": refusals, "answers": answers}


def _refusal(kind: type[errors.Refused], ask: Ask) -> dict[str, Any]:
    before: list[Ask] = []
    if kind in (errors.Gone, errors.NotAcceptable, errors.Conflict, errors.PreconditionFailed):
        before.append(Ask("PUT", READING, moved_to_id(LOW, "bp-42")))
    if kind is errors.Gone:
        before.append(Ask("DELETE", READING))
    if kind is errors.Throttled:
        before.append(ask)
    held = SMART if kind in (errors.NotAuthenticated, errors.Forbidden) else LIMITED.get(kind, {})
    scope = ALERTS if kind is errors.Forbidden else ""
    answer = answered([*before, ask], end_writer=kind is errors.Unavailable, scope=scope, **held)
    body = ask.body if ask.body != LOW else ""
    return {"request": ask.line, "body": body, "status": answer.status_code, "outcome": answer.json()}


def _refused_by_the_protocol(kind: type[errors.Refused], ask: Ask) -> dict[str, Any]:
    """What a connection is answered before any request is complete."""
    head = (
        f"{ask.method} {ask.path}{'Patient/p,' * 1_000 if kind is errors.HeadTooLarge else ''} HTTP/1.1\r\n"
    )
    sent = head + "".join(f"{name}: {value}\r\n" for name, value in (("Host", "h"), *ask.headers)) + "\r\n"
    with tempfile.TemporaryDirectory() as folder:
        options = {"slow_seconds": 1, "max_header_bytes": 8192}
        with application(f"sqlite:///{folder}/record.db", **options) as client:
            address = (client.base_url.host, client.base_url.port or 80)
            with socket.create_connection(address, timeout=60) as line:
                line.sendall(sent.encode())
                head, _, body = line.makefile("rb").read().decode().partition("\r\n\r\n")
    return {"request": ask.line, "body": "", "status": int(head.split()[1]), "outcome": json.loads(body)}


def _answer(summary: str, asks: tuple[Ask, ...]) -> dict[str, Any]:
    answer = answered(asks)
    assert answer.is_success, answer.text
    shown = ("location", "etag", "last-modified", "link")
    headers = {name.title(): answer.headers[name] for name in shown if name in answer.headers}
    made = json.loads(steady(json.dumps({"headers": headers, "body": answer.json()})))
    return {"summary": summary, **made}


def moved_to_id(name: str, id: str) -> str:
    """An example's text under an id."""
    doc = json.loads(example(name).text)
    return json.dumps({"resourceType": doc.pop("resourceType"), "id": id, **doc})


def answered(
    asks: list[Ask] | tuple[Ask, ...], end_writer: bool = False, scope: str = "", **options: Any
) -> httpx.Response:
    """The last of the answers to `asks`, from an application with an empty database; with a token where there is a
    scope."""
    return asyncio.run(_answered(asks, end_writer, scope, options))


async def _answered(
    asks: list[Ask] | tuple[Ask, ...], end_writer: bool, scope: str, options: dict[str, Any]
) -> httpx.Response:
    async with _application(options) as (app, client):
        if scope:
            engine = register(app.service.settings.database_url, "engine", scope)
            token = (await app.service.authority.own.token(engine.assertion(), ())).token
            client.headers.update(bearer(token))
        if end_writer:
            await app.service.writer.stop()
        *_, answer = [await _send(client, ask) for ask in asks]
    return answer


async def _send(client: httpx.AsyncClient, ask: Ask) -> httpx.Response:
    text = ask.body if not re.fullmatch(r"[a-z-]+", ask.body) else example(ask.body).text
    headers = dict(FHIR_JSON if text else {}) | dict(ask.headers)
    url = moved(ask.path, datetime.now(UTC))
    return await client.request(ask.method, url, content=moved(text, datetime.now(UTC)), headers=headers)


@asynccontextmanager
async def _application(options: dict[str, Any]) -> AsyncIterator[tuple[Application, httpx.AsyncClient]]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/record.db"
        settled(url).dispose()
        app = create_app(settings({}, database_url=url, **options))
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client,
        ):
            yield app, client


def steady(text: str) -> str:
    """`text` with what differs from run to run replaced, equal things by equal ones."""
    now = datetime.now(UTC).replace(microsecond=0)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", lambda match: _back(match[0], now), text)
    text = _each(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", text, _instant)
    text = _each(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", text, _uuid)
    text = _each(r"\b[0-9a-f]{64}\b", text, _digest)
    text = re.sub(r"(cursor|ack)=[\w-]+", r"\1=WzEsImVwb2NoIiwxLDFd", text)
    return re.sub(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT", f"{NOW:%a, %d %b %Y %H:%M:%S} GMT", text)


def _back(written: str, now: datetime) -> str:
    """A time around now as the example has it; the examples stand on whole minutes."""
    by = datetime.fromisoformat(written) - now
    return f"{NOW + timedelta(minutes=round(by.total_seconds() / 60)):%Y-%m-%dT%H:%M:%SZ}"


def _each(pattern: str, text: str, stand_in: Callable[[int], str]) -> str:
    found = {value: at for at, value in enumerate(dict.fromkeys(re.findall(pattern, text)))}
    return re.sub(pattern, lambda match: stand_in(found[match[0]]), text)


def _instant(at: int) -> str:
    return f"{NOW + timedelta(microseconds=417_201 + at):%Y-%m-%dT%H:%M:%S.%fZ}"


def _uuid(at: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"example {at}"))


def _digest(at: int) -> str:
    return sha256(f"example {at}".encode()).hexdigest()
