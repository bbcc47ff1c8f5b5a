"""Requests that carry a mark wherever a client can put something, in good faith and in bad."""

import base64
import copy
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from models.examples import EXAMPLES
from models.fhir.codec import dump
from models.resource_types import TYPES
from tests.build import ago, panel

MARK = "zqxmark"
JSON = {"content-type": "application/fhir+json"}
_numbers = itertools.count(1)


class Sent(NamedTuple):
    """A request."""

    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = {}  # noqa: RUF012 - read only


def mark() -> str:
    """Another mark each time."""
    return f"{MARK}{next(_numbers)}"


def marked(doc: Any) -> Iterator[Any]:
    """The document with one of its texts, keys or numbers replaced, each in turn."""
    for path in _paths(doc):
        *way, last = path
        for change in (_value, _key, _list):
            made = copy.deepcopy(doc)
            holder = made
            for step in way:
                holder = holder[step]
            if change(holder, last):
                yield made


def _value(holder: Any, last: Any) -> bool:
    holder[last] = mark()
    return True


def _key(holder: Any, last: Any) -> bool:
    if isinstance(holder, dict):
        holder[mark()] = holder.pop(last)
    return isinstance(holder, dict)


def _list(holder: Any, last: Any) -> bool:
    holder[last] = [{mark(): mark()}]
    return True


def _paths(doc: Any) -> Iterator[tuple[Any, ...]]:
    pairs = doc.items() if isinstance(doc, dict) else enumerate(doc) if isinstance(doc, list) else ()
    for name, value in pairs:
        yield (name,)
        yield from ((name, *rest) for rest in _paths(value))


def kept() -> Iterator[Sent]:
    """What is taken: names, notes, identifiers, ids, references of patients."""
    for number in range(15):
        patient, reading = mark(), {**panel(70 + number, 40, ago(number), mark()), "note": [{"text": mark()}]}
        person = {
            "resourceType": "Patient",
            "id": patient,
            "name": [{"family": mark()}],
            "birthDate": "1980-01-01",
        }
        yield Sent("PUT", f"/fhir/Patient/{patient}", dump(person), JSON)
        identified = {**reading, "identifier": [{"system": f"urn:{mark()}", "value": mark()}]}
        yield Sent("POST", "/fhir/Observation", dump(identified), JSON)
        yield Sent(
            "POST",
            "/fhir/Observation",
            dump(reading),
            {**JSON, "If-None-Exist": f"identifier=urn:a|{mark()}"},
        )
        yield Sent("POST", "/fhir/Observation/$submit", dump(reading), JSON)
        yield Sent("GET", f"/fhir/Patient/{patient}")
        yield Sent("GET", f"/fhir/Patient/{patient}/$everything")
        yield Sent("GET", f"/fhir/Patient/{patient}/$dose-check")


def bodies() -> Iterator[Sent]:
    """Examples with a mark in every place, to every address that takes a body; whole, cut, and in a Bundle."""
    for example in EXAMPLES:
        path = f"/fhir/{example.type}" if example.type != "Bundle" else "/fhir"
        for at, made in enumerate(marked(example.document)):
            raw = dump(made)
            yield Sent("POST", path, raw if at % 7 else raw[: -at % len(raw) or 1], JSON)
            if at % 5 == 0 and example.type in TYPES:
                bundle = {"resourceType": "Bundle", "type": "batch" if at % 2 else "transaction"}
                entry = {
                    "resource": made,
                    "request": {"method": "POST", "url": f"{example.type}?_tag={mark()}"},
                }
                yield Sent("POST", "/fhir", dump({**bundle, "entry": [entry]}), JSON)
                yield Sent("POST", f"{path}/$validate", raw, JSON)
                yield Sent(
                    "POST", "/fhir/$evaluate", dump({**bundle, "type": "collection", "entry": [entry]}), JSON
                )


