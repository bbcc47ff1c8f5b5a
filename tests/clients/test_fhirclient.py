"""fhirclient, the SMART client (https://github.com/smart-on-fhir/client-py): what it reads it holds to R4."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.codesystem import CodeSystem
from fhirclient.models.observation import Observation
from fhirclient.models.operationdefinition import OperationDefinition
from fhirclient.models.operationoutcome import OperationOutcome
from fhirclient.models.parameters import Parameters
from fhirclient.models.patient import Patient
from fhirclient.models.structuredefinition import StructureDefinition
from fhirclient.models.valueset import ValueSet
from fhirclient.server import FHIRNotFoundException, FHIRServer

from tests.build import bundle, entry, panel
from tests.fhir_client import link, rule


@pytest.fixture
def server(base: str) -> Iterator[FHIRServer]:
    made = FHIRClient(settings={"app_id": "tests", "api_base": base}).server
    yield made
    made.session.close()


def posted(server: FHIRServer, patient: str, systolic: int = 120, **more: Any) -> Observation:
    return Observation(Observation(panel(systolic, 80, patient=patient, **more)).create(server))


def statuses(answer: Bundle) -> list[str]:
    return [one.response.status[:3] for one in answer.entry]


def test_the_capability_statement_is_r4_and_asks_for_no_login(server: FHIRServer) -> None:
    assert server.prepare()
    assert server.auth.auth_type == "none"
    statement = server.capabilityStatement
    assert (statement.fhirVersion, statement.rest[0].mode) == ("4.0.1", "server")
    assert "Observation" in {served.type for served in statement.rest[0].resource}


def test_a_resource_is_created_read_updated_and_deleted(server: FHIRServer, patient: str) -> None:
    person = Patient({"id": patient, "name": [{"family": "Test"}]})
    assert Patient(person.update(server)).meta.versionId == "1"
    kept = Patient.read(patient, server)
    kept.active = True
    assert Patient(kept.update()).meta.versionId == "2"
    assert Patient.read(patient, server).active is True
    assert kept.delete() is None
    with pytest.raises(requests.HTTPError, match="410"):
        Patient.read(patient, server)
    with pytest.raises(FHIRNotFoundException):
        Patient.read("never", server)


def test_all_pages_of_a_search_are_read(server: FHIRServer, patient: str) -> None:
    kept = [posted(server, patient).id for _ in range(5)]
    search = Observation.where({"patient": patient, "_count": "2", "_total": "accurate"})
    assert [one.id for one in search.perform_resources_iter(server)] == kept
    pages = list(search.perform_iter(server))
    assert [len(page.entry) for page in pages] == [2, 2, 1]
    assert {page.total for page in pages} == {5}


def test_a_search_is_put_together_from_a_structure(server: FHIRServer, patient: str) -> None:
    Patient({"id": patient, "name": [{"family": f"Of {patient}"}]}).update(server)
    kept = posted(server, patient, at="2026-01-02T10:00:00Z")
    asked: dict[str, Any] = {
        "subject": {"$type": "Patient", "family": {"$exact": f"Of {patient}"}},
        "date": {"$and": ["ge2026-01-01", "lt2026-01-03"]},
        "code": {"$or": ["85354-9", "8867-4"]},
        "value-quantity": {"$missing": "true"},
    }
    found = list(Observation.where(asked).include("subject").perform_resources_iter(server))
    assert [(type(one), one.id) for one in found] == [(Observation, kept.id), (Patient, patient)]
    having = Patient.where({"_id": patient}).include("subject", Observation, reverse=True)
    assert [one.id for one in having.perform_resources_iter(server)] == [patient, kept.id]


def test_alerts_are_r4_and_lead_to_their_readings(server: FHIRServer, patient: str) -> None:
    low = posted(server, patient, 84)
    (alert,) = Observation.where({"patient": patient, "category": "alert"}).perform_resources_iter(server)
    assert rule(alert.as_json()) == "hypotension"
    assert alert.derivedFrom[0].resolved(Observation).id == low.id
    part = Bundle.read_from(f"Observation?_id={alert.id}&_summary=true", server)
    assert part.entry[0].resource.meta.tag[-1].code == "SUBSETTED"
    with pytest.raises(requests.HTTPError, match="422"):
        alert.update()


def test_a_poller_goes_on_from_the_last_page(server: FHIRServer, patient: str) -> None:
    page = Bundle.read_from(f"Observation?patient={patient}&category=alert", server)
    assert page.entry is None
    posted(server, patient, 84)
    news = Bundle.read_from(link(page.as_json(), "monitor"), server)
    assert [rule(one.resource.as_json()) for one in news.entry] == ["hypotension"]


def test_what_older_fhir_wrote_is_refused(server: FHIRServer) -> None:
    for search in (
        Observation.where({"date": {"$gt": "2026"}}),
        Observation.where({}).include("derivedFrom"),
    ):
        with pytest.raises(requests.HTTPError, match="400"):
            list(search.perform_resources_iter(server))


def test_what_is_published_is_r4(server: FHIRServer) -> None:
    for type in (StructureDefinition, CodeSystem, ValueSet, OperationDefinition):
        found = list(type.where({}).perform_resources_iter(server))
        assert found
        assert [one.id for one in found] == [type.read(one.id, server).id for one in found]


def test_a_transaction_and_a_batch_are_created(server: FHIRServer, patient: str) -> None:
    person = {
        **entry({"resourceType": "Patient"}),
        "fullUrl": "urn:uuid:1f0a3e9c-5a7c-4c0e-9d57-0d3a0a6d2f11",
    }
    low = entry({**panel(84, 50), "subject": {"reference": person["fullUrl"]}})
    made = Bundle(Bundle(bundle("transaction", person, low)).create(server))
    assert (made.type, statuses(made)) == ("transaction-response", ["201", "201"])
    assert made.entry[1].response.outcome.issue[0].code == "business-rule"
    known = entry(panel(120, 80, patient=patient), ifNoneExist=f"patient={patient}")
    assert statuses(Bundle(Bundle(bundle("batch", known)).create(server))) == ["201"]
    patch = {"request": {"method": "PATCH", "url": f"Observation?patient={patient}"}, "resource": amended()}
    reads = {"request": {"method": "GET", "url": f"Observation?patient={patient}"}}
    done = Bundle(Bundle(bundle("transaction", patch, reads)).create(server))
    assert statuses(done) == ["200", "200"]
    assert [one.resource.status for one in done.entry[1].resource.entry] == ["amended"]
    missed = {"request": {"method": "GET", "url": "Observation/never"}}
    answers = Bundle(Bundle(bundle("batch", known, missed)).create(server))
    assert statuses(answers) == ["200", "404"]
    assert isinstance(answers.entry[1].response.outcome, OperationOutcome)


def amended() -> dict[str, Any]:
    """A FHIRPath Patch; this client has no PATCH of its own, a Bundle carries it."""
    told = {"type": "replace", "path": "Observation.status"}
    parts = [
        {"name": name, "valueCode" if name == "type" else "valueString": text} for name, text in told.items()
    ]
    parts.append({"name": "value", "valueCode": "amended"})
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}


def test_histories_are_r4(server: FHIRServer, patient: str) -> None:
    kept = posted(server, patient)
    kept.status = "amended"
    kept.update(server)
    kept.delete(server)
    history = Bundle.read_from(f"Observation/{kept.id}/_history", server)
    assert [one.request.method for one in history.entry] == ["DELETE", "PUT", "POST"]
    assert Observation.read_from(f"Observation/{kept.id}/_history/1", server).status == "final"
    for address in ("Observation/_history?_count=20", "_history?_count=20"):
        assert len(Bundle.read_from(address, server).entry) > 2


def test_answers_of_operations_are_r4(server: FHIRServer, patient: str) -> None:
    low = Bundle(server.post_json("Observation/$submit", panel(84, 50, patient=patient)).json())
    reading, alert = (one.resource for one in low.entry)
    judged = Bundle(
        server.post_json("$evaluate", bundle("collection", {"resource": reading.as_json()})).json()
    )
    assert [rule(one.resource.as_json()) for one in judged.entry] == ["hypotension"]
    fine = OperationOutcome(server.post_json("Observation/$validate", panel(120, 80)).json())
    assert fine.issue[0].severity == "information"
    meta = Parameters.read_from(f"Observation/{alert.id}/$meta", server)
    assert meta.parameter[0].valueMeta.versionId == alert.meta.versionId
    for address in (f"Patient/{patient}/$everything", f"Observation/$lastn?patient={patient}"):
        assert {one.resource.id for one in Bundle.read_from(address, server).entry} == {reading.id, alert.id}


def test_a_refusal_is_an_outcome_of_r4(server: FHIRServer, patient: str) -> None:
    wrong = panel(84, 50, patient=patient, status="finel", note=[{"text": ""}])
    with pytest.raises(requests.HTTPError, match=r"400|422") as refused:
        server.post_json("Observation", wrong)
    outcome = OperationOutcome(refused.value.response.json())
    assert "Observation.status" in {place for issue in outcome.issue for place in issue.expression}
