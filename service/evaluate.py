"""The rules over a collection of resources that is not kept (`$evaluate`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from models.patient import patient_key
from service.alerts.chart import Change, Chart, revise
from service.alerts.observation import observation
from service.record.facts import Fact, Order
from service.record.lift import lift
from service.record.moments import BEGINNING
from service.ruleset import Ruleset


def evaluate(
    resources: Sequence[Mapping[str, Any]], at: datetime, rules: Ruleset, bases: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The alert Observations that the rules raise at `at`, by patient and time.

    Each resource counts as recorded at its own effective or authored time, one without a time from the beginning;
    what is later than `at` is left out. What cannot be watched (no subject) raises nothing.
    """
    medications = {
        str(one.get("id")): dict(one) for one in resources if one.get("resourceType") == "Medication"
    }
    changes: dict[str, list[Change]] = {}
    for resource in resources:
        patient = patient_key(resource.get("subject"), bases)
        fact = _fact(resource, medications)
        if patient and fact and fact.recorded <= at:
            changes.setdefault(patient, []).append(Change(fact.source, fact))
    return [
        observation(alert, patient)
        for patient, told in sorted(changes.items())
        for alert in revise(Chart(patient), told, at, rules).raised
    ]


def _fact(resource: Mapping[str, Any], medications: Mapping[str, dict[str, Any]]) -> Fact | None:
    """The fact as of its own time. When an order ended is for the record to tell, not for this moment."""

    def stored(reference: str) -> dict[str, Any] | None:
        return medications.get(reference.rpartition("/")[2].removeprefix("urn:uuid:"))

    fact = lift(dict(resource), BEGINNING, stored).fact
    if isinstance(fact, Order):
        return replace(fact, ended=None, recorded=fact.authored or fact.at)
    return replace(fact, recorded=fact.at) if fact else None
