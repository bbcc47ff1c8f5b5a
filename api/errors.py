"""The one table that knows which HTTP status an error has, and its OperationOutcome."""

from collections.abc import Iterable, Mapping
from typing import Any

from models import errors
from models.fhir.primitives import CONTROL
from models.problem import Problem

STATUS: Mapping[type[errors.Refused], int] = {
    errors.Malformed: 400,
    errors.BadRequest: 400,
    errors.NotAuthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.NotAllowed: 405,
    errors.NotAcceptable: 406,
    errors.TooSlow: 408,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.PreconditionFailed: 412,
    errors.TooLarge: 413,
    errors.WrongMediaType: 415,
    errors.Elsewhere: 421,
    errors.Invalid: 422,
    errors.Throttled: 429,
    errors.HeadTooLarge: 431,
    errors.Unavailable: 503,
}
MOST_ISSUES = 200
"""Issues of one answer: a hostile body can have more problems than octets."""
LONGEST = 4_000
"""Characters of one issue's text, which can quote what was sent."""
RULES = "https://clonidine-watch.org/fhir/CodeSystem/validation-rule"


def status(error: errors.Refused) -> int:
    """The HTTP status of an error, that of its nearest kind in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def outcome(problems: Iterable[Problem]) -> dict[str, Any]:
    """An OperationOutcome (https://hl7.org/fhir/R4/operationoutcome.html) with an issue a problem."""
    shown = list(problems)
    if len(shown) > MOST_ISSUES:
        text = f"{len(shown) - MOST_ISSUES} more problems were found; these come first."
        shown = [*shown[:MOST_ISSUES], Problem("too-long", text)]
    return {"resourceType": "OperationOutcome", "issue": [_issue(problem) for problem in shown]}


def _issue(problem: Problem) -> dict[str, Any]:
    details: dict[str, Any] = {"text": CONTROL.sub("\ufffd", problem.text[:LONGEST])}
    if problem.rule:
        details = {"coding": [{"system": RULES, "code": problem.rule}], **details}
    issue: dict[str, Any] = {"severity": problem.severity, "code": problem.code, "details": details}
    if problem.diagnostics:
        issue["diagnostics"] = problem.diagnostics
    if problem.expression:
        issue["expression"] = [problem.expression]
    return issue


ALL_OK = Problem("informational", "Kept; no alert was raised.", severity="information")
BROKEN = Problem(
    "exception", "The service failed on this request; nothing was kept. The failure is logged and counted."
)
