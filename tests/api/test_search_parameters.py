"""What each kind of search parameter finds, on both databases."""

from typing import Any, NamedTuple

import httpx
import pytest

from tests.build import LOINC, SNOMED, concept, heart_rate, order, panel, quantity
from tests.fhir_client import everything

UCUM = "http://unitsofmeasure.org"
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [
        {"system": "urn:mrn", "value": "000731", "type": concept("MR", "http://terminology.hl7.org/v2-0203")}
    ],
    "name": [{"family": "Moreau", "given": ["Zoë", "Anne-Marie"]}],
    "telecom": [{"system": "phone", "value": "555-0100"}],
    "birthDate": "1980-05-17",
    "gender": "female",
    "deceasedDateTime": "2026-10-02T10:00:00Z",
}
AT = "2026-01-02T10:00:00Z"
SYMPTOM = {
    **heart_rate(70, AT),
    "id": "symptom",
    "code": {"coding": [{"system": SNOMED, "code": "404640003", "display": "Dizziness"}], "text": "Étourdi"},
    "valueCodeableConcept": concept("371923003", SNOMED),
}
del SYMPTOM["valueQuantity"]
DOCS: tuple[dict[str, Any], ...] = (
    PATIENT,
    {"resourceType": "Patient", "id": "p2", "name": [{"text": "zoe"}], "active": True},
    {**panel(100, 70, AT), "id": "low"},
    {**panel(135, 95, "2026-01-03T10:00:00Z", "p2"), "id": "high",
     "performer": [{"reference": "Practitioner/d1"}, {"reference": "Patient/p1"}]},
    {**panel(120, 80, "2026-01-04T10:00:00Z"), "id": "kilo"}
    | {"component": [{"code": concept("8480-6"), "valueQuantity": quantity(12, "kPa")}]},
    {**heart_rate(80, "2026-02-01"), "id": "pulse", "meta": {"profile": ["http://p/v|2"], "source": "urn:m"}},
    SYMPTOM,
    {**order(0.1, 6, "2026-01-01T08:00:00Z"), "id": "order", "priority": "stat"},
)  # fmt: skip


class Case(NamedTuple):
    """A search and the ids that it finds."""

    search: str
    found: str


