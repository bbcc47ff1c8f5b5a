"""FHIR documents for tests, small and readable: times are offsets from a fixed midnight."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from service.record.lift import lift

DAY1 = datetime(2026, 3, 2, tzinfo=UTC)
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
POSITIONS = {"lying": "102538003", "sitting": "33586001", "standing": "10904000"}
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
SINUS = "36083008"
COMPONENTS = "https://clonidine-watch.org/fhir/CodeSystem/alert-component"
Doc = dict[str, Any]


def at(day: int = 1, clock: str = "00:00") -> datetime:
    """`at(2, "08:30")`: half past eight on the second day."""
    hours, minutes = clock.split(":")
    return DAY1 + timedelta(days=day - 1, hours=int(hours), minutes=int(minutes))


def when(moment: datetime | str) -> str:
    return moment if isinstance(moment, str) else moment.isoformat().replace("+00:00", "Z")


def concept(system: str, *codes: str) -> Doc:
    return {"coding": [{"system": system, "code": code} for code in codes]}


def quantity(value: Any, unit: str) -> Doc:
    return {"value": Decimal(str(value)), "unit": unit, "system": UCUM, "code": unit}


def component(code: str, value: Any, unit: str = "mm[Hg]") -> Doc:
    absent = {
        "dataAbsentReason": concept(
            "http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-performed"
        )
    }
    return {
        "code": concept(LOINC, code),
        **(absent if value is None else {"valueQuantity": quantity(value, unit)}),
    }


def observation(id: str, code: Doc, moment: datetime | str, patient: str = "p1", **more: Any) -> Doc:
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": code,
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": when(moment),
        **more,
    }


def panel(
    id: str,
    systolic: Any,
    diastolic: Any,
    moment: datetime | str,
    position: str | None = "sitting",
    rate: Any = None,
    unit: str = "mm[Hg]",
    **more: Any,
) -> Doc:
    """A blood pressure panel; None is a pressure that was not performed."""
    parts = [component("8480-6", systolic, unit), component("8462-4", diastolic, unit)]
    parts += [component("8867-4", rate, "/min")] if rate is not None else []
    doc = observation(id, concept(LOINC, "85354-9"), moment, component=parts, **more)
    return {**doc, **(position_extension(position) if position else {})}


def position_extension(position: str) -> Doc:
    return {
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/observation-bodyPosition",
                "valueCodeableConcept": concept(SNOMED, POSITIONS[position]),
            }
        ]
    }


def pulse(id: str, rate: Any, moment: datetime | str, **more: Any) -> Doc:
    return observation(id, concept(LOINC, "8867-4"), moment, valueQuantity=quantity(rate, "/min"), **more)


def symptom(id: str, code: str, moment: datetime | str, grade: str | None = None, **more: Any) -> Doc:
    grades = {"mild": "255604002", "moderate": "6736007", "severe": "24484000"}
    graded = {"valueCodeableConcept": concept(SNOMED, grades[grade])} if grade else {}
    return observation(id, concept(SNOMED, code), moment, **graded, **more)


def dose(id: str, mg: Any, moment: datetime | str, status: str = "completed", drug: Doc | None = None) -> Doc:
    return {
        "resourceType": "MedicationAdministration",
        "id": id,
        "status": status,
        "medicationCodeableConcept": drug or concept(RXNORM, "2599"),
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": when(moment),
        "request": {"reference": "MedicationRequest/mr1"},
        "dosage": {"dose": quantity(mg, "mg")},
    }


def instruction(
    mg: Any, hours: Any, start: datetime | None = None, end: datetime | None = None, **more: Any
) -> Doc:
    period = {name: when(edge) for name, edge in (("start", start), ("end", end)) if edge}
    bounds = {"boundsPeriod": period} if period else {}
    return {
        "timing": {"repeat": {"frequency": 1, "period": Decimal(str(hours)), "periodUnit": "h", **bounds}},
        "doseAndRate": [{"doseQuantity": quantity(mg, "mg")}],
        **more,
    }


def order(
    id: str, *instructions: Doc, authored: datetime | str | None = DAY1, drug: Doc | None = None, **more: Any
) -> Doc:
    return {
        "resourceType": "MedicationRequest",
        "id": id,
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": drug or concept(RXNORM, "2599"),
        "subject": {"reference": "Patient/p1"},
        **({"authoredOn": when(authored)} if authored else {}),
        "dosageInstruction": list(instructions),
        **more,
    }


def condition(code: str = SINUS, clinical: str = "active", verified: str = "confirmed", **more: Any) -> Doc:
    return {
        "resourceType": "Condition",
        "id": "c",
        "clinicalStatus": concept(CLINICAL, clinical),
        "verificationStatus": concept(VERIFIED, verified),
        "code": concept(SNOMED, code),
        "subject": {"reference": "Patient/p1"},
        **more,
    }


def allergy(code: Doc, clinical: str = "active", **more: Any) -> Doc:
    return {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "clinicalStatus": concept(CLINICAL, clinical),
        "code": code,
        "patient": {"reference": "Patient/p1"},
        **more,
    }


def goal(
    measure: str = "8480-6", low: Any = None, high: Any = None, unit: str = "mm[Hg]", **more: Any
) -> Doc:
    """A Goal to keep a quantity in a range from the first day on; `more` may replace anything."""
    system = LOINC if measure[0].isdigit() else COMPONENTS
    ends = {
        side: quantity(value, unit) for side, value in (("low", low), ("high", high)) if value is not None
    }
    return {
        "resourceType": "Goal",
        "id": "g1",
        "lifecycleStatus": "active",
        "description": {"text": "Limits of this patient"},
        "subject": {"reference": "Patient/p1"},
        "startDate": "2026-03-02",
        "expressedBy": {"reference": "Practitioner/dr1"},
        "target": [{"measure": concept(system, measure), "detailRange": ends}],
        **more,
    }


def no_medication(reference: str) -> None:
    """No Medication is stored."""


def fact(doc: Doc) -> Any:
    """What the rules know of a document that was recorded on the second day."""
    return lift(doc, at(2), no_medication).fact
