"""One finding about what a client sent."""

from typing import NamedTuple


class Problem(NamedTuple):
    """One issue of an OperationOutcome.

    `code` is an IssueType (https://hl7.org/fhir/R4/valueset-issue-type.html), `text` a sentence that tells
    element, rule and remedy, `expression` a FHIRPath such as `Observation.component[0].value`, `rule` the id
    of the rule that was broken (`obs-6`, `vs-3`, the name of a value set).
    """

    code: str
    text: str
    expression: str = ""
    rule: str = ""
    severity: str = "error"
    diagnostics: str = ""
