"""Bodies that are too large, too deep, of too many parts, or packed."""

import bz2
import gzip
import json
import select
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from api.bodies import AT_ONCE
from api.exchange import STRING, marks, more
from models.errors import Invalid
from models.problem import Problem
from service import intake
from tests.build import panel
from tests.in_process import application
from tests.limits.lines import PATIENCE, ended, line, refused

JSON = {"Content-Type": "application/fhir+json"}
PATCH = {"Content-Type": "application/json-patch+json"}
LEAST = 65_536
MEGABYTE = 1 << 20


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[httpx.Client]:
    """A service with low limits."""
    settings = {"max_body_bytes": MEGABYTE, "max_body_values": LEAST, "max_bundle_entries": 3}
    with application(f"sqlite:///{tmp_path / 'record.db'}", **settings) as client:
        yield client


def told(answer: httpx.Response, status: int) -> str:
    """Code and text of the refusal."""
    assert answer.status_code == status, answer.text
    issue = OperationOutcome.model_validate_json(answer.content).issue[0]
    return f"{issue.code}: {issue.details.text}"


def requests(body: bytes) -> Iterator[tuple[str, str, bytes, dict[str, str]]]:
    """Every way in for a body."""
    for path in (
        "/fhir",
        "/fhir/Observation",
        "/fhir/Observation/$submit",
        "/fhir/$evaluate",
        "/fhir/Bundle/$validate",
    ):
        yield "POST", path, body, JSON
    yield "POST", "/fhir/Observation/$validate", body, JSON
    yield "POST", "/cds-services/clonidine-dose-check", body, JSON
    yield "PUT", "/fhir/Observation/o1", body, JSON
    yield "PATCH", "/fhir/Observation/o1", body, PATCH


@pytest.mark.parametrize("unit", [b"[", b'{"a":', b'[{"a":', b'[1,{"b":'])
@pytest.mark.parametrize("size", [10_000, MEGABYTE - 64])
def test_a_body_nested_without_end_is_malformed(narrow: httpx.Client, unit: bytes, size: int) -> None:
    for method, path, body, headers in requests(unit * (size // len(unit))):
        answer = narrow.request(method, path, content=body, headers=headers)
        if answer.status_code == 413:
            assert "values" in told(answer, 413)
        else:
            assert "nested deeper than 64" in told(answer, 400)


def test_the_largest_body_of_brackets_is_refused(sqlite_client: httpx.Client) -> None:
    for unit in (b"[", b"]", b"[]", b'"', b"\\", b'"\\"'):
        answer = sqlite_client.post(
            "/fhir/Observation", content=unit * ((32 << 20) // len(unit)), headers=JSON
        )
        assert answer.status_code in (400, 413)


def test_a_body_of_too_many_values_is_refused_before_it_is_read(narrow: httpx.Client) -> None:
    start = b'{"resourceType":"Observation","x":['
    for value in (b"1", b"{}", b'{"a":1}', b"[]", b'""'):
        many = start + b",".join([value] * (LEAST + 1)) + b"]}"
        for method, path, body, headers in requests(many):
            answer = narrow.request(method, path, content=body, headers=headers)
            assert told(answer, 413).startswith("too-costly: The body holds more than 65536 values")


def test_what_stands_in_strings_counts_for_nothing(narrow: httpx.Client) -> None:
    note = {"text": ',[{\\"' * (LEAST // 2)}
    body = json.dumps({**panel(120, 80), "note": [note]}).encode()
    assert marks(body) > LEAST
    answer = narrow.post("/fhir/Observation", content=body, headers=JSON)
    assert answer.status_code == 201
    assert answer.json()["note"] == [note]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (rb'{"a":"b,[{","c":[1,"\"",2]}', b"{:,:[1,,2]}"),
        (rb'["\\",",",1]', b"[,,1]"),
        (b'[1,"never, ended', b"[1,"),
        (rb'[1,"\"\"\"\",', b"[1,"),
        (b'["ends in \\', b"[\\"),
    ],
)
def test_strings_are_told_from_what_stands_between_them(text: bytes, left: bytes) -> None:
    assert STRING.sub(b"", text) == left
    assert not more(text, marks(left))
    assert more(text, marks(left) - 1)


def test_a_text_of_many_small_strings_is_looked_through_in_pieces() -> None:
    """All at once took seconds of every other thread, and nine octets for one that was sent."""
    text = b'{"a":' * (4 * LEAST)
    tracemalloc.start()
    assert more(text, LEAST)
    assert not more(text, len(text))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(text) // 10


def test_a_bundle_of_too_many_entries_is_refused(narrow: httpx.Client) -> None:
    entry = {"resource": panel(120, 80), "request": {"method": "POST", "url": "Observation"}}
    for type in ("batch", "transaction"):
        bundle: dict[str, Any] = {"resourceType": "Bundle", "type": type, "entry": [entry] * 3}
        assert narrow.post("/fhir", json=bundle).status_code == 200
        answer = narrow.post("/fhir", json={**bundle, "entry": [entry] * 4})
        assert told(answer, 422) == "too-costly: 4 entries; at most 3 are taken in one Bundle. Send several."


def test_a_bundle_of_as_many_entries_as_are_taken_holds_no_more_values_than_are_taken() -> None:
    """The richest panel of the examples, 5000 times, is within MAX_BODY_VALUES."""
    from api.settings import settings
    from models.examples import example

    entry = {
        "resource": json.loads(example("observation-lying").text),
        "request": {"method": "POST", "url": "x"},
    }
    given = settings({})
    assert marks(json.dumps(entry).encode()) * given.max_bundle_entries < given.max_body_values


def bomb() -> bytes:
    return b'{"resourceType":"Observation","note":[{"text":"' + b"x" * (64 * MEGABYTE) + b'"}]}'


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", gzip.compress),
        ("zstd", gzip.compress),
        ("bzip2", bz2.compress),
        ("gzip, gzip", lambda raw: gzip.compress(gzip.compress(raw))),
        ("identity, gzip", gzip.compress),
    ],
)
def test_no_packed_body_is_unpacked(sqlite_client: httpx.Client, encoding: str, pack: Any) -> None:
    packed = pack(bomb())
    tracemalloc.start()
    for kind in (JSON, {"Content-Type": "application/x-www-form-urlencoded"}):
        path = "/fhir/Observation" if kind is JSON else "/fhir/Observation/_search"
        answer = sqlite_client.post(path, content=packed, headers={**kind, "Content-Encoding": encoding})
        assert "Compressed bodies are not read" in told(answer, 415)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 * MEGABYTE


@pytest.mark.parametrize("encoding", ["gzip", "gzip, chunked", "deflate,chunked", "chunked, gzip"])
def test_no_packed_transfer_is_unpacked(sqlite_client: httpx.Client, encoding: str) -> None:
    packed = gzip.compress(b"x" * 100_000)
    head = f"POST /fhir/Observation HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: {encoding}\r\nConnection: close\r\n\r\n"
    with line(sqlite_client) as made:
        made.sendall(head.encode() + b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed))
        status, text = refused(ended(made))
    assert (status, "Compressed" in text or "no valid HTTP" in text) in ((415, True), (400, True))


