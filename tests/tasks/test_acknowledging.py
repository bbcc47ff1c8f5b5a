"""What $acknowledge makes of a Task, what it refuses, and what clients may do to the Task themselves."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from models.errors import Invalid, NotFound, PreconditionFailed, Refused
from models.fhir.validation import validate
from models.patch import json_patch
from service.intake import Entry, Write
from service.tasks.acknowledging import ACTIONS
from tests.tasks.desk import CRITICAL, HIGH, MINUTE, NURSE, Process, processes, refused

DOCTOR = {"reference": "Practitioner/doctor-1"}
UNKNOWN = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    ]
}
"""What may stand in the place of a value, also of one that FHIR requires."""
HOUR = 60 * MINUTE


@pytest.fixture
def one(database_url: str) -> Iterator[Process]:
    with processes(database_url) as (_, [made]):
        yield made


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Process]:
    """Where the database does not matter."""
    with processes(sqlite_url) as (_, [made]):
        yield made


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, "accepted"),
        ({"action": "5"}, "completed"),
        ({"reason": {"text": "Known and wanted."}}, "rejected"),
        ({"action": "2", "reason": {"text": "Known and wanted."}}, "rejected"),
        ({"until": timedelta(minutes=30)}, "accepted"),
        ({"action": "9", "until": timedelta(minutes=30)}, "accepted"),
    ],
    ids=["taken up", "acted on", "dismissed", "dismissed after a look", "snoozed", "watched"],
)
def test_what_is_said_tells_where_the_task_stands(here: Process, said: dict[str, Any], status: str) -> None:
    alert = here.read(*CRITICAL)
    before = here.alerts()[alert]
    here.at += 5 * MINUTE
    told = {**said, "until": here.at + said["until"]} if "until" in said else said
    written = here.acknowledge(alert, who=NURSE, note="Legs up.", **told)
    task, (why,) = here.task(alert), here.provenances()
    assert (task["status"], task["owner"]) == (status, NURSE)
    assert task["note"] == [
        {"authorReference": NURSE, "time": "2026-03-02T08:05:00.000000Z", "text": "Legs up."}
    ]
    assert task["executionPeriod"]["start"] == "2026-03-02T08:05:00.000000Z"
    assert ("end" in task["executionPeriod"]) == (status in ("completed", "rejected"))
    assert written.taken == ("critical", 300.0)
    if "action" in said:
        (coding,) = task["output"][0]["valueCodeableConcept"]["coding"]
        assert coding["display"] == ACTIONS[said["action"]]
    if "until" in said:
        assert task["restriction"]["period"] == {"end": "2026-03-02T08:35:00.000000Z"}
    assert why["target"] == [{"reference": f"Task/{alert}/_history/2"}]
    assert (why["agent"][0]["who"], why["recorded"]) == (NURSE, "2026-03-02T08:05:00.000000Z")
    assert why.get("reason", []) == ([said["reason"]] if "reason" in said else [])
    assert [p for doc in (task, why) for p in validate(doc) if p.severity == "error"] == []
    assert here.alerts()[alert] == before


def test_the_same_again_changes_nothing_another_one_is_a_version_of_its_own(one: Process) -> None:
    alert = one.read(*HIGH)
    said = {"who": NURSE, "action": "2", "note": "Rests."}
    first = one.acknowledge(alert, **said)
    one.at += MINUTE
    again = one.acknowledge(alert, **said)
    assert (again.outcome, again.stored, again.taken) == ("unchanged", first.stored, None)
    one.acknowledge(alert, who=DOCTOR, action="5", note="Hold the 14:00 dose.")
    task = one.task(alert)
    assert (task["meta"]["versionId"], task["owner"]) == ("3", DOCTOR)
    assert task["executionPeriod"]["start"] == "2026-03-02T08:00:00.000000Z"
    assert [note["text"] for note in task["note"]] == ["Rests.", "Hold the 14:00 dose."]
    assert [told["agent"][0]["who"] for told in one.provenances()] == [NURSE, DOCTOR]


def test_a_note_without_words_is_followed_by_another(here: Process) -> None:
    alert = here.read(*HIGH)
    task = {name: value for name, value in here.task(alert).items() if name != "meta"}
    here.put({**task, "note": [{"_text": UNKNOWN}]})
    here.acknowledge(alert, who=NURSE, note="Rests.")
    assert [note.get("text") for note in here.task(alert)["note"]] == [None, "Rests."]


def test_two_at_once_are_both_recorded(database_url: str) -> None:
    with processes(database_url, 2) as (_, made):
        alert = made[0].read(*CRITICAL)
        names = [{"reference": f"Practitioner/n{number}"} for number in range(8)]

        def say(number: int) -> None:
            made[number % 2].acknowledge(alert, who=names[number], action="2")

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(say, range(8)))
        told = made[0].provenances()
        assert {one["agent"][0]["who"]["reference"] for one in told} == {name["reference"] for name in names}
        assert {one["target"][0]["reference"] for one in told} == {
            f"Task/{alert}/_history/{number}" for number in range(2, 10)
        }
        assert made[0].task(alert)["meta"]["versionId"] == "9"


def test_if_match_names_a_version_of_the_task(one: Process) -> None:
    alert = one.read(*HIGH)
    with pytest.raises(PreconditionFailed):
        one.acknowledge(alert, who=NURSE, if_match='W/"7"')
    assert one.acknowledge(alert, who=NURSE, if_match='W/"1"').stored.number == 2
    with pytest.raises(PreconditionFailed):
        one.acknowledge(alert, who=DOCTOR, if_match='W/"1"')


def test_an_alert_that_pages_nobody_can_be_acknowledged_all_the_same(one: Process) -> None:
    one.read(*HIGH, id="first")
    one.at += MINUTE
    continuing = one.read(85, 65, id="second")
    with pytest.raises(Invalid):
        one.acknowledge(continuing, who=NURSE, until=one.at + MINUTE)
    assert one.acknowledge(continuing, who=NURSE, action="2").outcome == "created"
    assert one.task(continuing)["status"] == "completed"


@pytest.mark.parametrize(
    ("said", "place", "words"),
    [
        ({}, "who", "critical"),
        ({"who": {"display": "a nurse"}}, "who", "reference or an identifier"),
        ({"who": NURSE, "action": "77"}, "action", "Assessed Patient"),
        ({"who": NURSE, "until": -MINUTE}, "snoozeUntil", "1 hours"),
        ({"who": NURSE, "until": timedelta()}, "snoozeUntil", "1 hours"),
        ({"who": NURSE, "until": HOUR + timedelta(microseconds=1)}, "snoozeUntil", "1 hours"),
        ({"who": NURSE, "until": MINUTE, "reason": {"text": "x"}}, "snoozeUntil", "does not end"),
    ],
)
def test_what_cannot_be_said_is_refused(here: Process, said: dict[str, Any], place: str, words: str) -> None:
    alert = here.read(*CRITICAL)
    told = {**said, "until": here.at + said["until"]} if "until" in said else said
    with pytest.raises(Invalid) as error:
        here.acknowledge(alert, **told)
    (problem,) = error.value.problems
    assert place in problem.expression
    assert words in problem.text
    assert here.task(alert)["meta"]["versionId"] == "1"
    assert here.provenances() == []


def test_a_snooze_may_last_as_long_as_its_bound(here: Process) -> None:
    alert = here.read(*CRITICAL)
    assert here.acknowledge(alert, who=NURSE, until=here.at + HOUR).outcome == "updated"


@pytest.mark.parametrize("reference", ["Practitioner/", 7, ["Practitioner/x"], {"x": 1}])
def test_who_must_be_somebody_who_can_be(here: Process, reference: Any) -> None:
    alert = here.read(*CRITICAL)
    with pytest.raises(Refused) as error:
        here.acknowledge(alert, who={"reference": reference}, note="Rests.")
    assert "Task.owner" in " ".join(problem.expression for problem in error.value.problems)
    assert here.task(alert)["meta"]["versionId"] == "1"


def test_only_alerts_that_stand_are_acknowledged(here: Process) -> None:
    with pytest.raises(NotFound):
        here.acknowledge("nobody", who=NURSE)
    alert = here.read(*HIGH)
    with pytest.raises(Invalid) as error:
        here.acknowledge("r", who=NURSE)
    assert "no alert" in refused(error.value)
    here.delete("Observation", "r")
    with pytest.raises(Invalid) as error:
        here.acknowledge(alert, who=NURSE)
    assert "taken back" in refused(error.value)


def test_a_client_may_work_on_the_task(one: Process) -> None:
    alert = one.read(*CRITICAL)
    task = {key: value for key, value in one.task(alert).items() if key != "meta"}
    one.at += MINUTE
    (written,) = one.put(
        {**task, "status": "in-progress", "owner": NURSE, "for": {"reference": "Patient/p1"}}
    )
    assert written.taken == ("critical", 60.0)
    (written,) = one.put({**task, "status": "completed", "owner": NURSE, "note": [{"text": "Legs up."}]})
    assert written.taken is None
    one.delete("Observation", "r")
    assert one.task(alert)["status"] == "completed"
    one.read(*CRITICAL)
    assert one.task(alert)["status"] == "requested"


def test_a_patch_may_take_it_up(here: Process) -> None:
    alert = here.read(*HIGH)
    patch = json_patch.read([{"op": "replace", "path": "/status", "value": "accepted"}])
    (written,) = here.write(Write((Entry("PATCH", "Task", alert, patch=patch),)))
    assert written.taken == ("high", 0.0)
    assert here.task(alert)["status"] == "accepted"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"focus": {"reference": "Observation/x"}}, "Task.focus"),
        ({"focus": None}, "Task.focus"),
        ({"for": {"reference": "Patient/p2"}}, "Task.for"),
        ({"intent": "plan"}, "Task.intent"),
        ({"authoredOn": "2026-01-01"}, "Task.authoredOn"),
        ({"status": "cancelled"}, "Task.status"),
        ({"status": "entered-in-error"}, "Task.status"),
        ({"status": "completed"}, "Task.owner"),
        ({"status": None, "_status": UNKNOWN}, "Task.status"),
    ],
)
def test_a_client_may_not_break_the_link(here: Process, change: dict[str, Any], place: str) -> None:
    alert = here.read(*CRITICAL)
    task = {key: value for key, value in {**here.task(alert), **change}.items() if key != "meta" and value}
    with pytest.raises(Invalid) as error:
        here.put(task)
    assert [problem.expression for problem in error.value.problems] == [place]


def test_it_is_not_deleted(one: Process) -> None:
    alert = one.read(*HIGH)
    with pytest.raises(Invalid) as error:
        one.delete("Task", alert)
    assert "completed or rejected" in refused(error.value)
    assert one.task(alert)["status"] == "requested"
