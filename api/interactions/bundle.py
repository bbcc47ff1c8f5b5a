"""batch and transaction: POST to the base (https://hl7.org/fhir/R4/http.html#transaction)."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import audit
from api.answers import STATUS_OF, bundle, fhir, issues, location
from api.clock import new_id, now
from api.errors import BROKEN, outcome, status
from api.exchange import document, handling, prefers
from api.headers import headers
from api.looking import Looker
from api.permitted import sees
from api.service import base, bases, service
from api.writing import commit, commit_one
from models.errors import Invalid, Malformed, Refused
from models.fhir.codec import dump
from models.fhir.validation import validate_bundle_shell
from models.problem import Problem
from models.times import instant
from service import bundles
from service.commit import Written

log = logging.getLogger(__name__)
REASON = {200: "OK", 201: "Created", 204: "No Content"}
FEW = 8
"""Entries of a batch that read at the same time."""
Result = Written | Refused | str
"""What became of an entry; that of a reading one is text already."""


async def transaction_or_batch(request: Request) -> Response:
    """A transaction is kept whole or not at all; the entries of a batch each stand for themselves."""
    doc = await document(request)
    _check(doc)
    most = service(request).settings.max_bundle_entries
    context = bundles.Context(bases(request), now(), new_id, handling(request) == "lenient", most)
    work = _transaction if doc["type"] == "transaction" else _batch
    return _answer(request, f"{doc['type']}-response", await work(request, doc, context))


async def _transaction(request: Request, doc: dict[str, Any], context: bundles.Context) -> list[Result]:
    """What writes is kept together; what reads comes last and sees it. A reading that is not understood refuses all."""
    asked = await asyncio.to_thread(bundles.transaction, doc, context)
    ready, looker = [item for item in asked if isinstance(item, bundles.Ready)], Looker(request)
    looks = [item for item in asked if isinstance(item, bundles.Look)]
    for look in looks if ready else ():
        await looker.check(look)
    answer = await commit(request, [item.entry for item in ready], transaction=True) if ready else ()
    results: dict[int, Result] = {
        item.entry.place: written._replace(warnings=(*item.warnings, *written.warnings))
        for item, written in zip(ready, answer, strict=True)
    }
    results |= {look.at: await looker.entry(look) for look in looks}
    return [results[at] for at in sorted(results)]


async def _batch(request: Request, doc: dict[str, Any], context: bundles.Context) -> list[Result]:
    asked = await asyncio.to_thread(bundles.batch, doc, context)
    looker, few = Looker(request), asyncio.Semaphore(FEW)
    return list(await asyncio.gather(*(_single(request, item, looker, few) for item in asked)))


def _check(doc: dict[str, Any]) -> None:
    if doc.get("resourceType") != "Bundle":
        raise Malformed(
            [Problem("structure", "The base takes a Bundle; post a resource to its type.", "Bundle")]
        )
    problems = [problem for problem in validate_bundle_shell(doc) if problem.severity == "error"]
    if problems:
        raise Malformed(problems)
    if doc.get("type") not in ("batch", "transaction"):
        text = f"Bundle.type is {doc.get('type')!r}; batch and transaction are taken here."
        raise Invalid([Problem("not-supported", text, "Bundle.type", "bundle-type")])


async def _single(
    request: Request, item: bundles.Ready | bundles.Look | Refused, looker: Looker, few: asyncio.Semaphore
) -> Result:
    if isinstance(item, Refused):
        return await audit.entry_refused(request, item)
    if isinstance(item, bundles.Look):
        async with few:
            return await looker.entry(item)
    try:
        return await commit_one(request, item.entry, item.warnings)
    except Refused as error:
        reference = (
            f"{item.entry.type}/{item.entry.id}" if item.entry.id and item.entry.method != "POST" else ""
        )
        return await audit.entry_refused(request, error, item.entry.method, reference)
    except Exception:  # the others of the batch stand by themselves, and are kept
        log.exception("an entry of a batch failed")
        return dump({"response": {"status": "500", "outcome": outcome([BROKEN])}}).decode()


def _answer(request: Request, type: str, results: Sequence[Result]) -> Response:
    whole = "return=representation" in headers(request).get("prefer", "") and (
        prefers(headers(request)["prefer"]) == "representation"
    )
    return fhir(bundle(type, (_entry(request, result, whole) for result in results), {}))


def _entry(request: Request, result: Result, whole: bool) -> str:
    if isinstance(result, str):
        return result
    if isinstance(result, Refused):
        return dump(
            {"response": {"status": str(status(result)), "outcome": outcome(result.problems)}}
        ).decode()
    stored, code = result.stored, STATUS_OF[result.outcome]
    response: dict[str, Any] = {"status": f"{code} {REASON[code]}"}
    if result.outcome != "deleted":
        response |= {"location": location(base(request), stored), "etag": f'W/"{stored.number}"'}
    if stored.seq:
        response["lastModified"] = instant(stored.seq)
    if result.raised or result.warnings:
        response["outcome"] = outcome(issues(result))
    text = dump({"response": response}).decode()
    if whole and result.outcome != "deleted" and sees(request, "r", stored):
        text = f'{{"resource":{stored.text()},{text[1:]}'
    return text
