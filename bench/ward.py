"""The synthetic ward: patients on clonidine with a stay behind them, and the readings that come in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import msgspec

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
POSITION = "http://hl7.org/fhir/StructureDefinition/observation-bodyPosition"

# Systolic and diastolic in mm[Hg], taken in turn: one in twenty is below the limits, the rest is calm.
PRESSURES = [(118 + step % 7, 74 + step % 5) for step in range(19)] + [(84, 52)]
STAY = timedelta(hours=74)  # how far back the stay of a patient begins
FRESH = timedelta(hours=2)  # readings of a measurement start here and move forward
STEP = timedelta(seconds=5)  # between two readings of one patient in a measurement
DOSES = 12  # given so far, one every six hours
FACTS = 150  # of a patient before a measurement: one order, DOSES doses, and readings
PATIENTS = 200
EXAMPLE = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)

Resource = dict[str, Any]


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def concept(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def part(code: str, display: str, value: int) -> Resource:
    pressure = {"value": value, "unit": "mm[Hg]", "system": UCUM, "code": "mm[Hg]"}
    return {"code": concept(LOINC, code, display), "valueQuantity": pressure}


def panel(patient: str, at: datetime, pressures: tuple[int, int]) -> Resource:
    """A sitting blood-pressure panel of about 1 KB, as an automatic cuff's gateway writes it."""
    return {
        "resourceType": "Observation",
        "extension": [{"url": POSITION, "valueCodeableConcept": concept(SNOMED, "33586001", "Sitting")}],
        "status": "final",
        "category": [concept(CATEGORY, "vital-signs", "Vital Signs")],
        "code": concept(LOINC, "85354-9", "Blood pressure panel with all children optional"),
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": instant(at),
        "component": [
            part("8480-6", "Systolic blood pressure", pressures[0]),
            part("8462-4", "Diastolic blood pressure", pressures[1]),
        ],
    }


def order(patient: str, start: datetime) -> Resource:
    """Clonidine 0.1 mg every six hours."""
    return {
        "resourceType": "MedicationRequest",
        "id": f"{patient}-order",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": MEDICINE,
        "subject": {"reference": f"Patient/{patient}"},
        "authoredOn": instant(start),
        "dosageInstruction": [
            {
                "timing": {
                    "repeat": {
                        "boundsPeriod": {"start": instant(start)},
                        "frequency": 1,
                        "period": 6,
                        "periodUnit": "h",
                    }
                },
                "doseAndRate": [{"doseQuantity": MILLIGRAM}],
            }
        ],
    }


MEDICINE = concept("http://www.nlm.nih.gov/research/umls/rxnorm", "2599", "clonidine")
MILLIGRAM: Resource = {"value": 0.1, "unit": "mg", "system": UCUM, "code": "mg"}


def dose(patient: str, number: int, at: datetime) -> Resource:
    return {
        "resourceType": "MedicationAdministration",
        "id": f"{patient}-dose-{number}",
        "status": "completed",
        "medicationCodeableConcept": MEDICINE,
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": instant(at),
        "request": {"reference": f"MedicationRequest/{patient}-order"},
        "dosage": {"dose": MILLIGRAM},
    }


def stay(patient: str, now: datetime, facts: int = FACTS) -> Iterator[Resource]:
    """A patient's past: the order, its doses, and calm readings evenly spread up to `FRESH` ago."""
    start, readings = now - STAY, facts - DOSES - 1
    yield order(patient, start)
    for number in range(DOSES):
        yield dose(patient, number, start + number * timedelta(hours=6))
    for number in range(readings):
        at = start + number * (STAY - FRESH) / readings
        yield panel(patient, at, PRESSURES[number % 19]) | {"id": f"{patient}-past-{number}"}


def names(patients: int, prefix: str = "ward") -> list[str]:
    return [f"{prefix}-{number:04}" for number in range(patients)]


def readings(
    patients: list[str], now: datetime, span: timedelta = FRESH, step: timedelta = STEP
) -> Iterator[Resource]:
    """New panels without end: the patients in turn, each one's readings `step` apart, none in the future."""
    for number in count():
        turn, place = divmod(number, len(patients))
        at = now - span + (turn * step) % span
        yield panel(patients[place], at, PRESSURES[(turn + place) % len(PRESSURES)])


def bundle(kind: str, resources: list[Resource]) -> bytes:
    """A batch or transaction that creates what has no id and puts what has one."""
    entries = [{"resource": resource, "request": entry_request(resource)} for resource in resources]
    return body({"resourceType": "Bundle", "type": kind, "entry": entries})


def entry_request(resource: Resource) -> Resource:
    if "id" in resource:
        return {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}
    return {"method": "POST", "url": str(resource["resourceType"])}


def body(resource: Resource) -> bytes:
    return msgspec.json.encode(resource)
