"""Answers: stored text joined, never a resource dumped again."""

import re
from collections.abc import Iterable, Mapping, Sequence
from email.utils import formatdate
from functools import lru_cache
from typing import Any

import msgspec
from starlette.responses import Response

from api.errors import ALL_OK, outcome, status
from models.errors import Forbidden, NotAuthenticated, Refused
from models.fhir.codec import dump
from models.problem import Problem
from models.search.cursor import Cursor
from models.stored import Stored
from service.alerts.chart import Alert
from service.alerts.observation import message
from service.commit import Written

_NOT_PRINTABLE = re.compile(r"[^ -~]")
MEDIA_TYPE = "application/fhir+json; charset=utf-8"
ALERT_RELATION = "https://clonidine-watch.org/rel/alert"
MOST_LINKS, MOST_WARNINGS, LONGEST_WARNING = 50, 10, 300
"""Alerts named in a Link header, warnings in a Warning header; proxies refuse headers of many kilobytes."""


def fhir(body: str | bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A FHIR JSON answer."""
    return Response(body, status, headers, MEDIA_TYPE)


def fhir_document(
    doc: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """The same for a document that this service made."""
    return fhir(dump(dict(doc)), status, headers)


def refusal(error: Refused) -> Response:
    """The answer to a request that was refused."""
    return fhir_document(outcome(error.problems), status(error), _challenge(error))


def _challenge(error: Refused) -> dict[str, str]:
    """What a client is to do: come back, or show another token (https://www.rfc-editor.org/rfc/rfc6750#section-3)."""
    if status(error) == 503:
        return {"Retry-After": "1"}
    if isinstance(error, NotAuthenticated):
        told = f', error="invalid_token", error_description="{_plain(str(error))}"' if error.sent else ""
        return {"WWW-Authenticate": f'Bearer realm="fhir"{told}'}
    if isinstance(error, Forbidden):
        asked = f', scope="{error.scope}"' if error.scope else ""
        return {"WWW-Authenticate": f'Bearer realm="fhir", error="insufficient_scope"{asked}'}
    return {}


def version_headers(stored: Stored) -> dict[str, str]:
    """ETag and Last-Modified."""
    return {"ETag": f'W/"{stored.number}"', "Last-Modified": _http_date(stored.seq // 1_000_000)}


@lru_cache(maxsize=1_000)
def _http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


def location(base: str, stored: Stored) -> str:
    """The address of a version."""
    return f"{base}/{stored.reference}/_history/{stored.number}"


STATUS_OF = {"created": 201, "updated": 200, "unchanged": 200, "matched": 200, "deleted": 204}


def written(result: Written, base: str, prefer: str) -> Response:
    """The answer to a create, update or delete."""
    stored, code = result.stored, STATUS_OF[result.outcome]
    headers = {} if stored.number == 0 else version_headers(stored)
    if result.raised:
        links = [f'<{base}/{version.reference}>; rel="{ALERT_RELATION}"' for _, version in result.raised]
        headers["Link"] = ", ".join(links[:MOST_LINKS])
    if result.warnings:
        headers["Warning"] = ", ".join(_warning(problem) for problem in result.warnings[:MOST_WARNINGS])
    if result.outcome == "deleted":
        return Response(status_code=204, headers=headers)
    headers["Location"] = location(base, stored)
    if prefer == "minimal":
        return Response(status_code=code, headers=headers)
    if prefer == "OperationOutcome":
        return fhir_document(outcome(issues(result)), code, headers)
    return fhir(stored.text(), code, headers)


def issues(result: Written) -> list[Problem]:
    """One issue an alert raised, then the warnings; one that says so where there is neither."""
    raised = [alert_issue(alert, version) for alert, version in result.raised]
    return [*raised, *result.warnings] or [ALL_OK]


def alert_issue(alert: Alert, version: Stored) -> Problem:
    """An alert as an issue: its rule, its message, its address."""
    return Problem("business-rule", message(alert), "", alert.rule, "warning", version.reference)


def entry(base: str, reference: str, text: str, mode: str = "") -> str:
    """A Bundle's entry around the text of the resource `reference` (`Type/id`); in a searchset with its mode."""
    found = f',"search":{{"mode":"{mode}"}}' if mode else ""
    return f'{{"fullUrl":"{base}/{reference}","resource":{text}{found}}}'


def passed_over(problems: Sequence[Problem]) -> list[str]:
    """What a lenient client asked in vain, as an entry of its own in a searchset."""
    if not problems:
        return []
    return [dump({"resource": outcome(problems), "search": {"mode": "outcome"}}).decode()]


def paged(address: str, text: str, cursor: Cursor | None) -> str:
    """The address of a page: `text` is what was asked, but for the cursor."""
    parts = [part for part in (text, f"_cursor={cursor.text()}" if cursor else "") if part]
    return f"{address}?{'&'.join(parts)}" if parts else address


def bundle(type: str, entries: Iterable[str], links: Mapping[str, str], total: int | None = None) -> str:
    """A Bundle around entries that are text already."""
    parts = ['{"resourceType":"Bundle","type":"', type, '"']
    if total is not None:
        parts.append(f',"total":{total}')
    if links:
        listed = [{"relation": relation, "url": url} for relation, url in links.items()]
        parts += [',"link":', dump(listed).decode()]
    joined = ",".join(entries)
    if joined:
        parts += [',"entry":[', joined, "]"]
    return "".join([*parts, "}"])


def indented(response: Response) -> Response:
    """The same, each part on a line of its own; no digit changes."""
    if response.body:
        response.body = msgspec.json.format(bytes(response.body))
        response.headers["Content-Length"] = str(len(response.body))
    return response


def warned(response: Response, problems: Sequence[Problem]) -> None:
    """Name the problems in the Warning header, behind those that stand there."""
    told = [response.headers["Warning"]] if "Warning" in response.headers else []
    if problems:
        response.headers["Warning"] = ", ".join([*told, *map(_warning, problems[:MOST_WARNINGS])])


def _warning(problem: Problem) -> str:
    return f'199 clonidine-watch "{_plain(problem.text)}"'


def _plain(text: str) -> str:
    """As it can stand between quotation marks in a header."""
    text = " ".join(text[:LONGEST_WARNING].split()).replace('"', "'").replace("\\", "/")
    return _NOT_PRINTABLE.sub("?", text)
