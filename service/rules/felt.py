"""What the rules of a single symptom share: the words, and nothing to compare with."""

from collections.abc import Mapping

from service.record.facts import Symptom
from service.rules.rule import Finding, Severity
from service.rules.sources import SOURCES, cite

_NAMED: Mapping[str, str] = {"dry-mouth": "dry mouth"}


def finding(symptom: Symptom, severity: Severity, acts: str, *sources: str) -> Finding:
    """A finding about a symptom; `sources` are keys of SOURCES."""
    assert all(source in SOURCES for source in sources)
    name = _NAMED.get(symptom.kind, symptom.kind).capitalize()
    grade = symptom.grade if symptom.graded else "grade not sent"
    return Finding(
        severity=severity, side="other", text=f"{name} ({grade}). {acts} Source: {cite(*sources)}."
    )
