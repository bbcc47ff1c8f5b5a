"""fhirpy (https://github.com/beda-software/fhir-py): resources that save themselves, searches put together by calls."""

import asyncio
from typing import Any

import pytest
from fhirpy import AsyncFHIRClient, SyncFHIRClient
from fhirpy.base.exceptions import MultipleResourcesFound, OperationOutcome, ResourceNotFound

from tests.build import bundle, entry, panel
from tests.fhir_client import link, resources, rule

Reading = Any
JSON_PATCH = {"Content-Type": "application/json-patch+json"}


@pytest.fixture
def client(base: str) -> SyncFHIRClient:
    return SyncFHIRClient(base)


def reading(client: SyncFHIRClient, patient: str, systolic: int = 120, **more: Any) -> Reading:
    """A reading that is not saved yet, with an identifier of its patient."""
    named = [{"system": "urn:hospital", "value": patient}]
    doc = panel(systolic, 80, patient=patient, identifier=named, **more)
    return client.resource(doc.pop("resourceType"), **doc)


def test_it_reads_the_capabilities(client: SyncFHIRClient) -> None:
    assert client.execute("metadata", method="get").fhirVersion == "4.0.1"


def test_a_resource_saves_refreshes_and_deletes_itself(client: SyncFHIRClient, patient: str) -> None:
    mine = reading(client, patient).save()
    other = client.reference("Observation", mine.id).to_resource()
    mine.status = "amended"
    mine.save()
    assert (mine.meta.versionId, other.meta.versionId) == ("2", "1")
    assert other.refresh().status == "amended"
    assert mine.refresh().meta.versionId == "2"
    mine.delete()
    with pytest.raises(ResourceNotFound):
        other.refresh()


def test_a_resource_takes_the_id_that_it_is_given(client: SyncFHIRClient, patient: str) -> None:
    person = client.resource("Patient", id=patient, name=[{"family": "Test"}]).save()
    assert (person.id, person.meta.versionId) == (patient, "1")


def test_all_pages_are_fetched_and_counted(client: SyncFHIRClient, patient: str) -> None:
    saved = [reading(client, patient).save().id for _ in range(5)]
    found = client.resources("Observation").search(patient=patient)
    assert [one.id for one in found.limit(2).fetch_all()] == saved
    assert [one.id for one in found.limit(2).fetch()] == saved[:2]
    assert found.count() == 5
    assert found.sort("-_lastUpdated").first().id == saved[-1]
    assert found.search(_id=saved[2]).get().id == saved[2]
    with pytest.raises(MultipleResourcesFound):
        found.get()


def test_modifiers_prefixes_chains_and_includes_are_understood(client: SyncFHIRClient, patient: str) -> None:
    person = client.resource("Patient", id=patient, name=[{"family": f"Of {patient}"}]).save()
    kept = reading(client, patient, effectiveDateTime="2026-01-02T10:00:00Z").save()
    found = client.resources("Observation").search(patient=person)
    assert found.search(date__ge="2026-01-02", status__not="amended").count() == 1
    assert found.search(date__lt="2026-01-02").count() == 0
    assert found.search(subject__Patient__family=f"Of {patient}").first() == kept
    having = client.resources("Patient").has("Observation", "patient", identifier=f"urn:hospital|{patient}")
    assert [one.id for one in having.fetch()] == [patient]
    both = found.include("Observation", "subject").fetch_raw()
    assert [one.resource.resourceType for one in both.entry] == ["Observation", "Patient"]
    (part,) = found.elements("status").fetch()
    assert set(part) == {"resourceType", "id", "meta", "status", "code"}


def test_what_exists_is_not_created_again(client: SyncFHIRClient, patient: str) -> None:
    same = client.resources("Observation").search(identifier=f"urn:hospital|{patient}")
    first, made = same.get_or_create(reading(client, patient))
    again, made_again = same.get_or_create(reading(client, patient))
    assert (made, made_again, again.id) == (True, False, first.id)
    assert reading(client, patient).create(identifier=f"urn:hospital|{patient}").id == first.id
    assert same.count() == 1


def test_a_search_updates_and_deletes_the_one_that_it_finds(client: SyncFHIRClient, patient: str) -> None:
    same = client.resources("Observation").search(identifier=f"urn:hospital|{patient}")
    first, made = same.update(reading(client, patient, 120))
    second, made_again = same.update(reading(client, patient, 121))
    assert (made, made_again, second.id) == (True, False, first.id)
    assert second.meta.versionId == "2"
    same.delete()
    assert same.count() == 0


