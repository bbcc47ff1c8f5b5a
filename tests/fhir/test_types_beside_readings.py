"""AllergyIntolerance, Goal, Device, Task and Provenance: what FHIR R4 refuses of them, a row each."""

import json
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from models.fhir.codec import dump, parse
from models.fhir.validation import validate
from models.resource_types import TYPES
from models.search.index import index
from service.intake import entry
from tests.fhir.bodies import GONE, Body, changed, concept, quantity
from tests.fhir.bodies_beside_readings import ALL, TERMINOLOGY, allergy, device, goal, provenance, task
from tests.fhir.mutations import mutations
from tests.fhir.refusal import BROKEN, RULE, Row, assert_acceptable_before, assert_refused

WRONG = concept("entered-in-error", TERMINOLOGY + "allergyintolerance-verification")

ROWS: dict[str, Row] = {
    f"{rule} {changes}"[:90]: Row(body, changes, expression, rule, broken)
    for body, changes, expression, rule, broken in (
        (allergy(), {"clinicalStatus": GONE}, "AllergyIntolerance.clinicalStatus", "ait-1", RULE),
        (allergy(), {"verificationStatus": WRONG}, "AllergyIntolerance.clinicalStatus", "ait-2", RULE),
        (allergy(), {"patient": GONE}, "AllergyIntolerance.patient", "cardinality", BROKEN),
        (allergy(), {"subject": {"reference": "Patient/p1"}}, "AllergyIntolerance.subject", "unknown-element", BROKEN),
        (allergy(), {"patient.reference": "p1"}, "AllergyIntolerance.patient.reference", "reference", BROKEN),
        (allergy(), {"clinicalStatus": {"text": "x"}}, "AllergyIntolerance.clinicalStatus",
         "allergyintolerance-clinical", RULE),
        (allergy(), {"verificationStatus": concept("sure")}, "AllergyIntolerance.verificationStatus",
         "allergyintolerance-verification", RULE),
        (allergy(), {"type": "dislike"}, "AllergyIntolerance.type", "allergy-intolerance-type", RULE),
        (allergy(), {"category": ["dust"]}, "AllergyIntolerance.category[0]", "allergy-intolerance-category", RULE),
        (allergy(), {"criticality": "high!"}, "AllergyIntolerance.criticality", "allergy-intolerance-criticality",
         RULE),
        (allergy(), {"reaction.0.severity": "bad"}, "AllergyIntolerance.reaction[0].severity",
         "reaction-event-severity", RULE),
        (allergy(), {"reaction.0.manifestation": GONE}, "AllergyIntolerance.reaction[0].manifestation", "cardinality",
         BROKEN),
        (allergy(), {"onsetAge": quantity("3", "a")}, "AllergyIntolerance.onset", "cardinality", BROKEN),
        (goal(), {"target.0.measure": GONE}, "Goal.target[0].measure", "gol-1", RULE),
        (goal(), {"lifecycleStatus": "done"}, "Goal.lifecycleStatus", "goal-status", RULE),
        (goal(), {"lifecycleStatus": GONE}, "Goal.lifecycleStatus", "cardinality", BROKEN),
        (goal(), {"description": GONE}, "Goal.description", "cardinality", BROKEN),
        (goal(), {"subject": GONE}, "Goal.subject", "cardinality", BROKEN),
        (goal(), {"startDate": "2026-11-31"}, "Goal.start", "datatype", BROKEN),
        (device(), {"status": "broken"}, "Device.status", "device-status", RULE),
        (device(), {"udiCarrier.0.entryType": "photo"}, "Device.udiCarrier[0].entryType", "udi-entry-type", RULE),
        (device(), {"deviceName.0.type": "x"}, "Device.deviceName[0].type", "device-nametype", RULE),
        (device(), {"deviceName.0.name": GONE}, "Device.deviceName[0].name", "cardinality", BROKEN),
        (device(), {"property.0.type": GONE}, "Device.property[0].type", "cardinality", BROKEN),
        (task(), {"lastModified": "2026-11-21"}, "Task", "inv-1", RULE),
        (task(), {"status": "done"}, "Task.status", "task-status", RULE),
        (task(), {"intent": "wish"}, "Task.intent", "task-intent", RULE),
        (task(), {"priority": "soon"}, "Task.priority", "request-priority", RULE),
        (task(), {"intent": GONE}, "Task.intent", "cardinality", BROKEN),
        (task(), {"focus.reference": "#x"}, "Task.focus.reference", "ref-1", RULE),
        (task(), {"for.reference": "Foo/1"}, "Task.for.reference", "reference", BROKEN),
        (task(), {"input.0.valueDecimal": GONE}, "Task.input[0].value", "cardinality", BROKEN),
        (task(), {"restriction.repetitions": 0}, "Task.restriction.repetitions", "datatype", BROKEN),
        (provenance(), {"target": GONE}, "Provenance.target", "cardinality", BROKEN),
        (provenance(), {"target": []}, "Provenance.target", "ele-1", BROKEN),
        (provenance(), {"target.0.reference": "bp-42"}, "Provenance.target[0].reference", "reference", BROKEN),
        (provenance(), {"recorded": GONE}, "Provenance.recorded", "cardinality", BROKEN),
        (provenance(), {"recorded": "2026-11-22"}, "Provenance.recorded", "datatype", BROKEN),
        (provenance(), {"agent": GONE}, "Provenance.agent", "cardinality", BROKEN),
        (provenance(), {"agent.0.who": GONE}, "Provenance.agent[0].who", "cardinality", BROKEN),
        (provenance(), {"entity.0.role": "used"}, "Provenance.entity[0].role", "provenance-entity-role", RULE),
        (provenance(), {"signature.0.targetFormat": "json"}, "Provenance.signature[0].targetFormat", "mimetypes",
         RULE),
    )
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_it_is_refused_where_it_stands(row: Row) -> None:
    assert_acceptable_before(row)
    assert_refused(row)


@pytest.mark.parametrize("body", ALL, ids=lambda body: body["resourceType"])
def test_a_body_is_accepted_and_comes_back(body: Body) -> None:
    assert validate(body) == []
    text = dump(body)
    get_fhir_model_class(body["resourceType"]).model_validate(json.loads(text))
    assert dump(parse(text)) == text


def test_whatever_is_accepted_can_be_kept() -> None:
    accepted = 0
    for body in mutations(1_500, seeds=ALL):
        if any(problem.severity == "error" for problem in validate(body)):
            continue
        kept = entry("POST", body, "x-1", ("http://h/fhir",))
        assert kept.indexed
        accepted += 1
    assert accepted > 100


@pytest.mark.parametrize(
    ("body", "patient"),
    [
        (allergy(), "Patient/p1"),
        (goal(), "Patient/p1"),
        (device(), "Patient/p1"),
        (task(), "Patient/p1"),
        (provenance(), "Patient/p1"),
        (changed(device(), {"patient": GONE}), ""),
        (changed(task(), {"for": GONE}), ""),
        (changed(task(), {"for": {"identifier": {"value": "7"}}}), "Patient?identifier=|7"),
        (changed(provenance(), {"target.1": GONE}), ""),
        (changed(provenance(), {"target.0.reference": "http://h/fhir/Patient/p2"}), "Patient/p2"),
        (changed(provenance(), {"target.0": {"identifier": {"value": "7"}}}), "Patient/p1"),
    ],
)
def test_each_has_the_key_of_its_patient(body: dict[str, Any], patient: str) -> None:
    found = index(TYPES[body["resourceType"]], {**body, "id": "x"}, ("http://h/fhir",))
    assert found.patient == patient
