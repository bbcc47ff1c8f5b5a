"""Every search parameter that R4 defines for a type is served or refused with the reason, and goes by R4's elements."""

import httpx
import pytest

from models.fhir.codec import dump
from models.resource_types import TYPES
from tests.fhir.bodies import GONE, Body, changed
from tests.fhir.bodies_beside_readings import ALL, allergy, device, goal, provenance, task
from tests.fhir_client import everything

R4 = {
    "AllergyIntolerance": "asserter category clinical-status code criticality date identifier last-date manifestation "
    "onset patient recorder route severity type verification-status",
    "Condition": "abatement-age abatement-date abatement-string asserter body-site category clinical-status code "
    "encounter evidence evidence-detail identifier onset-age onset-date onset-info patient recorded-date severity "
    "stage subject verification-status",
    "Device": "device-name identifier location manufacturer model organization patient status type udi-carrier udi-di "
    "url",
    "Goal": "achievement-status category identifier lifecycle-status patient start-date subject target-date",
    "Medication": "code expiration-date form identifier ingredient ingredient-code lot-number manufacturer status",
    "MedicationAdministration": "code context device effective-time identifier medication patient performer "
    "reason-given reason-not-given request status subject",
    "MedicationRequest": "authoredon category code date encounter identifier intended-dispenser intended-performer "
    "intended-performertype intent medication patient priority requester status subject",
    "Observation": "amino-acid-change based-on category code code-value-concept code-value-date code-value-quantity "
    "code-value-string combo-code combo-code-value-concept combo-code-value-quantity combo-data-absent-reason "
    "combo-value-concept combo-value-quantity component-code component-code-value-concept "
    "component-code-value-quantity component-data-absent-reason component-value-concept component-value-quantity "
    "data-absent-reason date derived-from device dna-variant encounter focus gene-amino-acid-change gene-dnavariant "
    "gene-identifier has-member identifier method part-of patient performer specimen status subject value-concept "
    "value-date value-quantity value-string",
    "Patient": "active address address-city address-country address-postalcode address-state address-use birthdate "
    "death-date deceased email family gender general-practitioner given identifier language link name organization "
    "phone phonetic telecom",
    "Provenance": "agent agent-role agent-type entity location patient recorded signature-type target when",
    "Subscription": "contact criteria payload status type url",
    "Task": "authored-on based-on business-status code encounter focus group-identifier identifier intent modified "
    "owner part-of patient performer period priority requester status subject",
}
"""https://hl7.org/fhir/R4/searchparameter-registry.html"""

FULLER = (
    {**allergy(), "lastOccurrence": "2026-11-21", "recorder": {"reference": "Practitioner/d1"},
     "asserter": {"reference": "Patient/p1"}, "reaction": [
        {"manifestation": [{"coding": [{"system": "urn:x", "code": "rash"}]}], "severity": "severe",
         "onset": "2026-11-20", "exposureRoute": {"coding": [{"system": "urn:x", "code": "skin"}]}}]},
    goal(),
    {**device(), "url": "urn:monitor:3", "manufacturer": "Acme", "modelNumber": "X2",
     "location": {"reference": "Location/ward-3"}, "udiCarrier": [{"deviceIdentifier": "0001", "carrierHRF": "(01)1"}]},
    {**task(), "executionPeriod": {"start": "2026-11-22T11:00:00Z"}, "encounter": {"reference": "Encounter/e1"},
     "groupIdentifier": {"system": "urn:x", "value": "g1"},
     "performerType": [{"coding": [{"system": "urn:x", "code": "nurse"}]}]},
    {**provenance(), "occurredDateTime": "2026-11-22T09:00:00Z"},
)  # fmt: skip
BARE: dict[str, Body] = {
    "AllergyIntolerance": changed(allergy(), {"reaction": GONE}),
    "Goal": changed(goal(), {"target": GONE, "startDate": GONE}),
    "Device": {"resourceType": "Device"},
    "Task": {"resourceType": "Task", "status": "requested", "intent": "order"},
    "Provenance": {**provenance(), "recorded": "2025-11-22T09:59:00Z"},
}
"""The same without what is searched."""
JSON = {"Content-Type": "application/fhir+json"}
FOUND = {
    "AllergyIntolerance": "last-date=2026-11-21 onset=2026-11-20 manifestation=urn:x|rash route=skin severity=severe "
    "recorder=d1 asserter=Patient/p1",
    "Goal": "target-date=2026-11-29 target-date=gt2026-11-28&target-date=lt2026-12 start-date=2026-11-20",
    "Device": "device-name=monitor manufacturer=acme model=x2 udi-carrier=(01) udi-di=0001 url=urn:monitor:3 "
    "location=Location/ward-3",
    "Task": "modified=2026-11-22T10:01 period=ge2026-11-22T11:00 encounter=e1 performer=nurse "
    "group-identifier=urn:x|g1 authored-on=2026-11-22T10:00 focus=bp-42",
    "Provenance": "when=2026-11-22 recorded=2026-11-22T09:59",
}


@pytest.mark.parametrize("type", TYPES)
def test_each_parameter_of_r4_is_served_or_refused_with_the_reason(type: str) -> None:
    served = {param.name for param in TYPES[type].params}
    assert sorted(served | TYPES[type].left_out.keys()) == sorted(R4[type].split())
    assert not served & TYPES[type].left_out.keys()


def test_the_bodies_are_of_all_types_beside_readings() -> None:
    assert {body["resourceType"] for body in ALL} == set(FOUND)


@pytest.mark.parametrize("body", FULLER, ids=lambda body: body["resourceType"])
def test_further_dates_and_elements_are_found(client: httpx.Client, body: Body) -> None:
    type = body["resourceType"]
    ids = [
        client.post(f"/fhir/{type}", content=dump(doc), headers=JSON).json()["id"]
        for doc in (body, BARE[type])
    ]
    for query in FOUND[type].split():
        assert [one["id"] for one in everything(client, f"/fhir/{type}?{query}")] == ids[:1], query
