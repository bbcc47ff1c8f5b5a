"""The search parameters and the compartment that are published are those that are served."""

import httpx
import pytest

from api.capability import statement
from models.resource_types import COMMON, TYPES
from models.resource_types.definitions import HL7, SHARED, definition
from service.conformance import published
from service.ruleset import load
from tests.fhir.bodies_beside_readings import allergy
from tests.fhir_client import everything as found_by
from tests.fhir_client import resources

PUBLISHED = published(load())
OF_R4 = {
    ("Observation", "code"): "clinical-code",
    ("Medication", "code"): "clinical-code",
    ("Medication", "identifier"): "Medication-identifier",
    ("MedicationAdministration", "status"): "medications-status",
    ("MedicationRequest", "encounter"): "medications-encounter",
    ("Observation", "encounter"): "clinical-encounter",
    ("Condition", "encounter"): "Condition-encounter",
    ("Patient", "birthdate"): "individual-birthdate",
    ("Patient", "name"): "Patient-name",
    ("Task", "patient"): "Task-patient",
    ("Goal", "patient"): "clinical-patient",
    ("Observation", "_lastUpdated"): "Resource-lastUpdated",
    ("CodeSystem", "url"): "conformance-url",
    ("ValueSet", "status"): "conformance-status",
    ("PlanDefinition", "name"): "PlanDefinition-name",
}
"""https://hl7.org/fhir/R4/searchparameter-registry.html"""


@pytest.mark.parametrize(("asked", "id"), OF_R4.items(), ids="-".join)
def test_each_parameter_leads_to_its_definition_in_r4(asked: tuple[str, str], id: str) -> None:
    assert definition(*asked) == HL7 + id


def test_every_shared_definition_is_of_a_parameter_that_is_declared() -> None:
    named = {(type, name) for names in SHARED.values() for name, types in names.items() for type in types}
    declared = {(type, name) for type, served in TYPES.items() for name in (*_names(type), *served.left_out)}
    assert {pair for pair in named if pair[0] in TYPES} <= declared


def _names(type: str) -> list[str]:
    return [param.name for param in TYPES[type].params]


def test_each_parameter_that_is_served_is_published_once() -> None:
    made = [
        (doc["base"][0], doc["code"]) for (type, _), doc in PUBLISHED.items() if type == "SearchParameter"
    ]
    served = [(type, name) for type in TYPES for name in _names(type)]
    assert sorted(made) == sorted([*served, *(("Resource", param.name) for param in COMMON)])


def test_the_capability_statement_names_definitions_and_the_compartment() -> None:
    (rest,) = statement("http://127.0.0.1/fhir")["rest"]
    assert rest["compartment"] == ["http://hl7.org/fhir/CompartmentDefinition/patient"]
    for resource in rest["resource"]:
        for param in resource.get("searchParam", ()):
            assert param["definition"] == definition(resource["type"], param["name"])


def test_they_are_searched_by_base_code_and_definition(sqlite_client: httpx.Client) -> None:
    for query, ids in {
        "base=Observation&code=value-quantity": ["Observation-value-quantity"],
        "code=onset,route": ["AllergyIntolerance-onset", "AllergyIntolerance-route"],
        f"derived-from={HL7}clinical-type": ["AllergyIntolerance-type"],
        "base=Encounter": [],
    }.items():
        answer = sqlite_client.get(f"/fhir/SearchParameter?{query}").json()
        assert [one["id"] for one in resources(answer)] == ids, query


def test_what_the_compartment_names_is_what_is_searched(client: httpx.Client) -> None:
    """Of each type a resource of another patient's record, in which this patient stands as a parameter says."""
    me, other = {"reference": "Patient/me"}, {"reference": "Patient/other"}
    common = {"status": "final", "code": {"text": "x"}, "subject": other}
    active = {"clinicalStatus": allergy()["clinicalStatus"]}
    docs = [
        {"resourceType": "Observation", **common, "performer": [me]},
        {"resourceType": "MedicationAdministration", "status": "completed", "subject": other,
         "performer": [{"actor": me}], "medicationCodeableConcept": {"text": "x"}, "effectiveDateTime": "2026-11-20"},
        {"resourceType": "Patient", "link": [{"other": me, "type": "seealso"}]},
        {"resourceType": "Condition", "subject": other, "asserter": me},
        {"resourceType": "AllergyIntolerance", **active, "patient": other, "recorder": me},
        {"resourceType": "AllergyIntolerance", **active, "patient": other, "asserter": me},
        {"resourceType": "Provenance", "target": [other, me], "recorded": "2026-11-20T10:00:00Z",
         "agent": [{"who": other}]},
        {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "x"}, "subject": other,
         "expressedBy": me},
        {"resourceType": "Task", "status": "requested", "intent": "order", "for": other, "owner": me},
    ]  # fmt: skip
    for doc in docs:
        assert client.post(f"/fhir/{doc['resourceType']}", json=doc).status_code == 201
    inside = found_by(client, "/fhir/Patient/me/*")
    assert [one["resourceType"] for one in inside] == [str(doc["resourceType"]) for doc in docs[:7]]
    assert [one["resourceType"] for one in found_by(client, "/fhir/Patient/me/*?_count=1")] == [
        one["resourceType"] for one in inside
    ]
    kinds = PUBLISHED["CompartmentDefinition", "patient"]["resource"]
    for kind in kinds:
        path = f"/fhir/Patient/me/{kind['code']}"
        if "param" in kind:
            assert found_by(client, path) == [one for one in inside if one["resourceType"] == kind["code"]]
        else:
            assert client.get(path).status_code == 404
