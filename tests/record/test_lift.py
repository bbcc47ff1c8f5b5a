"""What becomes of an Observation: readings in all their forms, symptoms, and what is refused."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from service.record.facts import Fact, Reading, Symptom, decode, encode
from service.record.lift import lift
from tests.record.documents import (
    LOINC,
    POSITIONS,
    SNOMED,
    Doc,
    at,
    component,
    concept,
    dose,
    fact,
    instruction,
    no_medication,
    observation,
    order,
    panel,
    position_extension,
    pulse,
    quantity,
    symptom,
)

NOW = at(2)


def pressures(doc: Doc) -> tuple[Any, ...]:
    lifted = fact(doc)
    assert isinstance(lifted, Reading)
    return lifted.systolic, lifted.diastolic, lifted.heart_rate, lifted.position


def alone(code: str, value: Any, unit: str = "mm[Hg]", **more: Any) -> Doc:
    return observation("x", concept(LOINC, code), at(), valueQuantity=quantity(value, unit), **more)


def position_component(code: str) -> Doc:
    return {"code": concept(LOINC, "8361-8"), "valueCodeableConcept": concept(SNOMED, code)}


def with_components(*parts: Doc, code: str = "85354-9", **more: Any) -> Doc:
    return observation("x", concept(LOINC, code), at(), component=list(parts), **more)


READINGS = (
    ("panel", panel("x", 120, 80, at(), None), (120, 80, None, None)),
    (
        "legacy panel",
        with_components(component("8480-6", 120), component("8462-4", 80), code="55284-4"),
        (120, 80, None, None),
    ),
    ("panel with a heart rate", panel("x", 120, 80, at(), None, rate=70), (120, 80, 70, None)),
    (
        "vital signs panel",
        with_components(component("8867-4", 70, "/min"), code="85353-1"),
        (None, None, 70, None),
    ),
    ("systolic alone", alone("8480-6", 120), (120, None, None, None)),
    ("systolic sitting", alone("8459-0", 120), (120, None, None, "sitting")),
    ("systolic standing", alone("8460-8", 120), (120, None, None, "standing")),
    ("systolic supine", alone("8461-6", 120), (120, None, None, "lying")),
    ("diastolic sitting", alone("8453-3", 80), (None, 80, None, "sitting")),
    ("diastolic standing", alone("8454-1", 80), (None, 80, None, "standing")),
    ("diastolic supine", alone("8455-8", 80), (None, 80, None, "lying")),
    ("heart rate", pulse("x", 70, at()), (None, None, 70, None)),
    ("heart rate standing", alone("69001-6", 70, "/min"), (None, None, 70, "standing")),
    ("beats", alone("8867-4", 70, "{beats}/min"), (None, None, 70, None)),
    ("position by extension", panel("x", 120, 80, at(), "lying"), (120, 80, None, "lying")),
    (
        "position by component",
        with_components(component("8480-6", 120), position_component("40199007")),
        (120, None, None, "lying"),
    ),
    (
        "position by a second coding",
        with_components({**component("8480-6", 120), "code": concept(LOINC, "8480-6", "8460-8")}),
        (120, None, None, "standing"),
    ),
    (
        "an unknown position",
        with_components(component("8480-6", 120), position_component("1")),
        (120, None, None, None),
    ),
    ("kPa", alone("8480-6", "12.0", "kPa"), (Decimal("90.00744"), None, None, None)),
    ("one absent", panel("x", 88, None, at(), None), (88, None, None, None)),
    ("digits kept", alone("8480-6", "84.00"), (Decimal("84.00"), None, None, None)),
)


@pytest.mark.parametrize(("doc", "expected"), [row[1:] for row in READINGS], ids=[row[0] for row in READINGS])
def test_a_reading_is_lifted_from_every_form(doc: Doc, expected: tuple[Any, ...]) -> None:
    assert pressures(doc) == expected


@pytest.mark.parametrize(
    ("doc", "element", "reason"),
    [
        (alone("8480-6", 120, "cm[H2O]"), "systolic", "unit"),
        (observation("x", concept(LOINC, "8480-6"), at(), valueQuantity={"value": 120}), "systolic", "unit"),
        (alone("8867-4", 70, "Hz"), "heart_rate", "unit"),
        (observation("x", concept(LOINC, "8867-4"), at()), "heart_rate", "value"),
        (with_components(component("8480-6", 120), component("8480-6", 80)), "systolic", "repeated"),
        ({**alone("8460-8", 120), **position_extension("sitting")}, "position", "position"),
    ],
)
def test_what_cannot_be_read_is_a_flaw_and_says_why(doc: Doc, element: str, reason: str) -> None:
    assert [(flaw.element, flaw.reason) for flaw in fact(doc).flaws] == [(element, reason)]


def test_conflicting_positions_leave_the_pressure_and_make_the_position_unknown() -> None:
    doc = with_components(component("8459-0", 120), position_component(POSITIONS["standing"]))

    assert pressures(doc) == (120, None, None, None)


@pytest.mark.parametrize("status", ["registered", "cancelled", "entered-in-error", "unknown"])
def test_a_status_that_does_not_count_makes_no_fact(status: str) -> None:
    assert fact({**panel("x", 70, 40, at()), "status": status}) is None


@pytest.mark.parametrize("status", ["preliminary", "amended", "corrected", "final"])
def test_a_status_that_counts_makes_one(status: str) -> None:
    assert fact({**panel("x", 70, 40, at()), "status": status})


@pytest.mark.parametrize("subject", [None, {"display": "Ada"}, {"identifier": {"system": "urn:x"}}])
def test_a_vital_sign_that_names_nobody_is_refused(subject: Doc | None) -> None:
    lifted = lift({**panel("x", 120, 80, at()), "subject": subject}, NOW, no_medication)

    assert lifted.fact is None
    assert [problem.expression for problem in lifted.refusals] == ["Observation.subject"]


@pytest.mark.parametrize(
    "subject",
    [{"reference": "Patient/p1"}, {"reference": "https://h/fhir/Patient/1"}, {"identifier": {"value": "7"}}],
)
def test_any_way_to_name_the_patient_will_do(subject: Doc) -> None:
    assert lift({**panel("x", 120, 80, at()), "subject": subject}, NOW, no_medication).refusals == ()


def test_other_observations_need_no_subject_and_make_no_fact() -> None:
    assert lift(
        observation("x", concept(LOINC, "29463-7"), at(), "p1", subject=None), NOW, no_medication
    ) == (None, (), ())


def test_our_own_alerts_are_no_symptoms() -> None:
    category = [concept("https://clonidine-watch.org/fhir/CodeSystem/observation-category", "alert")]

    assert fact(symptom("x", "271594007", at(), category=category)) is None


TIMES = (
    ({"effectiveDateTime": "2026-03-02T08:00:00+02:00"}, at(1, "06:00"), False),
    ({"effectiveDateTime": "2026-03-02"}, at(1), True),
    ({"effectiveDateTime": "2026-03"}, at(0), True),
    (
        {"effectivePeriod": {"start": "2026-03-02T08:00:00Z", "end": "2026-03-02T09:00:00Z"}},
        at(1, "08:00"),
        False,
    ),
    (
        {"effectiveInstant": "2026-03-02T08:00:00.123456789Z"},
        at(1, "08:00") + timedelta(microseconds=123456),
        False,
    ),
    ({"effectiveTiming": {"event": ["2026-03-02T08:00:00Z"]}}, at(1, "08:00"), False),
    ({"effectiveDateTime": None, "issued": "2026-03-02T08:00:00Z"}, at(1, "08:00"), False),
    ({"effectiveDateTime": "2026-03-01T23:59:60Z"}, at(1), False),
    ({}, NOW, False),
)


@pytest.mark.parametrize(("effective", "instant", "day"), TIMES)
def test_the_effective_time_is_taken_in_all_its_forms(effective: Doc, instant: Any, day: bool) -> None:
    doc = {name: value for name, value in pulse("x", 70, at()).items() if name != "effectiveDateTime"}

    lifted = fact({**doc, **effective})

    assert (lifted.at, lifted.day) == (instant, day)


def test_a_reading_is_late_a_day_after_its_time_and_a_dated_one_a_day_after_its_day() -> None:
    def late(effective: Any, recorded: Any) -> bool:
        lifted = lift(panel("x", 120, 80, effective), recorded, no_medication).fact
        return bool(lifted and lifted.late)

    assert not late(at(1), at(2))
    assert late(at(1), at(2) + timedelta(seconds=1))
    assert not late("2026-03-02", at(3))
    assert late("2026-03-02", at(3) + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("more", "grade", "graded"),
    [
        ({"valueCodeableConcept": concept(SNOMED, "24484000")}, "severe", True),
        ({"valueCodeableConcept": concept(SNOMED, "52101004")}, "moderate", False),
        ({"valueCodeableConcept": concept(SNOMED, "2667000")}, "absent", True),
        ({"valueCodeableConcept": concept(SNOMED, "373067005")}, "absent", True),
        ({"valueCodeableConcept": concept(SNOMED, "260413007")}, "absent", True),
        ({"valueBoolean": True}, "moderate", False),
        ({"valueBoolean": False}, "absent", True),
        ({}, "moderate", False),
    ],
)
def test_a_symptom_is_graded_or_counts_as_moderate(more: Doc, grade: str, graded: bool) -> None:
    lifted = fact(symptom("x", "404640003", at(), **more))

    assert isinstance(lifted, Symptom)
    assert (lifted.kind, lifted.grade, lifted.graded) == ("dizziness", grade, graded)


POINTS = (
    ({"valueInteger": 40}, 40),
    ({"valueQuantity": quantity(40, "{score}")}, 40),
    ({"valueQuantity": {"value": 40}}, 40),
    ({"valueQuantity": {"value": 40, "unit": "points"}}, 40),
    ({"valueQuantity": quantity(40, "mg")}, None),
    ({"valueQuantity": {"value": 40, "comparator": ">"}}, None),
    ({"valueString": "40"}, None),
    ({}, None),
)


@pytest.mark.parametrize(("value", "total"), POINTS)
def test_a_score_is_read_in_points_with_or_without_a_unit_and_else_its_sender_is_warned(
    value: Doc, total: int | None
) -> None:
    lifted = lift(observation("x", concept(SNOMED, "763699005"), at(), **value), NOW, no_medication)

    assert getattr(lifted.fact, "total", None) == total
    assert [problem.rule for problem in lifted.warnings] == ([] if total else ["cows-total"])


def test_a_score_that_was_not_taken_warns_nobody() -> None:
    absent = {"dataAbsentReason": {"text": "asleep"}}

    assert lift(observation("x", concept(SNOMED, "763699005"), at(), **absent), NOW, no_medication) == (
        None,
        (),
        (),
    )


@pytest.mark.parametrize(
    "lifted",
    [
        fact(panel("x", "84.00", "5E+1", at())),
        fact(alone("8480-6", 120, "psi")),
        fact(symptom("x", "404640003", at(), "mild")),
        fact(dose("d", "0.1", at())),
        fact(order("o", instruction("0.1", 6, start=at(), end=at(3)))),
    ],
)
def test_a_fact_comes_back_from_its_text_as_it_was(lifted: Fact) -> None:
    assert decode(encode(lifted)) == lifted
    assert repr(decode(encode(lifted))) == repr(lifted)