CASES = [
    Case(*(part.strip() for part in line.split("->")))
    for line in f"""
    Observation?code=85354-9 -> low high kilo
    Observation?code={LOINC}|85354-9 -> low high kilo
    Observation?code={LOINC}| -> low high kilo pulse
    Observation?code=|85354-9 ->
    Observation?code:not=85354-9 -> pulse symptom
    Observation?code:not={LOINC}| -> symptom
    Observation?code:text=dizz -> symptom
    Observation?code:text=ETOURDI -> symptom
    Observation?performer:missing=false -> high
    Observation?performer:missing=true -> low kilo pulse symptom
    Observation?performer=d1 -> high
    Observation?performer=Practitioner/d1 -> high
    Observation?value-quantity:missing=false -> pulse
    Observation?patient:missing=true ->
    Observation?subject:Patient=p2 -> high
    Observation?date=2026-01 -> low high kilo symptom
    Observation?date=ge2026-01-03&date=lt2026-02 -> high kilo
    Observation?value-quantity=80 -> pulse
    Observation?value-quantity=80.0 -> pulse
    Observation?value-quantity=8e1||/min -> pulse
    Observation?value-quantity=79 ->
    Observation?value-quantity=gt79.9|{UCUM}|/min -> pulse
    Observation?value-quantity=80||mm[Hg] ->
    Observation?component-value-quantity=100||mm[Hg] -> low
    Observation?component-value-quantity=ap100||mm[Hg] -> low high kilo
    Observation?component-value-quantity=12||kPa -> kilo
    Observation?component-value-quantity=90|{UCUM}|mm[Hg] -> kilo
    Observation?component-value-quantity=12 -> kilo
    Observation?component-value-quantity=90 ->
    Observation?component-code-value-quantity={LOINC}|8480-6$lt101||mm[Hg] -> low kilo
    Observation?component-code-value-quantity=8480-6$lt90 -> kilo
    Observation?component-code-value-quantity=8480-6$lt90||mm[Hg] ->
    Observation?component-code-value-quantity=8480-6$gt130,8462-4$gt90 -> high
    Observation?component-code-value-quantity=8480-6$95 ->
    Observation?component-code=8462-4 -> low high
    Observation?combo-code=8480-6,8867-4 -> low high kilo pulse
    Observation?combo-code-value-quantity=8867-4$ge80 -> pulse
    Observation?combo-code-value-quantity=8480-6$135 -> high
    Observation?combo-value-quantity=80||/min -> pulse
    Observation?code-value-quantity={LOINC}|8867-4$lt100||/min -> pulse
    Observation?code-value-concept=404640003$371923003 -> symptom
    Observation?combo-code-value-concept=404640003$371923003 -> symptom
    Observation?value-concept={SNOMED}| -> symptom
    Observation?_profile=http://p/v -> pulse
    Observation?_source=urn:m -> pulse
    Observation?subject:Patient.name=moreau -> low kilo pulse symptom
    Observation?subject.name=moreau -> low kilo pulse symptom
    Observation?patient.identifier=urn:mrn|000731 -> low kilo pulse symptom
    Observation?patient.gender:not=female -> high
    Patient?name=zoe -> p1 p2
    Patient?name:exact=zoe -> p2
    Patient?name:contains=marie -> p1
    Patient?given=ANNE -> p1
    Patient?family=or ->
    Patient?identifier:of-type=http://terminology.hl7.org/v2-0203|MR|000731 -> p1
    Patient?phone=555-0100 -> p1
    Patient?email=555-0100 ->
    Patient?birthdate=1980 -> p1
    Patient?death-date=gt2026-10-01 -> p1
    Patient?deceased=true -> p1
    Patient?deceased=false -> p2
    Patient?active=true -> p2
    Patient?_has:Observation:patient:component-code-value-quantity=8480-6$gt130 -> p2
    Patient?_has:MedicationRequest:subject:priority=stat -> p1
    MedicationRequest?priority=stat&intent=order -> order
    ?_type=Observation,MedicationRequest&patient=p1 -> low kilo pulse symptom order
    ?_id=p1,order -> p1 order
    Patient/p1/Observation?code=8867-4 -> pulse
    Patient/p2/MedicationRequest ->
    Patient/p1/Observation?_id=high,low -> high low
    Patient/p2/Observation -> high
    Patient/p1/MedicationRequest -> order
    Patient/p1/Patient -> p1
    Patient/p2/* -> p2 high
    Patient/p1/*?_type=MedicationRequest,Patient -> order p1
    """.strip().splitlines()
]  # fmt: skip


@pytest.fixture
def filled(client: httpx.Client) -> httpx.Client:
    for doc in DOCS:
        answer = client.put(f"/fhir/{doc['resourceType']}/{doc['id']}", json=doc)
        assert answer.status_code == 201, answer.text
    return client


def _asked(search: str) -> str:
    return "/fhir" + ("" if search.startswith("?") else "/") + search.replace("+", "%2B")


def test_each_search_finds_what_it_should(filled: httpx.Client) -> None:
    missed = []
    for search, expected in CASES:
        found = [
            one["id"] for one in everything(filled, _asked(search)) if "alert" not in str(one.get("category"))
        ]
        if sorted(found) != sorted(expected.split()):
            missed.append((search, found))
    assert missed == []


SAMPLED = {"origin": quantity(60, "/min"), "period": 10, "factor": 2, "dimensions": 1, "data": "1 E -5.5 20"}


