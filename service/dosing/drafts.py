"""Orders that are not signed yet, judged beside the record as if they were; nothing is kept."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from models.errors import Invalid, Refused
from models.patient import local
from models.problem import Problem
from models.resource_types import TYPES
from service.alerts.chart import Alert, Change, Chart, rejudged, revise
from service.evaluate import charts
from service.intake import check
from service.record.facts import Fact, Order
from service.record.lift import lift
from service.rules.rule import rank
from service.ruleset import Ruleset

Placed = tuple[str, Mapping[str, Any]]
_SIGNED = {"draft": "active", "proposal": "order", "plan": "order"}
"""What status and intent of a draft become when it is signed."""
_PLAIN: Mapping[str, Mapping[str, str]] = {
    "Observation": {"status": "final"},
    "MedicationRequest": {"status": "active", "intent": "order"},
    "MedicationAdministration": {"status": "completed"},
}
"""With these the rules read a resource, if they ever do: a code that FHIR does not know must not hide it."""


class Drafted(NamedTuple):
    """The record with the drafts signed, the alerts that this raises or makes worse, and whether any of the drafts is
    of a watched drug."""

    chart: Chart
    alerts: tuple[Alert, ...]
    watched: bool


def drafted(chart: Chart, changes: Sequence[Change], at: datetime, rules: Ruleset) -> Drafted:
    """Sign the drafts in thought. Of the alerts those about orders as such: what is due under them is for the check."""
    revision = revise(chart, changes, at, rules)
    alerts = tuple(alert for alert in revision.changed if _worse(alert, chart.alerts.get(alert.id)))
    return Drafted(revision.chart, alerts, any(isinstance(change.fact, Order) for change in changes))


def signed(
    drafts: Iterable[Placed],
    patient: str,
    at: datetime,
    medications: Mapping[str, dict[str, Any]],
    bases: Sequence[str],
) -> list[Change]:
    """What the drafts will be to the rules. Raises Malformed or Invalid for one that is about them and breaks FHIR."""

    def named(reference: str) -> dict[str, Any] | None:
        return medications.get(local(reference, bases))

    found = []
    for number, (place, draft) in enumerate(drafts):
        if draft.get("resourceType") == "MedicationRequest":
            doc = {**draft, "id": draft.get("id", f"draft-{number}")}
            for name in ("status", "intent"):
                doc[name] = _SIGNED.get(str(doc.get(name)), doc.get(name))
            fact = _fact(place, doc, at, named)
            if fact:
                _of(place, doc, patient, bases)
                found.append(Change(fact.source, fact))
    return found


def prefetched(
    resources: Iterable[Placed], patient: str, at: datetime, rules: Ruleset, bases: Sequence[str]
) -> Chart:
    """The chart of a patient of whom nothing is kept, from what came with the call, judged as $evaluate does."""
    kept = []
    for number, (place, resource) in enumerate(resources):
        doc = {**resource, "id": resource.get("id", f"prefetched-{number}")}
        if doc.get("resourceType") in ("Patient", "Medication"):
            _hold(place, doc)
            kept.append(doc)
        elif doc.get("resourceType") in TYPES and _fact(place, doc, at, lambda _: None):
            kept.append(doc)
    found = next((one for one in charts(kept, at, bases) if one.patient == patient), Chart(patient))
    return rejudged(found, at, rules).chart


def medication_ids(drafts: Iterable[Placed], bases: Sequence[str]) -> list[str]:
    """The Medications that drafts refer to."""
    held = (draft.get("medicationReference") for _, draft in drafts)
    references = (one.get("reference") for one in held if isinstance(one, Mapping))
    found = (local(one, bases).partition("/") for one in references if isinstance(one, str))
    return sorted({id for type, _, id in found if type == "Medication"})


def _fact(
    place: str, doc: dict[str, Any], at: datetime, medications: Callable[[str], dict[str, Any] | None]
) -> Fact | None:
    """The fact of a resource that the rules read, which then must be valid; another one is nobody's business here."""
    plain = _PLAIN.get(str(doc.get("resourceType")), {})
    try:
        read = lift({**doc, **plain}, at, medications).fact
    except Exception:  # it has not been held to FHIR yet: what broke the reading is told by that
        _hold(place, doc)
        raise
    if read is None:
        return None
    _hold(place, doc)
    return lift(doc, at, medications).fact


def _hold(place: str, doc: Mapping[str, Any]) -> None:
    try:
        check(doc, str(doc.get("resourceType")))
    except Refused as error:
        below = (problem.expression.partition(".")[2] for problem in error.problems)
        placed = (f"{place}.{rest}" if rest else place for rest in below)
        problems = [one._replace(expression=where) for one, where in zip(error.problems, placed, strict=True)]
        raise type(error)(problems) from error


def _of(place: str, doc: Mapping[str, Any], patient: str, bases: Sequence[str]) -> None:
    """Raises Invalid for a draft for somebody else than the patient of the call."""
    reference = doc["subject"].get("reference")
    named = "/".join(local(reference, bases).split("/")[-2:]) if isinstance(reference, str) else patient
    if named.startswith("Patient/") and named != patient:
        text = f"The draft is for {named[:80]}, the call is about {patient}."
        raise Invalid([Problem("business-rule", text, f"{place}.subject", "cds-hooks")])


def _worse(alert: Alert, before: Alert | None) -> bool:
    """Whether it stands, about an order as such, and did not before or was less severe."""
    if alert.retracted or not alert.standing:
        return False
    return before is None or bool(before.retracted) or rank(alert.severity) > rank(before.severity)