def addresses() -> Iterator[Sent]:
    """Paths, ids, parameters and headers."""
    odd: tuple[Callable[[str], str], ...] = (
        str, quote, lambda text: f"{text}%0D%0ASet-Cookie:{text}", lambda text: f"%00{text}", lambda text: f"{text}%ff",
        lambda text: f"../{text}", lambda text: f"{text}%F0%9F%98%80",
    )  # fmt: skip
    names = (
        "patient",
        "identifier",
        "family",
        "name",
        "birthdate",
        "_id",
        "subject:identifier",
        "_cursor",
        "_sort",
    )
    for twist, type in itertools.product(odd, ("Patient", "Observation", "MedicationRequest", MARK)):
        for method in ("GET", "PUT", "DELETE", "PATCH", "POST", "OPTIONS", "HEAD"):
            yield Sent(method, f"/fhir/{type}/{twist(mark())}", b"", JSON)
            yield Sent(method, f"/fhir/{type}/x/_history/{twist(mark())}?{mark()}={mark()}", b"", JSON)
            yield Sent(method, f"/fhir/{type}?{twist(mark())}={twist(mark())}", b"{}", JSON)
        for name in names:
            yield Sent("GET", f"/fhir/{type}?{name}={twist(mark())}")
            form = {"content-type": "application/x-www-form-urlencoded"}
            yield Sent("POST", f"/fhir/{type}/_search", f"{name}={twist(mark())}".encode(), form)
    for path in ("", "docs/", "health/", "metrics/", "cds-services/", "fhir/$", "fhir", "openapi.json"):
        yield Sent("GET", f"/{path}{mark()}?{mark()}={mark()}")
        yield Sent("POST", f"/{path}{mark()}", mark().encode())


def headers() -> Iterator[Sent]:
    """A mark in each header that is read, and in some that are not."""
    basic = base64.b64encode(MARK.encode() * 3).decode()
    for name in (
        "Accept", "Content-Type", "Prefer", "If-Match", "If-None-Match", "If-Modified-Since", "If-None-Exist", "Host",
        "X-Request-ID", "Authorization", "Cookie", "Referer", "User-Agent", "Origin", "X-Forwarded-For", "Upgrade",
        "X-Forwarded-Host", "Content-Encoding", "Transfer-Encoding", "Expect", "X-Correlation-ID", "Forwarded",
    ):  # fmt: skip
        for value in (mark(), f"Basic {basic}", f"a;{mark()}={mark()}", f'W/"{mark()}"'):
            for method, path in (
                ("GET", "/fhir/Patient"),
                ("POST", "/fhir/Observation"),
                ("PUT", "/fhir/Patient/x"),
            ):
                extra = {"Connection": "Upgrade"} if name == "Upgrade" else {}
                yield Sent(
                    method,
                    path,
                    b"" if method == "GET" else b'{"a":"' + MARK.encode(),
                    {name: value, **extra},
                )


def hooks() -> Iterator[Sent]:
    """CDS Hooks calls."""
    for number in range(20):
        context = {
            "patientId": mark(),
            "userId": mark(),
            "draftOrders": {"resourceType": "Bundle", "id": mark()},
        }
        call = {
            "hook": "order-sign",
            "hookInstance": mark(),
            "context": context,
            "prefetch": {mark(): mark()},
        }
        raw = json.dumps(call).encode()[: None if number % 2 else -9]
        yield Sent("POST", "/cds-services/clonidine-dose-check", raw, {"content-type": "application/json"})


BROKEN = (
    "GET /fhir/{0} {0}\r\n\r\n",
    "{0} /fhir/Patient HTTP/1.1\r\n\r\n",
    "GET /fhir/Patient?name=\u00e9{0} HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /fhir/Patient HTTP/1.1\r\nHost: h\r\n{0}\r\n\r\n",
    "GET /fhir/Patient HTTP/1.1\r\nHost: h\r\nX: {0}\x00{0}\r\n\r\n",
    "POST /fhir/Patient HTTP/1.1\r\nHost: h\r\nContent-Length: {0}\r\n\r\n{0}",
    "POST /fhir/Patient HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;{0}\r\n{0}",
    "POST /fhir/Patient HTTP/1.1\r\nHost: h\r\nContent-Length: 500\r\n\r\n{0}",
    "{0}",
)
"""What is no HTTP, or ends in the middle."""
