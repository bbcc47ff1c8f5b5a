"""The answer of `$dose-check` as Parameters (https://hl7.org/fhir/R4/parameters.html)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from models.patient import subject_of
from service.conformance.heading import address
from service.dosing.check import Check, Measured
from service.dosing.dose import Due
from service.dosing.reasons import Reason
from service.record.codes import UCUM
from service.record.moments import text
from service.rules.rule import Limit
from service.rules.threshold import UNITS
from service.ruleset import VERSION

REASON = "dose-check-reason"
Part = dict[str, Any]


def parameters(found: Check) -> dict[str, Any]:
    """The resource: the verdict first."""
    return {"resourceType": "Parameters", "parameter": [*_parameters(found)]}


def _parameters(found: Check) -> Iterator[Part]:
    yield _code("verdict", found.verdict)
    yield _instant("at", found.at)
    yield {"name": "patient", "valueReference": subject_of(found.patient)}
    yield from ({"name": "reason", "part": [*_reason(one)]} for one in found.reasons)
    yield from ({"name": "reading", "part": [*_reading(one, found.at)]} for one in found.readings)
    yield from (_reference("order", source) for source in found.orders)
    if found.dose:
        yield {"name": "next-dose", "part": [*_dose(found.dose, found.given)]}
    limits = [_named_limit(rule, limit) for (rule, _), limit in found.limits.items()]
    yield {"name": "limits", "part": limits}
    yield {"name": "ruleset-version", "valueString": VERSION}


def _reason(reason: Reason) -> Iterator[Part]:
    yield {"name": "code", "valueCoding": {"system": address("CodeSystem", REASON), "code": reason.code}}
    yield {"name": "text", "valueString": reason.text}
    if reason.rule:
        yield _code("rule", reason.rule)
    yield from (_limit("limit", limit) for limit in reason.limits)
    yield from (_reference("reference", source) for source in reason.sources)


def _reading(one: Measured, at: datetime) -> Iterator[Part]:
    yield _reference("reference", one.reading.source)
    yield _instant("taken", one.reading.at)
    minutes = (at - one.reading.at) // timedelta(minutes=1)
    yield {"name": "age", "valueQuantity": quantity(Decimal(minutes), "min")}
    for name in one.quantities:
        value = quantity(getattr(one.reading, name), UNITS.get(name, "mm[Hg]"))
        yield {"name": name.replace("_", "-"), "valueQuantity": value}


def _dose(dose: Due, given: Decimal | None) -> Iterator[Part]:
    yield _reference("order", dose.order.source)
    yield _code("drug", dose.order.drug)
    yield {"name": "as-needed", "valueBoolean": dose.at is None}
    if dose.at:
        yield _instant("due", dose.at)
    if dose.mg is not None:
        yield {"name": "dose", "valueQuantity": quantity(dose.mg, "mg")}
    if given is not None:
        yield {"name": "given-in-24-hours", "valueQuantity": quantity(given, "mg")}


def _named_limit(rule: str, limit: Limit) -> Part:
    made = _limit("limit", limit)
    return {**made, "part": [_code("rule", rule), _code("key", limit.key), *made["part"]]}


def _limit(name: str, limit: Limit) -> Part:
    """A limit with where it comes from, and how that is known."""
    value = {"name": "value", "valueQuantity": quantity(limit.value, limit.unit)}
    source = {"name": "source", "valueString": limit.source}
    return {"name": name, "part": [value, source, _code("mark", limit.mark)]}


def quantity(value: Decimal, unit: str) -> dict[str, Any]:
    """A Quantity in UCUM."""
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _code(name: str, code: str) -> Part:
    return {"name": name, "valueCode": code}


def _instant(name: str, at: datetime) -> Part:
    return {"name": name, "valueDateTime": text(at, None)}


def _reference(name: str, source: str) -> Part:
    return {"name": name, "valueReference": {"reference": source}}
