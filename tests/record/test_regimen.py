"""Courses of treatment, slots that stand for doses, and the baseline."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from service.record.facts import Fact, Reading
from service.record.lift import lift
from service.record.moments import END
from service.record.record import Record
from tests.record.documents import Doc, at, dose, instruction, no_medication, order, panel


def record(*docs: Doc) -> Record:
    facts = (lift(doc, at(1), no_medication).fact for doc in docs)
    return Record.of(fact for fact in facts if fact)


def level(kept: Record, position: Any = "sitting") -> tuple[Any, Any] | None:
    [baseline] = kept.baselines
    found = baseline.level(position) if baseline else None
    return (found.systolic, found.diastolic) if found else None


def test_a_course_runs_until_four_days_after_the_last_dose() -> None:
    [course] = record(dose("a", "0.1", at(1)), dose("b", "0.1", at(2))).regimen.courses

    assert (course.start, course.first_dose, course.until) == (at(1), at(1), at(6))


def test_a_gap_of_more_than_four_days_starts_a_new_course() -> None:
    assert len(record(dose("a", "0.1", at(1)), dose("b", "0.1", at(5))).regimen.courses) == 1
    assert len(record(dose("a", "0.1", at(1)), dose("b", "0.1", at(5, "00:01"))).regimen.courses) == 2


def test_an_order_in_force_keeps_the_course_open() -> None:
    [course] = record(
        order("o", instruction("0.1", 6)), dose("a", "0.1", at(1)), dose("b", "0.1", at(20))
    ).regimen.courses

    assert course.until == END


def test_slots_stand_for_doses_while_no_administration_is_known() -> None:
    [course] = record(order("o", instruction("0.1", 6, start=at(1, "08:00"), end=at(3)))).regimen.courses

    assert (course.first_dose, course.until) == (at(1, "08:00"), at(2, "20:00") + timedelta(hours=96))


def test_from_the_first_administration_on_only_recorded_doses_count() -> None:
    given = record(order("o", instruction("0.1", 6, start=at(1, "08:00"))), dose("a", "0.1", at(1, "09:30")))
    held = record(
        order("o", instruction("0.1", 6, start=at(1, "08:00"))), dose("a", "0.1", at(1, "09:30"), "not-done")
    )

    assert given.regimen.courses[0].first_dose == at(1, "09:30")
    assert held.regimen.courses[0].first_dose is None


def test_an_order_as_needed_has_no_slots() -> None:
    [course] = record(order("o", instruction("0.1", 6, asNeededBoolean=True))).regimen.courses

    assert course.first_dose is None


def test_times_of_day_are_slots() -> None:
    timed = {
        "timing": {
            "repeat": {
                "timeOfDay": ["08:00:00", "20:00:00"],
                "boundsPeriod": {"start": "2026-03-02T09:00:00Z", "end": "2026-03-03T09:00:00Z"},
            }
        }
    }

    [course] = record(order("o", timed)).regimen.courses

    assert (course.first_dose, course.until) == (at(1, "20:00"), at(2, "08:00") + timedelta(hours=96))


def test_an_order_ends_when_the_one_that_follows_it_starts() -> None:
    follower = order(
        "b", instruction("0.1", 6, start=at(3)), priorPrescription={"reference": "MedicationRequest/a"}
    )
    kept = record(order("a", instruction("0.1", 6)), follower)

    assert kept.regimen.until == {"MedicationRequest/a": at(3), "MedicationRequest/b": END}


def test_the_baseline_is_the_median_of_the_day_before_the_first_dose() -> None:
    readings = [
        panel(f"r{hours}", 130 + hours, 80, at(2) - timedelta(hours=hours)) for hours in (0, 1, 5, 24)
    ]

    assert level(record(dose("a", "0.1", at(2)), *readings)) == (Decimal(131), Decimal(80))


def test_an_even_number_of_readings_gives_the_mean_of_the_middle_two() -> None:
    readings = [panel("a", 130, 80, at(1)), panel("b", 135, 85, at(1, "01:00"))]

    assert level(record(dose("d", "0.1", at(1, "02:00")), *readings)) == (Decimal("132.5"), Decimal("82.5"))


def test_without_a_reading_before_it_the_first_of_the_hour_after_counts() -> None:
    later = [panel("a", 130, 80, at(2, "01:00")), panel("b", 150, 90, at(2, "00:30"))]

    assert level(record(dose("d", "0.1", at(2)), *later)) == (Decimal(150), Decimal(90))
    assert level(record(dose("d", "0.1", at(2)), panel("a", 130, 80, at(2, "01:01")))) is None


def test_implausible_and_dated_readings_make_no_baseline() -> None:
    assert (
        level(
            record(
                dose("d", "0.1", at(2)), panel("a", 80, 90, at(1, "20:00")), panel("b", 140, 90, "2026-03-02")
            )
        )
        is None
    )


def test_positions_are_kept_apart_and_standing_never_meets_sitting() -> None:
    kept = record(dose("d", "0.1", at(2)), panel("a", 140, 90, at(1, "20:00"), "sitting"))

    assert level(kept, "lying") == level(kept, None) == level(kept, "sitting") == (Decimal(140), Decimal(90))
    assert level(kept, "standing") is None


def test_lying_has_its_own_baseline_where_there_is_one() -> None:
    before = [panel("a", 140, 90, at(1, "20:00"), "sitting"), panel("b", 150, 95, at(1, "21:00"), "lying")]

    kept = record(dose("d", "0.1", at(2)), *before)

    assert (level(kept, "lying"), level(kept, None)) == ((150, 95), (140, 90))


def test_a_record_built_step_by_step_is_the_record_built_at_once() -> None:
    docs = [order("o", instruction("0.1", 6)), dose("d", "0.1", at(2))]
    docs += [
        panel(f"r{number:03}", 100 + number % 50, 80, at(1) + timedelta(minutes=7 * number))
        for number in range(400)
    ]
    facts: list[Fact] = [fact for doc in docs if (fact := lift(doc, at(1), no_medication).fact)]

    step_by_step = Record()
    for fact in reversed(facts):
        step_by_step = step_by_step.with_fact(fact)
    for fact in facts[5:50]:
        step_by_step = step_by_step.without(fact.source).with_fact(fact)
    at_once = Record.of(facts)

    assert (
        list(step_by_step.readings)
        == list(at_once.readings)
        == sorted((fact for fact in facts if isinstance(fact, Reading)), key=lambda fact: fact.key)
    )
    assert step_by_step.regimen == at_once.regimen
    assert step_by_step.baselines == at_once.baselines
    assert len(step_by_step.facts) == len(facts)
