"""What becomes of a Goal: which of them move limits, from when to when, within which bounds."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.record.facts import Aim, Goal, decode, encode
from service.record.goals import BOUNDS
from service.record.lift import Lifted, lift
from service.record.moments import BEGINNING
from service.rules import RULES
from tests.record.documents import LOINC, Doc, at, concept, fact, goal, no_medication, quantity

DAILY = "dose-in-24-hours"


def lifted(doc: Doc, ended: datetime | None = None) -> Lifted:
    return lift(doc, at(5), no_medication, ended)


def aims(doc: Doc) -> dict[str, Decimal]:
    made = lifted(doc).fact
    return {target.aim: target.value for target in made.targets} if isinstance(made, Goal) else {}


def detail(**detail: Any) -> Doc:
    return goal(target=[{"measure": concept(LOINC, "8480-6"), **detail}])


def told(doc: Doc) -> list[tuple[str, str, str]]:
    found = lifted(doc)
    return [(one.severity, one.expression, one.rule) for one in (*found.refusals, *found.warnings)]


READ: dict[str, tuple[Doc, dict[str, str]]] = {
    "systolic": (goal(low=85, high=170), {"systolic-low": "85", "systolic-high": "170"}),
    "diastolic": (goal("8462-4", low=55), {"diastolic-low": "55"}),
    "heart rate": (goal("8867-4", 45, 110, "/min"), {"heart-rate-low": "45", "heart-rate-high": "110"}),
    "dose of a day": (goal(DAILY, 0, "0.8", "mg"), {"daily-dose-high": "0.8"}),
    "dose by the day": (goal(DAILY, None, 800, "ug/d"), {"daily-dose-high": "0.800"}),
    "kilopascal": (goal(low=12, unit="kPa"), {"systolic-low": "90.00744"}),
    "one end that is low": (
        detail(detailQuantity={**quantity(85, "mm[Hg]"), "comparator": ">="}),
        {"systolic-low": "85"},
    ),
    "one end that is high": (
        detail(detailQuantity={**quantity(170, "mm[Hg]"), "comparator": "<="}),
        {"systolic-high": "170"},
    ),
    "something else": (goal("4548-4", high=7, unit="%"), {}),
    "no target": (goal(target=[]), {}),
}


@pytest.mark.parametrize("case", READ)
def test_a_range_moves_limits_by_its_ends_and_warns_of_nothing(case: str) -> None:
    doc, expected = READ[case]

    assert aims(doc) == {aim: Decimal(value) for aim, value in expected.items()}
    assert told(doc) == []


def test_every_target_of_a_goal_counts() -> None:
    both = [*goal(low=85)["target"], *goal("8867-4", low=45, unit="/min")["target"]]

    assert aims(goal(target=both)) == {"systolic-low": 85, "heart-rate-low": 45}


UNREAD: dict[str, tuple[Doc, str, str]] = {
    "another unit": (goal(low=85, unit="cm"), "Goal.target[0].detail.low", "goal-unit"),
    "no number": (detail(detailRange={"low": {"unit": "mm[Hg]"}}), "Goal.target[0].detail.low", "goal-unit"),
    "a number without a side": (
        detail(detailQuantity=quantity(85, "mm[Hg]")),
        "Goal.target[0].detail",
        "goal-detail",
    ),
    "a strict comparison": (
        detail(detailQuantity={**quantity(85, "mm[Hg]"), "comparator": ">"}),
        "Goal.target[0].detail",
        "goal-detail",
    ),
    "words": (detail(detailString="higher"), "Goal.target[0].detail", "goal-detail"),
    "a duration": (
        detail(detailRange={"low": quantity(85, "mm[Hg]")}, dueDuration=quantity(3, "d")),
        "Goal.target[0].due",
        "goal-due",
    ),
    "a panel": (goal("85354-9", low=85), "Goal.target[0].measure", "goal-measure"),
    "one position only": (goal("8460-8", low=85), "Goal.target[0].measure", "goal-measure"),
    "a pressure to treat towards": (goal(high=130), "Goal.target[0].detail.high", "goal-bounds"),
    "a limit in the range of a crisis": (goal(high=200), "Goal.target[0].detail.high", "goal-bounds"),
}


@pytest.mark.parametrize("case", UNREAD)
def test_what_cannot_be_read_moves_nothing_and_warns_its_sender(case: str) -> None:
    doc, expression, rule = UNREAD[case]

    assert aims(doc) == {}
    assert told(doc) == [("warning", expression, rule)]


BOUNDED = (
    ("8480-6", "low", "mm[Hg]", "70", "110"),
    ("8462-4", "low", "mm[Hg]", "40", "70"),
    ("8867-4", "low", "/min", "35", "65"),
    (DAILY, "high", "mg", "0", "2.4"),
)


@pytest.mark.parametrize(("measure", "side", "unit", "low", "high"), BOUNDED)
def test_a_limit_at_a_hard_bound_is_taken_and_one_a_hair_beyond_is_refused(
    measure: str, side: str, unit: str, low: str, high: str
) -> None:
    for bound, beyond in ((low, Decimal(low) - Decimal("0.01")), (high, Decimal(high) + Decimal("0.01"))):
        assert told(goal(measure, **{side: bound}, unit=unit)) == []
        [refusal] = lifted(goal(measure, **{side: beyond}, unit=unit)).refusals
        assert f"{low} to {high} {unit}" in refusal.text
        assert (refusal.expression, refusal.severity) == (f"Goal.target[0].detail.{side}", "error")


@given(st.sampled_from(BOUNDED), st.decimals(allow_nan=False, allow_infinity=False))
def test_no_value_beyond_a_hard_bound_ever_moves_a_limit(
    bounded: tuple[str, str, str, str, str], value: Decimal
) -> None:
    measure, side, unit, low, high = bounded
    found = lifted(goal(measure, **{side: value}, unit=unit))

    inside = Decimal(low) <= value <= Decimal(high)
    assert (found.fact is not None, bool(found.refusals)) == (inside, not inside)


@pytest.mark.parametrize("status", ["proposed", "planned", "accepted", "rejected", "entered-in-error"])
def test_what_is_not_pursued_moves_nothing_and_is_never_refused(status: str) -> None:
    assert aims(goal(low=85, lifecycleStatus=status)) == {}
    assert told(goal(low=20, lifecycleStatus=status)) == []


def holds(doc: Doc, moment: datetime, ended: datetime | None = None) -> bool:
    made = lifted(doc, ended=ended).fact
    assert isinstance(made, Goal)
    return any(made.holding(moment))


@pytest.mark.parametrize("status", ["on-hold", "completed", "cancelled"])
def test_an_ended_goal_held_until_its_ending_was_first_recorded(status: str) -> None:
    doc = goal(low=85, lifecycleStatus=status)

    assert holds(doc, at(5) - timedelta.resolution)
    assert not holds(doc, at(5))
    assert holds(doc, at(3) - timedelta.resolution, ended=at(3))
    assert not holds(doc, at(3), ended=at(3))


def test_an_ended_goal_that_arrives_late_held_until_the_end_of_the_day_it_names() -> None:
    doc = goal(low=85, lifecycleStatus="completed", statusDate="2026-03-03")

    assert holds(doc, at(3) - timedelta.resolution)
    assert not holds(doc, at(3))


def test_the_date_of_an_active_status_ends_nothing() -> None:
    assert holds(goal(low=85, statusDate="2026-03-03"), at(9))


def test_the_days_of_start_and_due_date_belong_to_it() -> None:
    target = {**goal(low=85)["target"][0], "dueDate": "2026-03-03"}
    doc = goal(target=[target])

    assert not holds(doc, at(1) - timedelta.resolution)
    assert holds(doc, at(1))
    assert holds(doc, at(3) - timedelta.resolution)
    assert not holds(doc, at(3))


def test_without_a_start_it_has_no_beginning_and_its_sender_is_warned() -> None:
    doc = goal(low=85)
    del doc["startDate"]

    assert fact(doc).at == BEGINNING
    assert told(doc) == [("warning", "Goal.start", "goal-start")]


@pytest.mark.parametrize(
    ("expressed", "author"),
    [
        ({"reference": "Practitioner/dr1", "display": "A. Lee"}, "Practitioner/dr1"),
        ({"display": "A. Lee"}, "A. Lee"),
        ({"identifier": {"value": "7"}}, ""),
    ],
)
def test_it_names_who_set_it(expressed: Doc, author: str) -> None:
    assert fact(goal(low=85, expressedBy=expressed)).author == author


def test_it_is_read_back_as_it_was_kept() -> None:
    made = fact(goal(low="85.50", high=170, lifecycleStatus="completed"))

    assert decode(encode(made)) == made


def test_every_end_that_can_be_aimed_at_has_bounds_and_moves_a_limit() -> None:
    moved = {limit.aim for rule in RULES for limit in rule.limits if limit.aim}

    assert moved == BOUNDS.keys() == set(get_args(Aim))
