"""$everything: GET or POST Patient/[id]/$everything (https://hl7.org/fhir/R4/patient-operation-everything.html).

The Patient, then everything that bears the patient's key, in the order of commit: what is written meanwhile comes
at the end, and nothing is left out or comes twice as the same version. Medications that a page refers to come with
it as `include`, and so do Provenances that name no patient and tell the origin of something on the page.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.answers import bundle, entry, fhir, paged
from api.audit import seen
from api.endpoint import ID
from api.including import MOST_INCLUDED
from api.operations.parameters import posted
from api.permitted import narrowings, permissions
from api.query import RECORD, check, given, number
from api.service import base, bases, service
from models.errors import BadRequest, Gone, NotFound
from models.fhir.codec import parse
from models.parameters import Pairs
from models.patient import local
from models.problem import Problem
from models.resource_types import TYPES
from models.search.cursor import Cursor
from models.search.query import MOST
from models.store import everything as statements
from models.stored import Stored
from models.times import span

DEFAULT_COUNT = 200
BEGINNING = (statements.PATIENT, -1)
REFERRING = ("MedicationRequest", "MedicationAdministration")


class Asked(NamedTuple):
    """A request understood; `text` are its parameters but for the cursor, as links have them."""

    types: tuple[str, ...]
    since: int
    size: int
    cursor: Cursor | None
    text: str


class Page(NamedTuple):
    """What a page holds; `last` is the entry that a next page begins behind."""

    epoch: str
    found: list[Stored]
    last: Stored | None


async def everything(request: Request) -> Response:
    """200 with a searchset, paged; 404 where nothing is kept of the patient."""
    return await _answer(request, _asked(request.query_params.multi_items()))


async def everything_by_post(request: Request) -> Response:
    """The same with what is asked as Parameters in the body; links lead to a GET."""
    pairs = await posted(request)
    check(request, pairs, RECORD)
    return await _answer(request, _asked(pairs))


async def _answer(request: Request, asked: Asked) -> Response:
    if held := permissions(request):
        for type in asked.types:
            held.check(type, "s")
    patient = await _patient(request)
    page = await _page(request, patient, asked)
    included = await _medications(request, page.found, asked)
    included += await _origins(request, patient, page.found, asked)
    seen(request, (*page.found, *included))
    modes = {"match": page.found, "include": included}
    entries = (
        entry(base(request), one.reference, one.text(), mode)
        for mode, listed in modes.items()
        for one in listed
    )
    return fhir(bundle("searchset", entries, _links(f"{base(request)}/{patient}/$everything", asked, page)))


async def _patient(request: Request) -> str:
    """The patient's key: the Patient need not be here, but something of the patient's must be."""
    id = request.path_params["id"]
    bears = statements.bears(f"Patient/{id}", _kinds(request))
    if not ID.fullmatch(id) or not await service(request).reader.rows(*bears):
        raise NotFound(f"Nothing is kept of {f'Patient/{id}'[:80]!r}.")
    return f"Patient/{id}"


def _kinds(request: Request, asked: Asked | None = None) -> statements.Kinds:
    """Of the types asked for, all where none are, what the sender may search."""
    return statements.Kinds(asked.types if asked else (), narrowings(request, "s"))


async def _page(request: Request, patient: str, asked: Asked) -> Page:
    after = (asked.cursor.key[0], asked.cursor.seq) if asked.cursor else BEGINNING
    statement = statements.page(patient, _kinds(request, asked), asked.since, after, asked.size + 1)
    rows = await service(request).reader.rows(*statement)
    epoch, head = rows[0][:2]
    if asked.cursor and (asked.cursor.epoch != epoch or asked.cursor.seq > head):
        raise Gone(
            "This link belongs to an earlier life of the database, which was restored since. Start again."
        )
    found = [Stored(*row[2:]) for row in rows if row[2] is not None]
    return Page(epoch, found[: asked.size], found[asked.size - 1] if len(found) > asked.size else None)


async def _medications(request: Request, page: Sequence[Stored], asked: Asked) -> list[Stored]:
    """The Medications that the page refers to, unless other types are asked for."""
    if asked.types and "Medication" not in asked.types:
        return []
    ids = sorted({id for one in page if one.type in REFERRING for id in _referred(one, bases(request))})
    wanted = statements.medications(ids, _kinds(request))
    return [Stored(*row) for row in await service(request).reader.rows(*wanted)] if ids else []


async def _origins(request: Request, patient: str, page: Sequence[Stored], asked: Asked) -> list[Stored]:
    """The Provenances of what is on the page, beside those of the patient, unless other types are asked for."""
    if not page or (asked.types and "Provenance" not in asked.types):
        return []
    statement = statements.origins(
        patient, [one.reference for one in page], _kinds(request), MOST_INCLUDED + 1
    )
    found = [Stored(*row) for row in await service(request).reader.rows(*statement)]
    if len(found) > MOST_INCLUDED:
        told = f"More than {MOST_INCLUDED} Provenances tell the origin of one page; ask for smaller pages with _count."
        raise BadRequest([Problem("too-costly", told)])
    return found


def _referred(stored: Stored, bases: Sequence[str]) -> Iterator[str]:
    reference = parse(stored.content.encode()).get("medicationReference", {}).get("reference")
    type, _, id = local(reference, bases).partition("/") if isinstance(reference, str) else ("", "", "")
    if type == "Medication":
        yield id


def _links(address: str, asked: Asked, page: Page) -> Mapping[str, str]:
    links = {"self": paged(address, asked.text, asked.cursor)}
    if page.last:
        rank = statements.PATIENT if page.last.type == "Patient" else statements.OTHERS
        links["next"] = paged(address, asked.text, Cursor(page.epoch, (rank,), page.last.seq))
    return links


def _asked(pairs: Pairs) -> Asked:
    query = given(pairs, RECORD.names)
    cursor = _cursor(query.pop("_cursor")) if "_cursor" in query else None
    text = urlencode(query, safe=":/,")
    types = tuple(query["_type"].split(",")) if "_type" in query else ()
    for name in types:
        if name not in TYPES:
            known = ", ".join(TYPES)
            raise BadRequest(f"Parameter '_type': {name[:64]!r} is not served here. Served are {known}.")
    count = number(query.get("_count", str(DEFAULT_COUNT)), "_count", MOST)
    return Asked(types, _since(query.get("_since")), count, cursor, text)


def _cursor(text: str) -> Cursor:
    try:
        cursor = Cursor.read(text)
        if [*map(type, cursor.key)] != [int]:
            raise ValueError("not a cursor of this operation; use a link as it was given.")
        return cursor
    except ValueError as error:
        raise BadRequest(f"Parameter '_cursor': {error}") from error


def _since(text: str | None) -> int:
    try:
        return 0 if text is None else span(text.replace(" ", "+")).low
    except (ValueError, OverflowError) as error:
        advice = f"Parameter '_since': {str(text)[:80]!r} is no instant; give 2026-11-22T10:00:00Z."
        raise BadRequest(advice) from error
