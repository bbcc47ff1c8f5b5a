"""A Task beside each alert that pages: written with it, closed when it is taken back, asked again when it returns."""

from collections.abc import Iterator

import pytest

from models.errors import Invalid
from models.fhir.validation import validate
from tests.build import order, panel
from tests.tasks.desk import CRITICAL, HIGH, MINUTE, NURSE, Process, phase, processes, refused


@pytest.fixture
def one(database_url: str) -> Iterator[Process]:
    with processes(database_url) as (_, [made]):
        yield made


def test_an_alert_that_pages_has_a_task_with_its_id(one: Process) -> None:
    alert = one.read(*CRITICAL)
    task = one.task(alert)
    assert (task["status"], task["intent"], task["priority"]) == ("requested", "order", "stat")
    assert task["focus"] == {"reference": f"Observation/{alert}"}
    assert task["for"] == {"reference": "Patient/p1"}
    assert task["authoredOn"] == task["lastModified"] == "2026-03-02T08:00:00.000000Z"
    assert task["requester"] == one.alerts()[alert]["device"] == {"reference": "Device/rule-engine"}
    assert [problem for problem in validate(task) if problem.severity == "error"] == []
    assert one.provenances() == []


def test_they_are_written_in_one_transaction(one: Process) -> None:
    one.read(*HIGH)
    by_type = {row.type: row.seq for row in one.rows()}
    assert sorted(by_type) == ["Observation", "Task"]
    seqs = [row.seq for row in one.rows()]
    assert [seq - seqs[0] for seq in seqs] == [0, 1, 2]


def test_what_raises_nothing_writes_nothing_more(one: Process) -> None:
    one.read(120, 80)
    assert len(one.rows()) == 1


def test_nobody_is_asked_about_what_pages_nobody(one: Process) -> None:
    one.read(*HIGH, id="first")
    one.at += MINUTE
    one.read(85, 65, id="second")
    one.read(*HIGH, id="late", ago=60 * 30)
    assert sorted(phase(alert) for alert in one.alerts().values()) == ["continuing", "late", "new"]
    assert len(one.tasks()) == 1


def test_a_correction_closes_the_task_in_the_name_of_the_device(one: Process) -> None:
    alert = one.read(*HIGH)
    one.delete("Observation", "r")
    task, (told,) = one.task(alert), one.provenances()
    assert (task["status"], task["meta"]["versionId"]) == ("cancelled", "2")
    assert task["statusReason"]["text"].startswith("Retracted")
    assert told["target"] == [{"reference": f"Task/{alert}/_history/2"}]
    assert told["agent"][0]["who"] == {"reference": "Device/rule-engine"}
    assert told["activity"]["coding"][0]["code"] == "cancel"
    assert told["entity"][0]["what"] == {"reference": f"Observation/{alert}/_history/2"}
    assert [problem for problem in validate(told) if problem.severity == "error"] == []


def test_an_alert_that_comes_back_is_asked_about_anew(one: Process) -> None:
    alert = one.read(*HIGH)
    one.acknowledge(alert, who=NURSE, action="2", note="Rests.")
    one.delete("Observation", "r")
    assert one.task(alert)["status"] == "completed"
    one.at += MINUTE
    assert one.read(*HIGH) == alert
    task = one.task(alert)
    assert (task["status"], task["meta"]["versionId"]) == ("requested", "3")
    assert task["authoredOn"] == task["lastModified"] == "2026-03-02T08:01:00.000000Z"
    assert {"owner", "output", "executionPeriod"}.isdisjoint(task)
    assert [note["text"] for note in task["note"]] == ["Rests."]


def test_one_that_becomes_more_severe_is_asked_about_anew_one_less_severe_is_not(one: Process) -> None:
    alert = one.read(84, 55)
    one.acknowledge(alert, who=NURSE)
    one.put(panel(91, 55, "2026-03-02T08:00:00Z", id="r"))
    task = one.task(alert)
    assert (task["status"], task["priority"], task["owner"]) == ("accepted", "urgent", NURSE)
    one.put(panel(84, 55, "2026-03-02T08:00:00Z", id="r"))
    assert (one.task(alert)["status"], one.task(alert)["priority"]) == ("requested", "asap")
    acts = [told["activity"]["coding"][0]["code"] for told in one.provenances()]
    assert acts == ["acknowledge", "lower", "ask-again"]


