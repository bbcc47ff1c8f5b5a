"""What the rules of a single symptom share: the words, and nothing to compare with."""

from collections.abc import Mapping

from service.record.facts import Symptom
from service.rules.rule import Finding, Severity
from service.rules.sources import SOURCES, cite

ROUSED: Mapping[str | None, str] = {
    "V": "Responds to voice only",
    "P": "Responds to pain only",
    "U": "Unresponsive",
}
"""Levels of consciousness (ACVPU) at which a patient is no longer awake."""
_NAMED: Mapping[str, str] = {"dry-mouth": "dry mouth"}


def sedated(symptom: Symptom) -> bool:
    """Whether it is what the rule `sedation` speaks of."""
    return symptom.level in ROUSED or (symptom.kind == "drowsiness" and symptom.present)


def finding(symptom: Symptom, severity: Severity, acts: str, *sources: str) -> Finding:
    """A finding about a symptom; `sources` are keys of SOURCES."""
    assert all(source in SOURCES for source in sources)
    name = _NAMED.get(symptom.kind, symptom.kind).capitalize()
    grade = symptom.grade if symptom.graded else "grade not sent"
    return Finding(
        severity=severity, side="other", text=f"{name} ({grade}). {acts} Source: {cite(*sources)}."
    )
