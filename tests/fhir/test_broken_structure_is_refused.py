"""Elements, cardinality, JSON types: https://hl7.org/fhir/R4/json.html, a row a clause."""

import pytest

from tests.fhir.bodies import (
    GONE,
    concept,
    holding,
    medication,
    order,
    panel,
    patient,
    pulse,
)
from tests.fhir.refusal import Row, assert_acceptable_before, assert_refused, extended

OBS, MR, MA = "Observation", "MedicationRequest", "MedicationAdministration"


STRUCTURE = {
    "a missing resourceType": Row(panel(), {"resourceType": GONE}, "resourceType", "resourceType"),
    "a resourceType that is no text": Row(panel(), {"resourceType": [1]}, "resourceType", "resourceType"),
    "a type that is not served": Row(panel(), {"resourceType": "Slot"}, "resourceType", "resourceType"),
    "an unknown element": Row(panel(), {"valu": 1}, "Observation.valu", "unknown-element"),
    "an unknown element with an odd name": Row(panel(), {"a b\n": 1}, "Observation", "unknown-element"),
    "an unknown element inside": Row(
        panel(),
        {"component.0.valueQuantity.units": "x"},
        "Observation.component[0].value.units",
        "unknown-element",
    ),
    "a sibling of a complex element": Row(
        panel(), {"_code": {"id": "a"}}, "Observation._code", "unknown-element"
    ),
    "a sibling of an id": Row(panel(), {"id": "a", "_id": {"id": "b"}}, "Observation._id", "unknown-element"),
    "an element without a name": Row(panel(), {"": {"id": "b"}}, "Observation", "unknown-element"),
    "a resourceType inside": Row(
        panel(), {"code.resourceType": "Slot"}, "Observation.code.resourceType", "unknown-element"
    ),
    "comments in the manner of DSTU1": Row(
        panel(), {"fhir_comments": ["x"]}, "Observation.fhir_comments", "unknown-element"
    ),
    "an element of R4B in an extension": Row(
        panel(),
        extended(valueCodeableReference={"concept": {"text": "x"}}),
        "Observation.extension[0].valueCodeableReference",
        "unknown-element",
    ),
    "another element of R4B": Row(
        panel(), extended(valueRatioRange={}), "Observation.extension[0].valueRatioRange", "unknown-element"
    ),
    "a missing status": Row(panel(), {"status": GONE}, "Observation.status", "cardinality"),
    "a missing code": Row(panel(), {"code": GONE}, "Observation.code", "cardinality"),
    "a missing code of a component": Row(
        panel(), {"component.1.code": GONE}, "Observation.component[1].code", "cardinality"
    ),
    "no medication": Row(order(), {"medicationCodeableConcept": GONE}, f"{MR}.medication", "cardinality"),
    "an extension without url": Row(
        panel(), {"extension": [{"valueString": "x"}]}, "Observation.extension[0].url", "cardinality"
    ),
    "two values of one choice": Row(pulse(), {"valueString": "62"}, "Observation.value", "cardinality"),
    "two effective times": Row(
        panel(), {"effectiveInstant": "2026-11-22T08:00:00Z"}, "Observation.effective", "cardinality"
    ),
    "an object where an array belongs": Row(
        panel(), {"category": concept("x")}, "Observation.category", "cardinality"
    ),
    "an array where an object belongs": Row(
        panel(), {"code": [concept("x")]}, "Observation.code", "cardinality"
    ),
    "an array where a code belongs": Row(panel(), {"status": ["final"]}, "Observation.status", "cardinality"),
    "null": Row(panel(), {"bodySite": None}, "Observation.bodySite", "ele-1"),
    "null beside a sibling": Row(
        panel(), {"status": None, "_status": extended(valueCode="x")}, "Observation.status", "ele-1"
    ),
    "an empty array": Row(panel(), {"note": []}, "Observation.note", "ele-1"),
    "an empty object": Row(panel(), {"method": {}}, "Observation.method", "ele-1"),
    "an object with an id alone": Row(panel(), {"method": {"id": "a"}}, "Observation.method", "ele-1"),
    "an empty text": Row(panel(), {"code.text": ""}, "Observation.code.text", "ele-1"),
    "null in an array of objects": Row(panel(), {"component.0": None}, "Observation.component[0]", "ele-1"),
    "null in an array without a sibling": Row(
        patient(), {"name.0.given": ["Peter", None]}, "Patient.name[0].given[1]", "ele-1"
    ),
    "null in an array and in its sibling": Row(
        patient(),
        {"name.0.given": ["Peter", None], "name.0._given": [{"id": "a"}, None]},
        "Patient.name[0].given[1]",
        "ele-1",
    ),
    "a sibling of another length": Row(
        patient(), {"name.0._given": [{"id": "a"}]}, "Patient.name[0].given", "cardinality"
    ),
    "a sibling that is no array": Row(
        patient(), {"name.0._given": {"id": "a"}}, "Patient.name[0].given", "cardinality"
    ),
    "a sibling that is no object": Row(panel(), {"_status": "x"}, "Observation.status", "datatype"),
    "an empty sibling": Row(panel(), {"_status": {}}, "Observation.status", "ele-1"),
    "a sibling that is null": Row(panel(), {"_status": None}, "Observation.status", "ele-1"),
    "a sibling with an id alone and no value": Row(
        panel(), {"_issued": {"id": "a"}}, "Observation.issued", "ele-1"
    ),
    "an unknown element in a sibling": Row(
        panel(), {"_status": {"value": "x"}}, "Observation.status.value", "unknown-element"
    ),
    "a text where an object belongs": Row(
        panel(), {"subject": "Patient/p1"}, "Observation.subject", "datatype"
    ),
    "a text where a resource belongs": Row(
        holding(medication()), {"contained": ["x"]}, f"{MR}.contained[0]", "datatype"
    ),
}

ROWS = STRUCTURE


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_it_is_refused_where_it_stands(row: Row) -> None:
    assert_refused(row)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_body_is_acceptable_before_the_change(row: Row) -> None:
    assert_acceptable_before(row)
