"""What is wrong with a resource that nobody keeps: the answer of $validate."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from models.errors import Refused
from models.fhir.validation import against, validate, validate_bundle_shell
from models.problem import Problem
from models.resource_types import TYPES
from models.search.index import whose
from service.bundles import Context, Ready, batch, placed, transaction
from service.intake import check, nobodys
from service.record.lift import lift

TAKEN = ("batch", "transaction")
"""Bundles that the base takes."""
Mode = Literal["create", "update", "profile"]


def problems(
    doc: Mapping[str, Any], type: str, mode: Mode, profile: str, at: datetime, bases: Sequence[str] = ()
) -> list[Problem]:
    """Everything that FHIR says of a document, and, of one to be created or updated, what this service says.

    `profile` is held to beside those that the document claims; "" for none.
    """
    found = _kept(doc, type, at, bases) if mode != "profile" else _read(doc, type)
    told = {(problem.expression, problem.rule, problem.code) for problem in found}
    more = against(doc, profile) if profile else []
    return found + [
        problem for problem in more if (problem.expression, problem.rule, problem.code) not in told
    ]


def bundle_problems(doc: Mapping[str, Any], mode: Mode, profile: str, context: Context) -> list[Problem]:
    """The same of a Bundle and of every part of it: of a batch or transaction what the base would refuse or warn of."""
    shell = validate_bundle_shell(dict(doc))
    if doc.get("resourceType") != "Bundle":
        return shell
    broken = any(problem.severity == "error" for problem in shell)
    taken = not broken and mode != "profile" and doc["type"] in TAKEN
    found = [*shell, *_taken(doc, context)] if taken else validate(dict(doc))
    return found + (against(doc, profile) if profile else [])


def _taken(doc: Mapping[str, Any], context: Context) -> Iterator[Problem]:
    """What is wrong with each entry; what only the database could tell (a missing target, a version) is not asked."""
    try:
        parts = transaction(doc, context) if doc["type"] == "transaction" else batch(doc, context)
    except Refused as error:
        yield from error.problems
        return
    for part in parts:
        if isinstance(part, Refused):
            yield from part.problems
        elif isinstance(part, Ready):
            made = part.entry
            told = _watched(made.doc, made.type, context.now, context.bases) if made.doc else ()
            yield from placed([*part.warnings, *told], made.place)


def _read(doc: Mapping[str, Any], type: str) -> list[Problem]:
    """A document that is kept already: nothing is asked but FHIR's rules."""
    if doc.get("resourceType") == type:
        return validate(dict(doc))
    text = f"resourceType is {str(doc.get('resourceType'))[:80]!r}; {type} is expected here."
    return [Problem("structure", text, type, "resource-type")]


def _kept(doc: Mapping[str, Any], type: str, at: datetime, bases: Sequence[str]) -> list[Problem]:
    """What a create or update would refuse, and warn of."""
    try:
        warnings = check(doc, type)
    except Refused as error:
        return list(error.problems)
    return [*warnings, *_watched(doc, type, at, bases)]


def _watched(doc: Mapping[str, Any], type: str, at: datetime, bases: Sequence[str]) -> Sequence[Problem]:
    """What the rules could not work with."""
    lifted = lift(dict(doc), at, lambda _: None)
    return (lifted if whose(TYPES[type], doc, bases) else nobodys(lifted, type)).refusals
