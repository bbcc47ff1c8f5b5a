"""A row of the tables of what is refused: what is changed, where the answer points, which rule it names."""

from typing import Any, NamedTuple

from models.fhir.validation import STRUCTURAL, validate
from tests.fhir.bodies import Body, changed

BROKEN, RULE = True, False
"""Whether the structure is broken (400) or a rule (422)."""


class Row(NamedTuple):
    """One change to an acceptable body and the problem that it has to give."""

    body: Body
    changes: dict[str, Any]
    expression: str
    rule: str
    structural: bool = BROKEN


def extended(**parts: Any) -> dict[str, Any]:
    return {"extension": [{"url": "http://example.org/x", **parts}]}


def assert_refused(row: Row) -> None:
    errors = [problem for problem in validate(changed(row.body, row.changes)) if problem.severity == "error"]
    found = {(problem.expression, problem.rule): problem for problem in errors}
    assert (row.expression, row.rule) in found, errors
    assert (found[row.expression, row.rule].code in STRUCTURAL) is row.structural
    assert found[row.expression, row.rule].text.endswith(".")


def assert_acceptable_before(row: Row) -> None:
    if row.changes:
        assert validate(row.body) == []