def test_an_alert_that_pages_no_longer_is_no_longer_asked_about(one: Process) -> None:
    one.at += 5 * MINUTE
    later = one.read(*HIGH, id="later")
    earlier = one.read(*HIGH, id="earlier", ago=5)
    assert phase(one.alerts()[later]) == "continuing"
    assert {id: task["status"] for id, task in one.tasks().items()} == {
        later: "cancelled",
        earlier: "requested",
    }
    one.delete("Observation", "earlier")
    assert {id: task["status"] for id, task in one.tasks().items()} == {
        later: "requested",
        earlier: "cancelled",
    }


def test_what_somebody_works_on_goes_on_while_the_alert_stands(one: Process) -> None:
    one.at += 5 * MINUTE
    later = one.read(*HIGH, id="later")
    one.acknowledge(later, who=NURSE)
    one.read(*HIGH, id="earlier", ago=5)
    assert one.task(later)["status"] == "accepted"
    one.delete("Observation", "later")
    assert one.task(later)["status"] == "cancelled"


def test_a_task_of_a_client_in_its_place_refuses_the_reading(sqlite_url: str, tmp_path: object) -> None:
    with processes(f"sqlite:///{tmp_path}/other.db") as (_, [other]):
        alert = other.read(*HIGH)
        task = other.task(alert)
    with processes(sqlite_url) as (_, [one]):
        one.put({key: value for key, value in task.items() if key != "meta"})
        with pytest.raises(Invalid) as error:
            one.read(*HIGH)
        assert f"Task/{alert}" in refused(error.value)
        one.delete("Task", alert)
        assert one.read(*HIGH) == alert
        assert one.task(alert)["meta"]["versionId"] == "3"


def test_a_dismissed_pair_is_silent_for_the_life_of_its_order(one: Process) -> None:
    def blocker(**more: object) -> dict[str, object]:
        coding = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "8787"}
        medicine = {"medicationCodeableConcept": {"coding": [coding], "text": "propranolol"}}
        return {**order(0.1, 6, "2026-03-02T07:00:00Z", id="b"), **medicine, "dosageInstruction": [], **more}

    one.put(order(0.1, 6, "2026-03-02T07:30:00Z", id="o"), blocker())
    ((alert, doc),) = one.alerts().items()
    assert (doc["code"]["coding"][0]["code"], phase(doc)) == ("interaction-beta-blocker", "new")
    one.acknowledge(alert, who=NURSE, reason={"text": "Cardiology agrees."})
    assert (one.task(alert)["status"], one.alerts()[alert]) == ("rejected", doc)

    again = blocker(medicationCodeableConcept={**blocker()["medicationCodeableConcept"], "text": "Inderal"})  # type: ignore[dict-item]
    one.put(again)
    changed = one.alerts()[alert]
    assert (changed["meta"]["versionId"], changed["status"], phase(changed)) == ("2", "final", "continuing")
    one.delete("MedicationRequest", "b")
    one.put(again)
    back = one.alerts()[alert]
    assert (back["status"], phase(back), one.task(alert)["status"]) == ("final", "continuing", "rejected")
    assert one.task(alert)["meta"]["versionId"] == "2"

    reopened = {**one.task(alert), "status": "requested"}
    one.put({key: value for key, value in reopened.items() if key not in ("meta", "statusReason")})
    one.put(blocker())
    assert phase(one.alerts()[alert]) == "new"


def test_a_dismissed_reading_that_comes_back_is_asked_about(one: Process) -> None:
    alert = one.read(*HIGH)
    one.acknowledge(alert, who=NURSE, reason={"text": "Cuff too large."})
    one.delete("Observation", "r")
    one.read(*HIGH)
    assert (one.task(alert)["status"], phase(one.alerts()[alert])) == ("requested", "new")
