"""What clients may do with the Task of an alert: take it up, work on it, close it; not what would break the link."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from models.errors import Invalid
from models.fhir.codec import parse
from models.patient import local
from models.problem import Problem
from service.intake import Entry
from service.moves import Held
from service.tasks.task import CLOSED, IN_HAND, OPEN, Taken, decode, taken

FIXED = ("intent", "code", "focus", "for", "authoredOn", "requester")
"""What says which alert is to be acknowledged, since when, and who asks."""
STATUSES = (*OPEN, *CLOSED)
"""`cancelled` is the service's own word."""


def part_taken(entry: Entry, previous: Held, at: datetime, bases: Sequence[str] = ()) -> Taken | None:
    """That an update takes the Task up. Raises Invalid where it would break what the Task is for."""
    if entry.doc is None:
        text = f"{previous.reference} belongs to an alert and stays; set its status to completed or rejected."
        raise Invalid([_problem("", text)])
    before, asked = parse(previous.content.encode()), decode(previous.lifted)
    problems = [
        _problem(
            name, f"{name} says which alert this Task is about; send it as it was, {before.get(name)!r}."
        )
        for name in FIXED
        if _plain(entry.doc.get(name), bases) != _plain(before.get(name), bases)
    ]
    status = entry.doc.get("status", "unknown")  # an extension may stand in its place
    if status != before["status"] and status not in STATUSES:
        text = f"The status of the Task of an alert can become {', '.join(STATUSES)}, not {status}."
        problems.append(_problem("status", text))
    if asked.severity == "critical" and status in (*IN_HAND, *CLOSED) and not named(entry.doc.get("owner")):
        text = "Who takes up a critical alert has to be told: give owner with a reference or an identifier."
        problems.append(_problem("owner", text))
    if problems:
        raise Invalid(problems)
    return taken(before, entry.doc, asked, at)


def named(reference: Any) -> bool:
    """Whether a Reference tells somebody by more than a name."""
    return isinstance(reference, Mapping) and bool(reference.get("reference") or reference.get("identifier"))


def _plain(value: Any, bases: Sequence[str]) -> Any:
    """The same for references to the same resource, however they are written."""
    if isinstance(value, Mapping) and isinstance(value.get("reference"), str):
        return local(value["reference"], bases)
    return value


def _problem(name: str, text: str) -> Problem:
    return Problem("business-rule", text, f"Task.{name}" if name else "Task", "alert-task")
