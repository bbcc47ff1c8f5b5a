"""A critical alert that nobody takes up comes again, once an interval, by one process, across restarts."""

import asyncio
from datetime import timedelta

import pytest

from service.tasks.task import MOST_REMINDERS
from tests.build import panel
from tests.tasks.desk import CRITICAL, HIGH, MINUTE, NURSE, QUARTER, START, Process, phase, processes

SECOND = timedelta(seconds=1)


def stands(one: Process, alert: str) -> tuple[str, str, str]:
    """Phase and version of the alert, status of its Task."""
    doc = one.alerts()[alert]
    return phase(doc), doc["meta"]["versionId"], one.task(alert)["status"]


def test_it_comes_again_at_its_interval_and_once(database_url: str) -> None:
    with processes(database_url) as (runner, [one]):
        alert = one.read(*CRITICAL)
        before = one.alerts()[alert]
        assert runner.run(one.tick(START + QUARTER - SECOND)) == 0
        assert stands(one, alert) == ("new", "1", "requested")
        assert runner.run(one.tick(START + QUARTER)) == 1
        assert stands(one, alert) == ("reminder", "2", "requested")
        assert runner.run(one.tick(START + QUARTER + SECOND)) == 0
        after = one.alerts()[alert]
        assert {**after, "meta": None} == {**before, "meta": None}
        assert one.task(alert)["businessStatus"]["text"] == "Reminder 1"
        assert one.task(alert)["authoredOn"] == "2026-03-02T08:00:00.000000Z"


def test_it_comes_so_many_times_at_most(database_url: str) -> None:
    with processes(database_url) as (runner, [one]):
        alert = one.read(*CRITICAL)
        for number in range(1, MOST_REMINDERS + 4):
            runner.run(one.tick(START + number * QUARTER))
        assert stands(one, alert) == ("reminder", str(MOST_REMINDERS + 1), "requested")


def test_several_processes_remind_once(database_url: str) -> None:
    with processes(database_url, 3) as (runner, made):
        alerts = [made[number].read(*CRITICAL, id=f"r{number}", patient=f"p{number}") for number in range(3)]

        async def at_once() -> list[int]:
            return await asyncio.gather(*(one.tick(START + QUARTER) for one in made))

        runner.run(at_once())
        assert [stands(made[0], alert) for alert in alerts] == [("reminder", "2", "requested")] * 3


def test_a_restart_forgets_nothing_and_makes_up_for_nothing(database_url: str) -> None:
    with processes(database_url) as (_, [one]):
        alert = one.read(*CRITICAL)
    with processes(database_url) as (runner, [one]):
        runner.run(one.tick(START + 9 * QUARTER))
        assert stands(one, alert) == ("reminder", "2", "requested")
        runner.run(one.tick(START + 10 * QUARTER - SECOND))
        assert stands(one, alert)[1] == "2"
        runner.run(one.tick(START + 10 * QUARTER))
        assert stands(one, alert)[1] == "3"


@pytest.mark.parametrize("said", [{}, {"action": "2"}, {"reason": {"text": "Cuff too large."}}])
def test_what_is_acknowledged_is_not_reminded_of(sqlite_url: str, said: dict[str, object]) -> None:
    with processes(sqlite_url) as (runner, [one]):
        alert = one.read(*CRITICAL)
        one.acknowledge(alert, who=NURSE, **said)
        assert runner.run(one.tick(START + 9 * QUARTER)) == 0
        assert stands(one, alert)[:2] == ("new", "1")


def test_only_critical_alerts_are_reminded_of(database_url: str) -> None:
    with processes(database_url) as (runner, [one]):
        one.read(*HIGH)
        assert runner.run(one.tick(START + 9 * QUARTER)) == 0


