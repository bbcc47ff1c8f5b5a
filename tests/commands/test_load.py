"""`load`: what is in the files is in the database afterwards, however often it is run."""

import bz2
import gzip
import json
import re
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.resource_types import TYPES
from tests.build import ago, order, panel
from tests.commands.conftest import Run
from tests.fhir_client import resources
from tests.in_process import application

Resource = dict[str, Any]
ELSEWHERE = "urn:uuid:3fd0a1b2-7c61-4f0e-9d55-0c6f1a2b3c4d"
PATIENT: Resource = {"resourceType": "Patient", "id": "p1", "gender": "unknown"}
LOW = panel(84, 50, ago(10), id="low")
CALM = panel(122, 78, ago(20), id="calm")


def lines(*documents: Resource) -> bytes:
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


def bundle(type: str, *entries: Resource) -> Resource:
    return {"resourceType": "Bundle", "type": type, "entry": list(entries)}


def entry(resource: Resource, url: str = "", method: str = "POST") -> Resource:
    named = {"fullUrl": url} if url else {}
    return {**named, "resource": resource, "request": {"method": method, "url": resource["resourceType"]}}


def history(url: str, path: str) -> list[Resource]:
    with application(url) as client:
        return resources(client.get(f"/fhir/{path}/_history").json())


def whole(type: str, **printed: int) -> bytes:
    """A Bundle of all three."""
    return json.dumps(bundle(type, entry(PATIENT), entry(LOW), entry(CALM)), **printed).encode()


