"""The rules as PlanDefinitions, with the limits that are in force (https://hl7.org/fhir/R4/plandefinition.html).

An event-condition-action rule: a fact changes, the condition is judged, an alert is raised. R4 has no element for the
number that a condition compares with, so the limits are the parameters of a contained Library; each value stands in
https://hl7.org/fhir/extensions/StructureDefinition-cqf-defaultValue.html, which is made for parameters.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from models.fhir.alert_profile import ADDRESS
from service.conformance.heading import address, heading
from service.record.codes import (
    COWS,
    COWS_TOTAL,
    LOINC,
    PANELS,
    SNOMED,
    SYMPTOMS,
    UCUM,
    VITALS,
    WITHDRAWAL_SCALE,
)
from service.record.facts import (
    Allergy,
    Condition,
    Dose,
    Goal,
    Medicine,
    Order,
    Person,
    Reading,
    Score,
    Symptom,
)
from service.rulebook import paragraphs, repeat
from service.rules.rule import Limit, Rule
from service.rules.sources import MARKS, SOURCES
from service.rules.wording import plain
from service.ruleset import Described

TYPE = "PlanDefinition"
DEFAULT_VALUE = "http://hl7.org/fhir/StructureDefinition/cqf-defaultValue"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_SOURCE = re.compile(r"\bS\d+b?\b")
_USAGE = (
    "Decision support, not a medical device. The numbers in the texts are those that the rule came with; the limits in "
    "force on this server are the parameters of the contained Library. Marks: {marks}."
)


def _changed(type: str, *codes: tuple[str, Iterable[str]]) -> dict[str, Any]:
    """Resources of a type, with one of the codes of each system, are added, modified or removed."""
    listed = [{"system": system, "code": code} for system, known in codes for code in known]
    filters = {"codeFilter": [{"path": "code", "code": listed}]} if listed else {}
    return {"type": "data-changed", "data": [{"type": type, **filters}]}


TRIGGERS: Mapping[type, Mapping[str, Any]] = {
    Reading: _changed("Observation", (LOINC, (*VITALS, *sorted(PANELS)))),
    Symptom: _changed("Observation", (SNOMED, SYMPTOMS)),
    Score: _changed("Observation", (SNOMED, (COWS,)), (WITHDRAWAL_SCALE, (COWS_TOTAL,))),
    Dose: _changed("MedicationAdministration"),
    Order: _changed("MedicationRequest"),
    Medicine: _changed("MedicationRequest"),
    Condition: _changed("Condition"),
    Allergy: _changed("AllergyIntolerance"),
    Person: _changed("Patient"),
    Goal: _changed("Goal"),
}
"""What makes a rule look again, by the kind of fact. Medicines are known by name too, so no code stands for them."""

_EVERY_SECOND = {
    "type": "periodic",
    "timingTiming": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "s"}},
}
_TOLD = ("What", "Why", "Evidence", "Limits")


def plan_definition(row: Described) -> dict[str, Any]:
    """The PlanDefinition resource."""
    rule = row.rule
    told = {**dict.fromkeys(_TOLD, rule.title), **paragraphs(row.what)}
    status = _status(row)
    limits = {"contained": [_library(row, status)], "library": ["#limits"]} if row.limits else {}
    marks = "; ".join(f"[{mark}] {about}" for mark, about in MARKS.items())
    artifacts = [*_citations(row), *_borrowed(rule)]
    return {
        **heading(TYPE, rule.id, rule.title, _sentence(told["What"])),
        **limits,
        "type": _concept(_TERMINOLOGY + "plan-definition-type", "eca-rule"),
        "status": status,
        "purpose": f"{_sentence(told['Why'])}\n\nEvidence: {told['Evidence']}",
        "usage": f"Limits: {told['Limits']}\n\n{_USAGE.format(marks=marks)}",
        **({"relatedArtifact": artifacts} if artifacts else {}),
        "action": [_action(row)],
    }


def _status(row: Described) -> str:
    """A rule that waits to be turned on is a draft; one that the site has turned off is retired."""
    if row.on:
        return "active"
    return "retired" if row.rule.on else "draft"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _citations(row: Described) -> Iterator[dict[str, Any]]:
    """The sources that the rule's own text or one of its limits names."""
    texts = (row.what, *(limit.source for limit in row.limits.values()))
    named = {found for text in texts for found in _SOURCE.findall(text)}
    for name, (title, url) in SOURCES.items():
        if name in named:
            yield {"type": "citation", "label": name, "citation": title, **({"url": url} if url else {})}


def _borrowed(rule: Rule) -> Iterator[dict[str, Any]]:
    """The rules whose limits this one reads too."""
    for other in rule.borrows:
        yield {"type": "depends-on", "resource": address(TYPE, other)}


def _action(row: Described) -> dict[str, Any]:
    rule = row.rule
    looked_at = _looked_at(rule)
    triggers: list[Mapping[str, Any]] = [_EVERY_SECOND] if rule.clock else []
    for kind, trigger in TRIGGERS.items():
        triggers += [trigger] if kind in looked_at and trigger not in triggers else []
    says = {"language": "text/plain", "expression": rule.trigger}
    code = _concept(address("CodeSystem", "clonidine-alert"), rule.id)
    of_code = [{"path": "code", "code": code["coding"]}]
    return {
        "title": rule.title,
        "description": f"Raises an alert. Severity: {rule.severity}. {repeat(row)}",
        "code": [code],
        **({"trigger": triggers} if triggers else {}),
        "condition": [{"kind": "applicability", "expression": says}],
        "output": [{"type": "Observation", "profile": [ADDRESS], "codeFilter": of_code}],
        "type": _concept(_TERMINOLOGY + "action-type", "create"),
    }


def _looked_at(rule: Rule) -> set[type]:
    """The kinds of fact that it judges, and those whose change makes it judge again."""
    course = (Dose, Order) if rule.course else ()
    time = (*rule.heeds, Dose, Order) if rule.clock else ()
    return {*rule.judges, *(reach.of for reach in rule.reaches), *course, *time}


def _library(row: Described, status: str) -> dict[str, Any]:
    """The limits in force: a parameter each, and under the same name where its value comes from."""
    own = {limit.key: limit for limit in row.rule.limits}
    return {
        "resourceType": "Library",
        "id": "limits",
        "status": status,
        "type": _concept(_TERMINOLOGY + "library-type", "logic-library"),
        "relatedArtifact": [_origin(limit, own[limit.key]) for limit in row.limits.values()],
        "parameter": [_parameter(limit, own[limit.key]) for limit in row.limits.values()],
    }


def _origin(limit: Limit, own: Limit) -> dict[str, Any]:
    """The source of a limit: `derived-from` where the site or its preset has moved it."""
    stays = limit == own
    return {
        "type": "justification" if stays else "derived-from",
        "label": limit.key,
        "display": f"[{limit.mark}] {MARKS[limit.mark] if stays else 'moved by the site or its preset'}",
        "citation": limit.source,
    }


def _parameter(limit: Limit, own: Limit) -> dict[str, Any]:
    value = {"value": limit.value, "unit": limit.unit, "system": UCUM, "code": limit.unit}
    bounds = f"{plain(own.low)} to {plain(own.high)} {own.unit}"
    return {
        "extension": [{"url": DEFAULT_VALUE, "valueQuantity": value}],
        "name": limit.key,
        "use": "in",
        "min": 0,
        "max": "1",
        "documentation": f"A site may move it within {bounds}; by default it is {plain(own.value)} "
        f"{own.unit}, since {own.since}.",
        "type": "Quantity",
    }
