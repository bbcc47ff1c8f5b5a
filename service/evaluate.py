"""The rules over a collection of resources that is not kept (`$evaluate`)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from models.errors import Invalid
from models.patient import identifier_keys
from models.resource_types import TYPES
from models.search.index import whose
from service.alerts.chart import Chart, rejudged
from service.alerts.observation import observation
from service.intake import nobodys
from service.record.facts import Fact, Medicine, Order
from service.record.lift import lift
from service.record.moments import BEGINNING
from service.record.record import Record
from service.ruleset import Ruleset


def evaluate(
    resources: Sequence[Mapping[str, Any]], at: datetime, rules: Ruleset, bases: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The alert Observations that the rules raise at `at`, by patient and time."""
    return [alert for chart in charts(resources, at, bases) for alert in implied(chart, at, rules)]


def implied(chart: Chart, at: datetime, rules: Ruleset) -> list[dict[str, Any]]:
    """The alert Observations that a record implies at `at`, whatever alerts it has."""
    bare = Chart(chart.patient, chart.record)
    return [observation(alert, chart.patient) for alert in rejudged(bare, at, rules).raised]


def charts(resources: Sequence[Mapping[str, Any]], at: datetime, bases: Sequence[str] = ()) -> list[Chart]:
    """The records that resources make, by patient, without alerts.

    Each resource counts as recorded at its own effective or authored time, one without a time from the beginning;
    what is later than `at` is left out. What cannot be watched (no subject) has no record.
    """
    medications = {
        str(one.get("id")): dict(one) for one in resources if one.get("resourceType") == "Medication"
    }
    known_as = _bearers(resources)
    facts: dict[str, list[Fact]] = {}
    for resource in resources:
        fact = _fact(resource, medications)
        key = whose(TYPES[resource["resourceType"]], resource, bases) if fact else ""
        patient = known_as.get(key, key)
        if patient and fact and fact.recorded <= at:
            facts.setdefault(patient, []).append(fact)
    return [Chart(patient, Record.of(held)) for patient, held in sorted(facts.items())]


def watchable(resource: Mapping[str, Any], bases: Sequence[str] = ()) -> None:
    """Raises Invalid for what the rules would judge if it named a patient, as a write does."""
    lifted = lift(dict(resource), BEGINNING, lambda _: None)
    if lifted.fact and not whose(TYPES[resource["resourceType"]], resource, bases):
        lifted = nobodys(lifted, resource["resourceType"])
    if lifted.refusals:
        raise Invalid(lifted.refusals)


def _bearers(resources: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The Patients among the resources by the keys of their identifiers, where one alone bears it."""
    found: dict[str, set[str]] = {}
    for resource in resources:
        if resource.get("resourceType") == "Patient":
            for key in identifier_keys(resource):
                found.setdefault(key, set()).add(f"Patient/{resource.get('id')}")
    return {key: bearers.pop() for key, bearers in found.items() if len(bearers) == 1}


def _fact(resource: Mapping[str, Any], medications: Mapping[str, dict[str, Any]]) -> Fact | None:
    """The fact as of its own time. When an order ended is for the record to tell, not for this moment."""

    def stored(reference: str) -> dict[str, Any] | None:
        return medications.get(reference.rpartition("/")[2].removeprefix("urn:uuid:"))

    fact = lift(dict(resource), BEGINNING, stored).fact
    if isinstance(fact, Order | Medicine):
        return replace(fact, ended=None, recorded=fact.authored or fact.at)
    return replace(fact, recorded=fact.at) if fact else None