ALL = lines(PATIENT, LOW, CALM)
FORMS: dict[str, tuple[str, bytes]] = {
    "NDJSON": ("ward.ndjson", ALL),
    "NDJSON with blank lines and another name": (
        "ward.json",
        b"\n" + lines(PATIENT) + b"\n\n" + lines(LOW, CALM),
    ),
    "gzip": ("ward.ndjson.gz", gzip.compress(ALL)),
    "bzip2": ("ward.json.bz2", bz2.compress(whole("collection"))),
    "a collection, printed": ("ward.json", whole("collection", indent=1)),
    "a searchset": ("ward.json", whole("searchset")),
    "a transaction": ("ward.json", whole("transaction", indent=2)),
    "a Bundle a line": (
        "ward.ndjson",
        lines(bundle("batch", entry(PATIENT)), bundle("batch", entry(LOW), entry(CALM))),
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_resources_and_alerts(
    command: Run, sqlite_url: str, tmp_path: Path, form: str
) -> None:
    name, content = FORMS[form]
    (tmp_path / name).write_bytes(content)
    result = command("load", tmp_path / name, database_url=sqlite_url)
    assert result.status == 0, result.err
    assert "3 resources of 1 files" in result.out
    assert "Alerts raised: 1." in result.out
    assert "Refused: 0." in result.out
    with application(sqlite_url) as client:
        assert client.get("/fhir/Observation/low").json()["component"] == LOW["component"]
        assert len(resources(client.get("/fhir/Observation?category=alert").json())) == 1


def test_loading_again_changes_nothing(command: Run, database_url: str, tmp_path: Path) -> None:
    (tmp_path / "ward.ndjson").write_bytes(lines(PATIENT, LOW, CALM))
    for outcome, raised in (("created", 1), ("unchanged", 0)):
        result = command("load", tmp_path, database_url=database_url)
        assert re.search(rf"Observation +2 {outcome}\n", result.out)
        assert f"Alerts raised: {raised}." in result.out
    assert [one["meta"]["versionId"] for one in history(database_url, "Observation/low")] == ["1"]


def test_a_corrected_file_is_a_new_version_and_retracts(
    command: Run, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "ward.ndjson"
    file.write_bytes(lines(LOW))
    command("load", file, database_url=database_url)
    file.write_bytes(lines(panel(124, 80, LOW["effectiveDateTime"], id="low", status="corrected")))
    assert "1 updated" in command("load", file, database_url=database_url).out
    assert [one["meta"]["versionId"] for one in history(database_url, "Observation/low")] == ["2", "1"]
    with application(database_url) as client:
        alerts = resources(client.get("/fhir/Observation?category=alert").json())
        assert [alert["status"] for alert in alerts] == ["entered-in-error"]


def test_directories_are_searched_and_other_files_left_alone(
    command: Run, sqlite_url: str, tmp_path: Path
) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "low.json").write_text(json.dumps(LOW))
    (tmp_path / "a" / "calm.NDJSON.GZ").write_bytes(gzip.compress(lines(CALM)))
    (tmp_path / "a" / "notes.txt").write_text("not FHIR")
    result = command("load", tmp_path / "a", database_url=sqlite_url)
    assert (result.status, result.out.splitlines()[0][:25]) == (0, "2 resources of 2 files in")


def test_references_among_the_entries_of_a_bundle_lead_to_what_is_stored(
    command: Run, database_url: str, tmp_path: Path
) -> None:
    patient, reading = f"urn:uuid:{uuid.uuid4()}", f"urn:uuid:{uuid.uuid4()}"
    anonymous = {key: value for key, value in PATIENT.items() if key != "id"}
    low = {**LOW, "subject": {"reference": patient}, "performer": [{"reference": ELSEWHERE}]}
    given = {**order(0.1, 6, ago(60)), "subject": {"reference": "https://ward.example/fhir/Patient/p9"}}
    away = {**PATIENT, "id": "p9"}
    del low["id"]
    content = bundle(
        "transaction", entry(low, reading), entry(anonymous, patient),
        entry(given), entry(away, "https://ward.example/fhir/Patient/p9"),
    )  # fmt: skip
    (tmp_path / "ward.json").write_text(json.dumps(content))
    command("load", tmp_path / "ward.json", database_url=database_url)
    with application(database_url) as client:
        known = patient.removeprefix("urn:uuid:")
        assert client.get(f"/fhir/Patient/{known}").status_code == 200
        found = client.get(f"/fhir/Observation/{reading.removeprefix('urn:uuid:')}").json()
        assert found["subject"] == {"reference": f"Patient/{known}"}
        assert found["performer"] == [{"reference": ELSEWHERE}]
        assert len(resources(client.get(f"/fhir/Observation?patient={known}&category=alert").json())) == 1
        assert len(resources(client.get("/fhir/MedicationRequest?patient=p9").json())) == 1


def test_a_resource_without_an_id_is_known_by_its_content(
    command: Run, database_url: str, tmp_path: Path
) -> None:
    nameless = [{k: v for k, v in one.items() if k != "id"} for one in (LOW, CALM)]
    (tmp_path / "ward.ndjson").write_bytes(lines(*nameless, nameless[0]))
    for _ in range(2):
        assert command("load", tmp_path / "ward.ndjson", database_url=database_url).status == 0
    with application(database_url) as client:
        readings = resources(client.get("/fhir/Observation?category=vital-signs").json())
    assert len(readings) == 2
    assert {uuid.UUID(one["id"]).version for one in readings} == {5}
    assert {one["meta"]["versionId"] for one in readings} == {"1"}


def test_types_that_are_not_served_are_counted(command: Run, sqlite_url: str, tmp_path: Path) -> None:
    claim = {"resourceType": "Claim", "id": "c"}
    content = bundle(
        "collection", entry(claim), entry(claim), entry(PATIENT), {"fullUrl": "urn:uuid:nothing"}
    )
    (tmp_path / "ward.json").write_text(json.dumps(content))
    result = command("load", tmp_path / "ward.json", database_url=sqlite_url)
    assert result.status == 0
    assert "Left out, not served here: 2 Claim, 1 entry without a resource." in result.out


def test_alerts_that_were_read_from_a_service_are_left_out(
    command: Run, sqlite_url: str, tmp_path: Path
) -> None:
    with application(sqlite_url) as client:
        client.put("/fhir/Observation/low", json=LOW)
        found = resources(client.get("/fhir/Observation").json())
    assert len(found) == 2
    (tmp_path / "export.ndjson").write_bytes(lines(*found))
    other = f"sqlite:///{tmp_path / 'other.db'}"
    result = command("load", tmp_path / "export.ndjson", database_url=other)
    assert result.status == 0
    assert "1 alert of this service" in result.out
    assert "Alerts raised: 1." in result.out


def test_what_is_refused_is_told_by_line_and_element_and_the_rest_is_kept(
    command: Run, database_url: str, tmp_path: Path
) -> None:
    file, rejects = tmp_path / "ward.ndjson", tmp_path / "rejects.ndjson"
    bogus, nobody = {**CALM, "id": "bogus", "status": "bogus"}, {**LOW, "id": "nobody"}
    del nobody["subject"]
    past = bundle("history", entry(PATIENT))
    file.write_bytes(lines(LOW, bogus) + b'{"resourceType": \n' + lines(nobody, past, CALM))
    result = command("load", file, "--reject", rejects, database_url=database_url)
    assert result.status == 1
    assert "Refused: 4." in result.out
    assert f"{file}:2: error: Observation.status: " in result.err
    assert f"{file}:3: error: The body is no JSON" in result.err
    assert f"{file}:4: error: Observation.subject: " in result.err
    assert f"{file}:5: error: Bundle.type: A history Bundle" in result.err
    kept = {one["line"]: one for one in map(json.loads, rejects.read_text().splitlines())}
    assert kept[2]["resource"] == bogus
    assert kept[2]["outcome"]["issue"][0]["expression"] == ["Observation.status"]
    assert kept[3]["text"].startswith('{"resourceType"')
    assert kept[4]["resource"]["id"] == "nobody"
    assert {kept[line]["file"] for line in kept} == {str(file)}
    with application(database_url) as client:
        assert client.get("/fhir/Observation/calm").status_code == 200


def test_only_the_first_refusals_are_shown_and_all_are_counted(
    command: Run, sqlite_url: str, tmp_path: Path
) -> None:
    (tmp_path / "ward.ndjson").write_bytes(b"{}\n" * 25)
    result = command("load", tmp_path / "ward.ndjson", database_url=sqlite_url)
    assert "Left out, not served here: 25 entry without a resource." in result.out
    (tmp_path / "ward.ndjson").write_bytes(
        lines(*({**LOW, "id": f"x{n}", "status": "bogus"} for n in range(25)))
    )
    result = command("load", tmp_path / "ward.ndjson", database_url=sqlite_url)
    assert result.err.count("Observation.status") == 10
    assert "More follow; they are counted." in result.err
    assert "Refused: 25." in result.out


def test_a_warning_to_the_sender_is_shown(command: Run, sqlite_url: str, tmp_path: Path) -> None:
    spoken = {**order(0.1, 6, ago(60), id="spoken"), "medicationCodeableConcept": {"text": "Catapres 0.1 mg"}}
    (tmp_path / "orders.ndjson").write_bytes(lines(spoken))
    result = command("load", tmp_path / "orders.ndjson", database_url=sqlite_url)
    assert result.status == 0
    assert "orders.ndjson:1: warning: MedicationRequest.medication: " in result.err
    assert "Warnings: 1." in result.out


def test_a_packed_file_that_is_cut_off_is_told(command: Run, sqlite_url: str, tmp_path: Path) -> None:
    packed = gzip.compress(lines(*(panel(120, 80, id=f"r{n}") for n in range(50))))
    (tmp_path / "cut.ndjson.gz").write_bytes(packed[: len(packed) // 2])
    result = command("load", tmp_path / "cut.ndjson.gz", database_url=sqlite_url)
    assert result.status == 1
    assert "cut.ndjson.gz cannot be read: Compressed file ended" in result.err


def test_the_published_examples_and_synthetic_bundles_come_back_value_for_value(
    command: Run, database_url: str, shared: Path
) -> None:
    result = command("load", shared / "synthea", shared / "fhir-r4-examples", database_url=database_url)
    assert result.status == 0, result.err
    packed = sorted((shared / "synthea").iterdir())
    sent = [json.loads(bz2.decompress(file.read_bytes()), parse_float=str) for file in packed]
    documents = [item["resource"] for one in sent for item in one["entry"]]
    files = sorted((shared / "fhir-r4-examples").iterdir())
    documents += [json.loads(file.read_text(), parse_float=str) for file in files]
    served = {(one["resourceType"], one["id"]): one for one in documents if one["resourceType"] in TYPES}
    assert len(served) > 950
    with application(database_url) as client:
        for (type, id), document in served.items():
            assert_same(client, document, f"/fhir/{type}/{id}")


def assert_same(client: httpx.Client, sent: Resource, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, path
    kept = json.loads(answer.text, parse_float=str)
    meta = kept.pop("meta")
    assert meta.pop("versionId")
    assert meta.pop("lastUpdated")
    told = {
        name: value
        for name, value in sent.get("meta", {}).items()
        if name not in ("versionId", "lastUpdated")
    }
    assert meta == told, path
    assert kept == resolved({name: value for name, value in sent.items() if name != "meta"}, kept), path


def resolved(sent: Any, kept: Any) -> Any:
    """What was sent, with references to entries of its own Bundle as they are stored."""
    if isinstance(sent, dict):
        return {name: resolved(value, kept.get(name)) for name, value in sent.items()}
    if isinstance(sent, list):
        return [resolved(*pair) for pair in zip(sent, kept, strict=True)]
    if isinstance(sent, str) and sent.startswith("urn:uuid:") and isinstance(kept, str):
        type, _, id = kept.partition("/")
        return kept if type.isalpha() and id == sent.removeprefix("urn:uuid:") else sent
    return sent


def test_a_site_s_limits_rule_a_load_too(command: Run, sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "limits.toml").write_text(
        "[limits.hypotension]\nsystolic = 80\ndiastolic = 45\ndiastolic-high = 40\n"
    )
    (tmp_path / "ward.ndjson").write_bytes(lines(LOW))
    result = command(
        "load", tmp_path / "ward.ndjson", "--limits", tmp_path / "limits.toml", database_url=sqlite_url
    )
    assert "Alerts raised: 0." in result.out
