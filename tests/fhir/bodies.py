"""Valid bodies that the tests of validation start from, and how to change one place in a copy."""

import copy
from decimal import Decimal
from enum import Enum
from typing import Any

Body = dict[str, Any]
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
HL7 = "http://hl7.org/fhir/StructureDefinition/"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
GONE = Enum("Change", "GONE").GONE
"""The value that takes a property out."""


def concept(code: str, system: str = LOINC) -> Body:
    return {"coding": [{"system": system, "code": code}]}


def quantity(value: str, unit: str = "mm[Hg]") -> Body:
    return {"value": Decimal(value), "unit": unit, "system": UCUM, "code": unit}


def panel(*profiles: str) -> Body:
    body = {
        "resourceType": "Observation",
        "status": "final",
        "category": [concept("vital-signs", CATEGORY)],
        "code": {**concept("85354-9"), "text": "Blood pressure"},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-11-22T08:00:00+01:00",
        "performer": [{"reference": "Practitioner/n1", "display": "Night nurse"}],
        "component": [
            {"code": concept("8480-6"), "valueQuantity": quantity("120.50")},
            {"code": concept("8462-4"), "valueQuantity": quantity("80")},
        ],
    }
    return body | ({"meta": {"profile": list(profiles)}} if profiles else {})


def standing() -> Body:
    """A panel with the body position as an extension, and another extension with parts."""
    position = {"url": HL7 + "observation-bodyPosition", "valueCodeableConcept": concept("10904000")}
    parts = [{"url": "side", "valueCode": "left"}, {"url": "tries", "valueInteger": 2}]
    return panel() | {"extension": [position, {"url": "http://example.org/cuff", "extension": parts}]}


def pulse(*profiles: str) -> Body:
    body = panel(*profiles)
    del body["component"]
    return body | {"code": concept("8867-4"), "valueQuantity": quantity("62", "/min")}


def order(*profiles: str) -> Body:
    body = {
        "resourceType": "MedicationRequest",
        "id": "mr-1",
        "status": "active",
        "intent": "order",
        "priority": "routine",
        "medicationCodeableConcept": {**concept("884173", "http://www.nlm.nih.gov/research/umls/rxnorm")},
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2026-11-20T09:00:00Z",
        "requester": {"reference": "https://hospital.example/fhir/Practitioner/d1"},
        "dosageInstruction": [
            {
                "sequence": 1,
                "text": "0.1 mg every 6 hours",
                "timing": {
                    "repeat": {
                        "boundsPeriod": {"start": "2026-11-20"},
                        "frequency": 1,
                        "period": Decimal(6),
                        "periodUnit": "h",
                        "timeOfDay": ["06:00:00", "12:00:00"],
                    }
                },
                "asNeededBoolean": False,
                "doseAndRate": [{"doseQuantity": quantity("0.1", "mg")}],
                "maxDosePerPeriod": {"numerator": quantity("1.2", "mg"), "denominator": quantity("24", "h")},
            }
        ],
        "dispenseRequest": {"quantity": quantity("30", "mg")},
    }
    return body | ({"meta": {"profile": list(profiles)}} if profiles else {})


def dose() -> Body:
    return {
        "resourceType": "MedicationAdministration",
        "status": "completed",
        "medicationCodeableConcept": concept("884173", "http://www.nlm.nih.gov/research/umls/rxnorm"),
        "subject": {"reference": "urn:uuid:0b0c4b1e-96c1-4b07-9b1e-2f1c7a1f0a11"},
        "effectiveDateTime": "2026-11-20T12:05:00Z",
        "request": {"reference": "MedicationRequest/mr-1"},
        "dosage": {"text": "0.1 mg", "dose": quantity("0.1", "mg")},
    }


def patient() -> Body:
    return {
        "resourceType": "Patient",
        "identifier": [{"use": "usual", "system": "urn:oid:1.2.36.146.595.217.0.1", "value": "12345"}],
        "name": [{"family": "Chalmers", "given": ["Peter", "James"]}],
        "telecom": [{"system": "phone", "value": "(03) 5555 6473", "use": "work"}],
        "gender": "male",
        "birthDate": "1974-12-25",
        "contact": [{"name": {"family": "du Marché"}}],
        "photo": [{"contentType": "image/gif", "data": "R0lGODlhEwARAPcA"}],
    }


def condition() -> Body:
    return {
        "resourceType": "Condition",
        "clinicalStatus": concept("active", "http://terminology.hl7.org/CodeSystem/condition-clinical"),
        "verificationStatus": concept(
            "confirmed", "http://terminology.hl7.org/CodeSystem/condition-ver-status"
        ),
        "code": concept("75544000", "http://snomed.info/sct"),
        "subject": {"reference": "Patient/p1"},
        "onsetDateTime": "2026-11",
        "stage": [{"summary": concept("786005", "http://snomed.info/sct")}],
        "evidence": [{"detail": [{"reference": "Observation/o1"}]}],
    }


def medication() -> Body:
    return {
        "resourceType": "Medication",
        "id": "m1",
        "status": "active",
        "code": {"text": "clonidine 0.1 mg"},
        "ingredient": [{"itemCodeableConcept": {"text": "clonidine"}, "isActive": True}],
    }


def holding(*inner: Body) -> Body:
    """An order whose medication `m1` is contained in it."""
    body = order()
    del body["medicationCodeableConcept"]
    return body | {"contained": list(inner), "medicationReference": {"reference": "#m1"}}


def transaction() -> Body:
    entry = {
        "fullUrl": "urn:uuid:0b0c4b1e-96c1-4b07-9b1e-2f1c7a1f0a11",
        "resource": panel(),
        "request": {"method": "POST", "url": "Observation"},
    }
    return {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}


def changed(body: Body, changes: Body) -> Body:
    """A deep copy with the properties at paths such as `component.0.code` set, or taken out by GONE."""
    copied = copy.deepcopy(body)
    for path, value in changes.items():
        *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        node: Any = copied
        for step in way:
            node = node[step]
        if value is GONE:
            del node[last]
        else:
            node[last] = value
    return copied