def test_its_merge_patch_is_refused_and_the_way_to_patch_is_named(
    client: SyncFHIRClient, patient: str
) -> None:
    """FHIR R4 knows no merge patch (https://hl7.org/fhir/R4/http.html#patch); fhirpy's patch() sends nothing else."""
    kept = reading(client, patient).save()
    with pytest.raises(OperationOutcome) as refused:
        client.patch("Observation", kept.id, status="amended")
    assert "send application/json-patch+json" in refused.value.resource["issue"][0]["details"]["text"]
    patching = SyncFHIRClient(client.url, extra_headers=JSON_PATCH)
    change: Any = [{"op": "replace", "path": "/status", "value": "amended"}]
    assert patching.execute(kept.reference, method="patch", data=change).status == "amended"


def test_a_batch_and_a_transaction_are_executed(client: SyncFHIRClient, patient: str) -> None:
    person = {
        **entry({"resourceType": "Patient"}),
        "fullUrl": "urn:uuid:1f0a3e9c-5a7c-4c0e-9d57-0d3a0a6d2f11",
    }
    low = entry({**panel(84, 50), "subject": {"reference": person["fullUrl"]}})
    made = client.execute("", data=bundle("transaction", person, low))
    where = made.entry[0].response.location.split("/")[-3]
    assert (
        rule(client.resources("Observation").search(patient=where, category="alert").get()) == "hypotension"
    )
    broken = entry({"resourceType": "Patient", "gender": "x"})
    answers = client.execute("", data=bundle("batch", broken, entry(panel(120, 80, patient=patient))))
    assert [one.response.status[:3] for one in answers.entry] == ["422", "201"]


def test_the_history_is_read(client: SyncFHIRClient, patient: str) -> None:
    kept = reading(client, patient).save()
    kept.status = "amended"
    kept.save()
    versions = resources(kept.execute("_history", method="get"))
    assert [one["status"] for one in versions] == ["amended", "final"]
    assert client.execute(f"{kept.reference}/_history/1", method="get").status == "final"


def test_operations_are_executed(client: SyncFHIRClient, patient: str) -> None:
    assert reading(client, patient).is_valid()
    assert not client.resource("Observation", status="x").is_valid()
    low = client.resources("Observation").execute("$submit", data=panel(84, 50, patient=patient))
    kept, alert = resources(low)
    assert (rule(alert), alert["derivedFrom"][0]["reference"]) == ("hypotension", f"Observation/{kept['id']}")
    assert client.reference("Observation", kept["id"]).execute("$meta").parameter[0].valueMeta == kept["meta"]
    record = client.reference("Patient", patient).execute("$everything")
    known = [(one["resourceType"], one["id"]) for one in resources(record)]
    assert known == [("Observation", kept["id"]), ("Observation", alert["id"]), ("Task", alert["id"])]
    newest = client.execute(
        "Observation/$lastn", method="get", params={"patient": patient, "code": "85354-9"}
    )
    assert [one["id"] for one in resources(newest)] == [kept["id"]]


def test_a_refusal_is_raised_with_its_outcome(client: SyncFHIRClient, patient: str) -> None:
    with pytest.raises(OperationOutcome) as refused:
        reading(client, patient, status="finel").save()
    assert refused.value.resource["issue"][0]["expression"] == ["Observation.status"]
    with pytest.raises(ResourceNotFound):
        client.get("Observation", "never")


def test_a_poller_goes_on_from_the_last_page(client: SyncFHIRClient, patient: str) -> None:
    page = client.resources("Observation").search(patient=patient, category="alert").fetch_raw()
    assert resources(page) == []
    reading(client, patient, 84).save()
    (alert,) = resources(client.execute(link(page, "monitor"), method="get"))
    assert rule(alert) == "hypotension"


def test_its_asynchronous_client_does_the_same(base: str, patient: str) -> None:
    async def write_and_fetch() -> list[str]:
        client = AsyncFHIRClient(base)
        doc = panel(84, 50, patient=patient)
        await asyncio.gather(*(client.resource("Observation", **doc).save() for _ in range(4)))
        found = client.resources("Observation").search(patient=patient, category="alert").limit(3)
        return [rule(alert) for alert in await found.fetch_all()]

    assert asyncio.run(write_and_fetch()) == ["hypotension"] * 4