def test_none_is_where_the_setting_says_so_and_what_was_due_is_dropped(database_url: str) -> None:
    with processes(database_url) as (_, [one]):
        alert = one.read(*CRITICAL)
    with processes(database_url, interval=timedelta()) as (runner, [one]):
        assert runner.run(one.tick(START + QUARTER)) == 1
        assert runner.run(one.tick(START + QUARTER + SECOND)) == 0
        assert stands(one, alert) == ("new", "1", "requested")


def test_a_reminder_outlasts_that_the_chart_is_judged_again(database_url: str) -> None:
    with processes(database_url) as (runner, [one]):
        alert = one.read(*CRITICAL)
        runner.run(one.tick(START + QUARTER))
        one.read(120, 80, id="normal")
        one.read(75, 39, id="worse")
        one.put(panel(130, 80, "2026-03-02T07:58:00Z", id="before"))
        assert stands(one, alert) == ("reminder", "2", "requested")
        one.put(panel(73, 38, "2026-03-02T08:00:00Z", id="r"))  # it says something else, and is as severe
        assert stands(one, alert) == ("reminder", "3", "requested")


def test_one_raised_again_starts_anew(database_url: str) -> None:
    with processes(database_url) as (runner, [one]):
        alert = one.read(*CRITICAL)
        runner.run(one.tick(START + QUARTER))
        one.delete("Observation", "r")
        assert runner.run(one.tick(START + 2 * QUARTER)) == 0
        one.put(panel(*CRITICAL, "2026-03-02T08:00:00Z", id="r"))
        assert stands(one, alert) == ("new", "4", "requested")
        runner.run(one.tick(START + 3 * QUARTER - SECOND))
        assert stands(one, alert)[0] == "new"
        runner.run(one.tick(START + 3 * QUARTER))
        assert (stands(one, alert)[0], one.task(alert)["businessStatus"]["text"]) == (
            "reminder",
            "Reminder 1",
        )


def test_the_end_of_a_snooze_asks_again(database_url: str) -> None:
    with processes(database_url) as (runner, [one]):
        critical, high = one.read(*CRITICAL), one.read(*HIGH, id="h", patient="p2")
        for alert in (critical, high):
            one.acknowledge(alert, who=NURSE, until=START + 40 * MINUTE)
        assert runner.run(one.tick(START + 40 * MINUTE - SECOND)) == 0
        assert stands(one, high) == ("new", "1", "accepted")
        runner.run(one.tick(START + 40 * MINUTE))
        assert stands(one, critical) == stands(one, high) == ("reminder", "2", "requested")
        assert {"owner", "restriction", "executionPeriod"}.isdisjoint(one.task(high))
        told = one.provenances()[-1]
        assert told["agent"][0]["who"] == {"reference": "Device/rule-engine"}
        assert told["activity"]["coding"][0]["code"] == "ask-again"
        runner.run(one.tick(START + 55 * MINUTE))
        assert (stands(one, critical)[1], stands(one, high)[1]) == ("3", "2")


def test_a_snooze_ends_in_silence_where_the_alert_was_taken_back(database_url: str) -> None:
    with processes(database_url) as (runner, [one]):
        alert = one.read(*HIGH)
        one.acknowledge(alert, who=NURSE, until=START + 40 * MINUTE)
        one.delete("Observation", "r")
        assert runner.run(one.tick(START + 40 * MINUTE)) == 0
        assert stands(one, alert)[2] == "cancelled"


def test_a_snooze_ends_in_a_closure_where_nobody_is_to_be_paged_any_more(database_url: str) -> None:
    with processes(database_url) as (runner, [one]):
        one.at += 5 * MINUTE
        later = one.read(*HIGH, id="later")
        one.acknowledge(later, who=NURSE, until=START + 40 * MINUTE)
        one.read(*HIGH, id="earlier", ago=5)
        assert stands(one, later) == ("continuing", "2", "accepted")
        runner.run(one.tick(START + 40 * MINUTE))
        assert stands(one, later) == ("continuing", "2", "cancelled")
