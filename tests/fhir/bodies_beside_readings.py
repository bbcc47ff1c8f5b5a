"""Valid bodies of the types that stand beside readings and orders."""

from decimal import Decimal

from tests.fhir.bodies import Body, concept, quantity

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
P1 = {"reference": "Patient/p1"}


def allergy() -> Body:
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": concept("active", TERMINOLOGY + "allergyintolerance-clinical"),
        "verificationStatus": concept("confirmed", TERMINOLOGY + "allergyintolerance-verification"),
        "type": "allergy",
        "category": ["environment"],
        "criticality": "low",
        "code": {"text": "Adhesive of a patch"},
        "patient": P1,
        "onsetDateTime": "2026",
        "reaction": [{"manifestation": [{"text": "Dermatitis"}], "severity": "mild"}],
    }


def goal() -> Body:
    return {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "description": {"text": "Systolic pressure at or above 90"},
        "subject": P1,
        "startDate": "2026-11-20",
        "target": [{"measure": concept("8480-6"), "detailQuantity": quantity("90"), "dueDate": "2026-11-29"}],
    }


def device() -> Body:
    return {
        "resourceType": "Device",
        "status": "active",
        "udiCarrier": [{"deviceIdentifier": "0001", "entryType": "barcode"}],
        "deviceName": [{"name": "Monitor 3", "type": "user-friendly-name"}],
        "type": concept("43770009", "http://snomed.info/sct"),
        "patient": P1,
        "property": [{"type": {"text": "cuff"}, "valueQuantity": [quantity("12.50", "cm")]}],
    }


def task() -> Body:
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "priority": "urgent",
        "focus": {"reference": "Observation/bp-42"},
        "for": P1,
        "authoredOn": "2026-11-22T10:00:00Z",
        "lastModified": "2026-11-22T10:01:00Z",
        "restriction": {"repetitions": 1, "period": {"end": "2026-11-22T10:15:00Z"}},
        "input": [{"type": {"text": "limit"}, "valueDecimal": Decimal("90.0")}],
    }


def provenance() -> Body:
    return {
        "resourceType": "Provenance",
        "target": [{"reference": "Observation/bp-42"}, P1],
        "recorded": "2026-11-22T09:59:00Z",
        "agent": [{"who": {"reference": "Practitioner/n1"}}],
        "entity": [{"role": "source", "what": {"reference": "DocumentReference/d1"}}],
        "signature": [
            {
                "type": [{"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.1"}],
                "when": "2026-11-22T09:59:00Z",
                "who": {"reference": "Practitioner/n1"},
                "targetFormat": "application/fhir+json",
            }
        ],
    }


ALL = (allergy(), goal(), device(), task(), provenance())
