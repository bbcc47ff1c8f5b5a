"""Resources as hospitals send them, for tests."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
BASE = "https://clonidine-watch.org/fhir"
Number = int | float | Decimal


def ago(minutes: float) -> str:
    """The dateTime that many minutes before now."""
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=minutes)
    return moment.isoformat().replace("+00:00", "Z")


def concept(code: str, system: str = LOINC) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def quantity(value: Number, unit: str = "mm[Hg]") -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def panel(
    systolic: Number,
    diastolic: Number,
    at: str | None = None,
    patient: str = "p1",
    position: str = "",
    rate: Number | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A blood-pressure panel, with the heart rate where it is given; `position` is a SNOMED CT code."""
    beats = [] if rate is None else [{"code": concept("8867-4"), "valueQuantity": quantity(rate, "/min")}]
    posture = {
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/observation-bodyPosition",
                "valueCodeableConcept": concept(position, SNOMED),
            }
        ]
    }
    return {
        "resourceType": "Observation",
        **(posture if position else {}),
        "status": "final",
        "category": [concept("vital-signs", CATEGORY)],
        "code": concept("85354-9"),
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": at or ago(5),
        "component": [
            {"code": concept("8480-6"), "valueQuantity": quantity(systolic)},
            {"code": concept("8462-4"), "valueQuantity": quantity(diastolic)},
            *beats,
        ],
        **more,
    }


def heart_rate(value: Number, at: str | None = None, patient: str = "p1", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [concept("vital-signs", CATEGORY)],
        "code": concept("8867-4"),
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": at or ago(5),
        "valueQuantity": quantity(value, "/min"),
        **more,
    }


def order(dose_mg: Number, every_hours: int, start: str, patient: str = "p1", **more: Any) -> dict[str, Any]:
    """An order for oral clonidine."""
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": concept("884173", RXNORM),
        "subject": {"reference": f"Patient/{patient}"},
        "authoredOn": start,
        "dosageInstruction": [
            {
                "timing": {
                    "repeat": {
                        "boundsPeriod": {"start": start},
                        "frequency": 1,
                        "period": every_hours,
                        "periodUnit": "h",
                    }
                },
                "doseAndRate": [{"doseQuantity": quantity(dose_mg, "mg")}],
            }
        ],
        **more,
    }


def dose(mg: Number, at: str, patient: str = "p1", **more: Any) -> dict[str, Any]:
    """A dose of oral clonidine that was given."""
    return {
        "resourceType": "MedicationAdministration",
        "status": "completed",
        "medicationCodeableConcept": concept("884173", RXNORM),
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": at,
        "dosage": {"dose": quantity(mg, "mg")},
        **more,
    }


def entry(doc: dict[str, Any], method: str = "POST", url: str = "", **request: Any) -> dict[str, Any]:
    """A Bundle entry that asks for `doc` to be written."""
    return {"resource": doc, "request": {"method": method, "url": url or doc["resourceType"], **request}}


def bundle(type: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": type, **({"entry": list(entries)} if entries else {})}