def test_a_body_without_a_length_ends_at_the_limit(narrow: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * 65_536

    assert told(narrow.post("/fhir/Observation", content=endless(), headers=JSON), 413).startswith("too-long")


def test_large_bodies_at_once_have_a_bound_and_small_ones_a_way(narrow: httpx.Client) -> None:
    head = b"POST /fhir/Patient HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % MEGABYTE
    with ExitStack() as stack:
        lines = [stack.enter_context(line(narrow)) for _ in range(AT_ONCE + 1)]
        for made in lines:
            made.sendall(head + b" " * (MEGABYTE - 1))
        answered, _, _ = select.select(lines, (), (), PATIENCE)
        status, text = refused(answered[0].recv(65536))
        assert (status, text[:40]) == (503, "transient: The bodies that are being rec")
        assert narrow.post("/fhir/Observation", json=panel(120, 80)).status_code == 201
    large = {"resourceType": "Patient", "name": [{"text": "x" * 900_000}]}
    end = time.monotonic() + PATIENCE
    for _ in range(AT_ONCE + 1):
        while (answer := narrow.post("/fhir/Patient", json=large)).status_code == 503:
            assert time.monotonic() < end  # it takes a moment until all have been seen to hang up
        assert answer.status_code == 201


class Alone(Problem):
    """A problem that is not to be compared with others."""

    def __eq__(self, other: object) -> bool:
        raise AssertionError("as many comparisons as the square of the problems")

    __hash__ = Problem.__hash__


def test_many_problems_are_not_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of 4 megabytes whose 100,000 parts are each wrong took more than two minutes."""
    found = tuple(Alone("invariant", "x", severity=severity) for severity in ("error", "warning") * 3)
    monkeypatch.setattr(intake, "validate", lambda _: found)
    with pytest.raises(Invalid) as refusal:
        intake.check({"resourceType": "Patient"}, "Patient")
    assert [problem.severity for problem in refusal.value.problems] == ["error"] * 3 + ["warning"] * 3


def test_a_patient_has_a_bounded_number_of_identifiers(sqlite_client: httpx.Client) -> None:
    """100,000 held up every other write for more than two minutes."""
    most = [{"system": "urn:a", "value": f"{at}"} for at in range(intake.MOST_IDENTIFIERS)]
    doc: dict[str, Any] = {"resourceType": "Patient", "id": "p", "identifier": most}
    assert sqlite_client.put("/fhir/Patient/p", json=doc).status_code == 201
    more = [{"op": "add", "path": "/identifier/-", "value": {"value": "one more"}}]
    for answer in (
        sqlite_client.put("/fhir/Patient/p", json={**doc, "identifier": [*most, more[0]["value"]]}),
        sqlite_client.patch("/fhir/Patient/p", json=more, headers=PATCH),
    ):
        assert told(answer, 422).startswith("too-costly: 1001 identifiers of one Patient; at most 1000")
        (issue,) = answer.json()["issue"]
        assert issue["expression"] == ["Patient.identifier"]
        assert issue["details"]["coding"][0]["code"] == "most-identifiers"
