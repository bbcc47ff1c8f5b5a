"""read and search of the audit: GET AuditEvent/[id], GET AuditEvent?..., POST AuditEvent/_search.

https://hl7.org/fhir/R4/auditevent.html. Newest first, page by page behind the number of the last event seen; to look
is itself an event.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api import audit
from api.answers import bundle, entry, fhir, paged
from api.exchange import form
from api.query import Taken, check, number, present
from api.service import base, bases, service
from models.errors import BadRequest, NotFound
from models.parameters import EVERYWHERE, Pairs
from models.patient import identifier_key, local
from models.resource_types.audit_event import AUDIT_EVENT
from models.search.cursor import Cursor
from models.search.question import DEFAULT_COUNT, MOST
from models.store.audits import DATES, Dated, Wanted, page
from models.store.chain import Row
from models.times import span

LIFE = "audit"
"""Stands in cursors where those of other searches have the life of the database: numbers of the audit go on."""
PATIENT = "patient:identifier"
MANY = (*(param.name for param in AUDIT_EVENT.params), PATIENT)
PARAMETERS = Taken((*MANY, "_count", "_cursor"), MANY)
MOST_VALUES = 50
COLUMNS = ("agent", "action", "outcome", "subtype")


async def read_audit(request: Request) -> Response:
    """The event of this number."""
    id = request.path_params["id"]
    wanted = Wanted(numbers=((int(id),),)) if _is_number(id) else None
    rows = await service(request).reader.rows(*page(wanted, 1)) if wanted else ()
    if not rows:
        raise NotFound(f"AuditEvent/{id[:80]} is not kept here.")
    return fhir(Row(*rows[0]).text())


async def search_audit(request: Request) -> Response:
    """A searchset of events, newest first."""
    return await _answer(request, request.query_params.multi_items())


async def search_audit_by_post(request: Request) -> Response:
    """The same with the parameters in a form."""
    pairs = [*request.query_params.multi_items(), *await form(request)]
    present(request, pairs)
    return await _answer(request, pairs)


async def _answer(request: Request, pairs: Pairs) -> Response:
    check(request, pairs, PARAMETERS)
    given = [pair for pair in pairs if pair[0] in PARAMETERS.names]
    size = number(dict(given).get("_count", str(DEFAULT_COUNT)), "_count", MOST)
    wanted = _wanted(given, bases(request))
    for key in (one for references in wanted.entities for one in references if one.startswith("Patient")):
        audit.of_patient(request, key)
    rows = [Row(*row) for row in await service(request).reader.rows(*page(wanted, size + 1))]
    address, asked = f"{base(request)}/AuditEvent", [pair for pair in given if pair[0] != "_cursor"]
    text = urlencode(asked, safe=":/,|")
    links = {"self": paged(address, text, Cursor(LIFE, (), wanted.before) if wanted.before else None)}
    if len(rows) > size:
        links["next"] = paged(address, text, Cursor(LIFE, (), rows[size - 1].number))
    entries = (entry(base(request), f"AuditEvent/{row.number}", row.text(), "match") for row in rows[:size])
    return fhir(bundle("searchset", entries, links))


def _wanted(pairs: Pairs, bases: Sequence[str]) -> Wanted:
    """What the parameters ask. Raises BadRequest."""
    wanted = Wanted()
    for name, text in pairs:
        values = text.split(",")
        if name in ("_count", *EVERYWHERE):
            continue
        if not all(values) or len(values) > MOST_VALUES:
            raise BadRequest(f"Parameter {name!r}: give 1 to {MOST_VALUES} values, none of them empty.")
        if name == "_cursor":
            wanted = wanted._replace(before=_before(text))
        elif name == "_id":
            wanted = wanted._replace(
                numbers=(*wanted.numbers, [int(v) if _is_number(v) else -1 for v in values])
            )
        elif name == "date":
            wanted = wanted._replace(dates=(*wanted.dates, [_dated(value) for value in values]))
        elif name in COLUMNS:
            codes = [value.rpartition("|")[2] if name != "agent" else value for value in values]
            wanted = wanted._replace(columns=(*wanted.columns, (name, codes)))
        else:
            about = [_reference(name, value, bases) for value in values]
            wanted = wanted._replace(entities=(*wanted.entities, about))
    return wanted


def _reference(name: str, text: str, bases: Sequence[str]) -> str:
    if name == PATIENT:
        system, bar, value = text.rpartition("|")
        return identifier_key(system, value) if bar else identifier_key("", text)
    reference = local(text, bases)
    if "/" in reference:
        return reference
    if name == "patient":
        return f"Patient/{reference}"
    raise BadRequest(f"Parameter 'entity': {text[:80]!r} names no type; give Type/id.")


def _dated(text: str) -> Dated:
    prefix, date = (text[:2], text[2:]) if text[:2] in DATES else ("eq", text)
    try:
        return Dated(prefix, span(date.replace(" ", "+")))
    except (ValueError, OverflowError) as error:
        raise BadRequest(
            f"Parameter 'date': {text[:40]!r} is no date; give 2026-11-22 or an instant, behind one of the prefixes "
            f"{', '.join(DATES)}."
        ) from error


def _before(text: str) -> int:
    try:
        cursor = Cursor.read(text)
    except ValueError as error:
        raise BadRequest(f"The cursor is {error}") from error
    if cursor.epoch != LIFE or cursor.key:
        raise BadRequest("The cursor is not one of this search; use a link as it was given.")
    return cursor.seq


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
