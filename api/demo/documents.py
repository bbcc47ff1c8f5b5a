"""The events of a stay as FHIR resources, tagged as demo; ids tell bed, kind and time in the stay."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from api.demo.events import Event, Felt, Given, Held, Ordered, Reading, Scored, Stay, span
from service.record.codes import (
    BODY_POSITION,
    COWS,
    COWS_TOTAL,
    GRADES,
    LOINC,
    POSITIONS,
    ROOT,
    RXNORM,
    SNOMED,
    SYMPTOMS,
    UCUM,
    WITHDRAWAL_SCALE,
)

ORIGIN = f"{ROOT}/CodeSystem/origin"
DEMO = "demo"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
Document = dict[str, Any]

_WITHDRAWAL = {"coding": [{"system": SNOMED, "code": "87132004", "display": "Opioid withdrawal"}]}
_CLONIDINE = {
    "coding": [{"system": RXNORM, "code": "884173", "display": "clonidine hydrochloride 0.1 MG Oral Tablet"}],
    "text": "Clonidine 0.1 mg tablet",
}
_LOW = {"coding": [{"system": SNOMED, "code": "45007003", "display": "Low blood pressure"}]}
_ORAL = {"coding": [{"system": SNOMED, "code": "26643006", "display": "Oral route"}]}


class Dated(NamedTuple):
    """A resource and the moment at which it is sent."""

    at: datetime
    doc: Document


def documents(stay: Stay, start: datetime) -> Iterator[Dated]:
    """Everything of one stay that began at `start`."""
    bed = _Bed(stay.bed, start)
    yield Dated(start, bed.condition())
    yield Dated(start, bed.patient(stay.about))
    for event in stay.events:
        yield Dated(start + span(event.at), bed.event(event))


class _Bed(NamedTuple):
    number: int
    start: datetime

    def patient(self, about: str) -> Document:
        name = {"text": f"Demo, Bed {self.number}", "family": "Demo", "given": [f"Bed {self.number}"]}
        note = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{about}</div>'}
        return {
            **_head("Patient", self._id()),
            "text": note,
            "active": True,
            "name": [name],
            "gender": "unknown",
        }

    def condition(self) -> Document:
        return {
            **_head("Condition", f"{self._id()}-withdrawal"),
            "clinicalStatus": _code(f"{TERMINOLOGY}/condition-clinical", "active"),
            "verificationStatus": _code(f"{TERMINOLOGY}/condition-ver-status", "confirmed"),
            "code": _WITHDRAWAL,
            "subject": self._subject(),
            "onsetDateTime": _instant(self.start),
        }

    def event(self, event: Event) -> Document:
        match event:
            case Reading():
                return self._reading(event)
            case Ordered():
                return self._order(event)
            case Given():
                dose = {"route": _ORAL, "dose": _quantity(event.mg, "mg")}
                return {**self._administration(event.at, "completed"), "dosage": dose}
            case Held():
                return {**self._administration(event.at, "not-done"), "statusReason": [_LOW]}
            case Felt():
                return self._symptom(event)
            case Scored():
                return self._score(event)

    def _reading(self, event: Reading) -> Document:
        systolic, _, diastolic = event.pressure.partition("/")
        parts = [
            _part("8480-6", "Systolic blood pressure", systolic, event.unit),
            _part("8462-4", "Diastolic blood pressure", diastolic, event.unit),
        ]
        if event.rate is not None:
            parts.append(_part("8867-4", "Heart rate", str(event.rate), "/min"))
        code = {
            "system": LOINC,
            "code": "85354-9",
            "display": "Blood pressure panel with all children optional",
        }
        return {
            **_head("Observation", self._id("bp", event.at)),
            **_position(event),
            "status": "final",
            "category": [_code(f"{TERMINOLOGY}/observation-category", "vital-signs")],
            "code": {"coding": [code]},
            "subject": self._subject(),
            "effectiveDateTime": self._at(event.at),
            "component": parts,
        }

    def _symptom(self, event: Felt) -> Document:
        code = next(code for code, name in SYMPTOMS.items() if name == event.symptom)
        grade = next(code for code, name in GRADES.items() if name == event.grade)
        return {
            **_head("Observation", self._id(event.symptom, event.at)),
            "status": "final",
            "category": [_code(f"{TERMINOLOGY}/observation-category", "exam")],
            "code": {**_code(SNOMED, code), "text": event.symptom.capitalize()},
            "subject": self._subject(),
            "effectiveDateTime": self._at(event.at),
            "valueCodeableConcept": {**_code(SNOMED, grade), "text": event.grade},
        }

    def _score(self, event: Scored) -> Document:
        local = {"system": WITHDRAWAL_SCALE, "code": COWS_TOTAL, "display": "COWS total"}
        return {
            **_head("Observation", self._id("cows", event.at)),
            "status": "final",
            "category": [_code(f"{TERMINOLOGY}/observation-category", "survey")],
            "code": {"coding": [local, {"system": SNOMED, "code": COWS}]},
            "subject": self._subject(),
            "effectiveDateTime": self._at(event.at),
            "valueInteger": event.cows,
        }

    def _order(self, event: Ordered) -> Document:
        return {
            **_head("MedicationRequest", f"{self._id()}-order"),
            "status": "active",
            "intent": "order",
            "category": [_code(f"{TERMINOLOGY}/medicationrequest-category", "inpatient")],
            "medicationCodeableConcept": _CLONIDINE,
            "subject": self._subject(),
            "authoredOn": self._at(event.at),
            "requester": {"display": "Demo prescriber"},
            "reasonCode": [_WITHDRAWAL],
            "dosageInstruction": [self._step(number, *step) for number, step in enumerate(event.steps, 1)],
        }

    def _step(self, number: int, start: str, end: str, mg: str, hours: int) -> Document:
        repeat = {
            "boundsPeriod": {"start": self._at(start), "end": self._at(end)},
            "frequency": 1,
            "period": hours,
            "periodUnit": "h",
        }
        return {
            "sequence": number,
            "text": f"{mg} mg every {hours} hours",
            "timing": {"repeat": repeat},
            "route": _ORAL,
            "doseAndRate": [{"doseQuantity": _quantity(mg, "mg")}],
        }

    def _administration(self, at: str, status: str) -> Document:
        return {
            **_head("MedicationAdministration", self._id("dose", at)),
            "status": status,
            "medicationCodeableConcept": _CLONIDINE,
            "subject": self._subject(),
            "effectiveDateTime": self._at(at),
            "request": {"reference": f"MedicationRequest/{self._id()}-order"},
        }

    def _id(self, kind: str = "", at: str = "") -> str:
        tail = f"-{kind}-{at.replace('+', '-').replace(':', '')}" if kind else ""
        return f"demo-{self.number}{tail}"

    def _at(self, text: str) -> str:
        return _instant(self.start + span(text))

    def _subject(self) -> Document:
        return {"reference": f"Patient/{self._id()}"}


def _head(type: str, id: str) -> Document:
    tag = {"system": ORIGIN, "code": DEMO, "display": "Synthetic, for trying the service"}
    return {"resourceType": type, "id": id, "meta": {"tag": [tag]}}


def _code(system: str, code: str) -> Document:
    return {"coding": [{"system": system, "code": code}]}


def _part(code: str, display: str, value: str, unit: str) -> Document:
    concept = {"coding": [{"system": LOINC, "code": code, "display": display}]}
    return {"code": concept, "valueQuantity": _quantity(value, unit)}


def _quantity(value: str, unit: str) -> Document:
    return {"value": Decimal(value), "unit": unit, "system": UCUM, "code": unit}


def _position(event: Reading) -> Document:
    if event.position is None:
        return {}
    code = next(code for code, name in POSITIONS.items() if name == event.position)
    return {"extension": [{"url": BODY_POSITION, "valueCodeableConcept": _code(SNOMED, code)}]}


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