def test_sampled_data_are_found_by_their_lowest_and_highest_value(client: httpx.Client) -> None:
    wave = heart_rate(0, AT) | {"valueSampledData": SAMPLED}
    del wave["valueQuantity"]
    parts = [
        {"code": concept("8867-4"), "valueSampledData": SAMPLED | {"data": data}} for data in ("L 1", "1 U")
    ]
    for id, doc in {"wave": wave, "parts": panel(120, 80, AT) | {"component": parts}}.items():
        assert client.put(f"/fhir/Observation/{id}", json={**doc, "id": id}).status_code == 201
    found = {
        search: [one["id"] for one in everything(client, f"/fhir/Observation?{search}")]
        for search in ("value-quantity=lt50", "value-quantity=lt49", "value-quantity=gt99||/min",
                       "value-quantity=gt100", "code-value-quantity=8867-4$ge100", "component-value-quantity=gt999",
                       "combo-value-quantity=lt50", "component-code-value-quantity=8867-4$lt0")
    }  # fmt: skip
    assert list(found.values()) == [
        ["wave"],
        [],
        ["wave"],
        [],
        ["wave"],
        ["parts"],
        ["wave", "parts"],
        ["parts"],
    ]


REFUSED = {
    "Observation?code:in=http://v": "no value sets",
    "Observation?code:below=x": "hierarchies",
    "Observation?_text=x": "narratives",
    "Observation?_filter=x": "expressions",
    "Observation?_list=x": "List",
    "Observation?_contained=true": "contained",
    "Observation?dna-variant=x": "genetic",
    "Patient?phonetic=x": "sound",
    "Patient?name:contains=ab": "3 characters",
    "Observation?value-quantity=lt9x": "number",
    "Observation?value-quantity=90|mm[Hg]": "number",
    "Observation?component-code-value-quantity=8480-6": "code$value",
    "Observation?component-code-value-quantity:missing=true": "modifier",
    "Observation?subject.identifier=x": "subject:Patient.identifier",
    "Observation?subject.colour=x": "subject:Patient.colour",
    "Observation?_pretty=yes": "_pretty",
    "Observation?code.name=x": "no reference",
    "Observation?encounter.status=x": "no target",
    "Observation?patient.general-practitioner.name=x": "one link",
    "Patient?_has:Observation:code=x": "_has:Type",
    "Patient?_has:Observation:performer2:code=x": "performer2",
    "Observation?_sort=code": "value-date",
    "Observation?_include=Observation:code": "Observation:subject",
    "Observation?_include:bogus=Observation:subject": "bogus",
    "Observation?_elements=a%20b": "names",
    "?code=x": "_type",
    "?_type=Group": "Group",
    "?_type=Observation,Patient&code=x": "Patient",
    "Patient/p1/Medication": "compartment",
    "Patient/p1/Device": "search Device itself",
    "Patient/p%00/Observation": "no id",
    "Patient/p1/*?_type=Device": "Observation",
    "Patient/p1/*?code=x": "Patient",
}


def test_what_is_not_served_is_refused_with_the_reason(sqlite_client: httpx.Client) -> None:
    silent = []
    for search, reason in REFUSED.items():
        answer = sqlite_client.get(_asked(search))
        if answer.status_code not in (400, 404) or reason not in answer.text.replace('\\"', '"'):
            silent.append((search, answer.status_code, answer.text[:300]))
    assert silent == []


def test_what_is_too_much_is_refused_as_too_costly(sqlite_client: httpx.Client) -> None:
    for search in (
        f"Observation?code={','.join('x' * 501)}",
        "Observation?" + "&".join(["code=x"] * 41),
        "Observation?" + "&".join(["patient.name=x"] * 4),
        "Observation?" + "&".join(["_include=Observation:subject"] * 41),
        "?status=final",
    ):
        answer = sqlite_client.get(_asked(search))
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (400, "too-costly"), search


def test_a_chain_is_no_criterion_of_a_conditional_create(sqlite_client: httpx.Client) -> None:
    header = {"If-None-Exist": "identifier=x&patient.name=x"}
    answer = sqlite_client.post("/fhir/Observation", json=panel(120, 80), headers=header)
    assert answer.status_code == 400
    assert "Chains" in answer.text
