"""The alert as a FHIR Observation: code, severity, evidence with the limits used, and a note for the ward.

Never of category vital-signs: an alert is no measurement, and must not turn up among them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from models.patient import subject_of
from service.alerts.alert import ALERT_KEY, Alert, Phase
from service.device import ENGINE
from service.record import moments
from service.record.codes import ALERT_CATEGORY, ROOT, SNOMED, UCUM
from service.rules import BY_ID
from service.rules.rule import Evidence
from service.rules.threshold import COMPONENTS
from service.ruleset import VERSION

PROFILE = f"{ROOT}/StructureDefinition/clonidine-alert-observation"
PHASES = f"{ROOT}/CodeSystem/alert-phase"
VERSIONS = f"{ROOT}/CodeSystem/ruleset-version"
ALERTS = f"{ROOT}/CodeSystem/clonidine-alert"
SEVERITIES = f"{ROOT}/CodeSystem/alert-severity"
REASONS = f"{ROOT}/CodeSystem/alert-reason"
CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
INTERPRETATIONS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"

_CODES = {
    "low": ("L", "LX"),
    "high": ("H", "HX"),
    "rising": ("W",),
    "other": ("A",),
    "quality": ("QCF",),
    "unreadable": ("IE",),
}
_CRITICAL = {"low": ("LL", "LX"), "high": ("HH", "HX"), "other": ("AA",)}
_REFERS = {"Observation": "derivedFrom", "MedicationRequest": "basedOn", "MedicationAdministration": "partOf"}


def message(alert: Alert) -> str:
    """What it says to the ward."""
    return alert.finding.text


def observation(alert: Alert, patient: str) -> dict[str, Any]:
    """The document, without versionId and lastUpdated. `patient` is the patient key."""
    rule = BY_ID.get(alert.rule)
    code = [_coding(ALERTS, alert.rule)]
    if rule and rule.snomed:
        code.append(_coding(SNOMED, rule.snomed))
    return {
        "resourceType": "Observation",
        "id": alert.id,
        "meta": {"profile": [PROFILE], "tag": [_coding(PHASES, alert.phase), _coding(VERSIONS, VERSION)]},
        "identifier": [{"system": ALERT_KEY, "value": alert.key_value}],
        **_references(alert),
        "status": alert.status,
        "category": [_concept(ALERT_CATEGORY, "alert"), _concept(CATEGORIES, "therapy")],
        "code": {"coding": code, "text": rule.title if rule else alert.rule},
        "subject": subject_of(patient),
        **_effective(alert),
        "issued": moments.text(alert.issued, None),
        "valueCodeableConcept": _concept(SEVERITIES, alert.severity),
        "interpretation": _interpretation(alert),
        "note": [{"text": text} for text in (alert.finding.text, alert.retracted) if text],
        "device": {"reference": "/".join(ENGINE)},
        **_components(alert),
    }


def rephased(doc: Mapping[str, Any], phase: Phase) -> dict[str, Any]:
    """The document of an alert, telling another phase."""
    tags = [_coding(PHASES, phase) if tag["system"] == PHASES else tag for tag in doc["meta"]["tag"]]
    return {**doc, "meta": {**doc["meta"], "tag": tags}}


def _effective(alert: Alert) -> dict[str, str]:
    """Nothing where the record does not tell when."""
    return {} if alert.at == moments.BEGINNING else {"effectiveDateTime": moments.text(alert.at, alert.until)}


def _references(alert: Alert) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for source in dict.fromkeys((alert.about, *alert.finding.sources)):
        element = _REFERS.get(source.partition("/")[0])
        if element:
            found.setdefault(element, []).append({"reference": source})
    if not alert.about.startswith("Observation/"):
        resources = [alert.about, *([alert.cause] if "/" in alert.cause else [])]
        found["focus"] = [{"reference": source} for source in resources]
    return found


def _components(alert: Alert) -> dict[str, list[dict[str, Any]]]:
    flags = _interpretation(alert)
    components = [_component(evidence, flags) for evidence in alert.finding.evidence]
    components += [
        {"code": _concept(COMPONENTS, "reason"), "valueCodeableConcept": _concept(REASONS, reason)}
        for reason in alert.finding.reasons
    ]
    return {"component": components} if components else {}


def _component(evidence: Evidence, flags: list[dict[str, Any]]) -> dict[str, Any]:
    component = {
        "code": _concept(evidence.system, evidence.code),
        "valueQuantity": _quantity(evidence, evidence.value),
    }
    bounds = {
        side: _quantity(evidence, value)
        for side, value in (("low", evidence.low), ("high", evidence.high))
        if value is not None
    }
    if not bounds:
        return component
    text = {"text": evidence.limit} if evidence.limit else {}
    return {**component, "interpretation": flags, "referenceRange": [{**bounds, **text}]}


def _quantity(evidence: Evidence, value: Any) -> dict[str, Any]:
    return {"value": value, "unit": evidence.unit, "system": UCUM, "code": evidence.unit}


def _interpretation(alert: Alert) -> list[dict[str, Any]]:
    side = alert.finding.side
    codes: Iterable[str] = _CODES[side]
    if alert.severity == "critical":
        codes = _CRITICAL.get(side, codes)
    return [_concept(INTERPRETATIONS, code) for code in codes]


def _coding(system: str, code: str) -> dict[str, str]:
    return {"system": system, "code": code}


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [_coding(system, code)]}
