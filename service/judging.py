"""What is wrong with a resource that nobody keeps: the answer of $validate."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from models.errors import Refused
from models.fhir.validation import against, validate
from models.problem import Problem
from models.resource_types import TYPES
from models.search.index import whose
from service.intake import check, nobodys
from service.record.lift import lift

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
    lifted = lift(dict(doc), at, lambda _: None)
    if not whose(TYPES[type], doc, bases):
        lifted = nobodys(lifted, type)
    return [*warnings, *lifted.refusals]
