"""Respiratory rate, oxygen saturation, level of consciousness and the items of COWS; what they are kept out of."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from service.evaluate import evaluate
from service.record.facts import Reading, decode, encode
from service.record.lift import lift
from service.record.record import Record
from service.ruleset import load
from tests.record.documents import (
    LOINC,
    SNOMED,
    Doc,
    at,
    component,
    concept,
    fact,
    no_medication,
    observation,
    panel,
    quantity,
)

SCALE = "https://clonidine-watch.org/fhir/CodeSystem/withdrawal-scale"


def alone(code: str, value: Any, unit: str, **more: Any) -> Doc:
    return observation("x", concept(LOINC, code), at(), valueQuantity=quantity(value, unit), **more)


BREATHING: tuple[tuple[Doc, tuple[Any, Any]], ...] = (
    (alone("9279-1", 14, "/min"), (14, None)),
    (alone("9279-1", 14, "{breaths}/min"), (14, None)),
    (alone("59408-5", 97, "%"), (None, 97)),
    (alone("2708-6", Decimal("97.50"), "%"), (None, Decimal("97.50"))),
    ({**alone("2708-6", 97, "%"), "code": concept(LOINC, "2708-6", "59408-5")}, (None, 97)),
    (
        observation(
            "x",
            concept(LOINC, "85353-1"),
            at(),
            component=[component("9279-1", 14, "/min"), component("59408-5", 97, "%")],
        ),
        (14, 97),
    ),
)


@pytest.mark.parametrize(("doc", "expected"), BREATHING)
def test_breathing_is_read_and_is_no_pressure_and_no_heart_rate(doc: Doc, expected: tuple[Any, Any]) -> None:
    read = fact(doc)

    assert isinstance(read, Reading)
    assert (read.respiratory_rate, read.oxygen_saturation) == expected
    assert not read.circulates
    assert decode(encode(read)) == read


def test_breathing_stands_beside_the_pressures_of_its_panel() -> None:
    doc = panel("x", 120, 80, at())
    doc["component"].append(component("9279-1", 14, "/min"))

    read = fact(doc)

    assert (read.systolic, read.diastolic, read.respiratory_rate, read.flaws) == (120, 80, 14, ())


UNREADABLE: tuple[Doc, ...] = (
    alone("9279-1", 14, "Hz"),
    alone("59408-5", "0.97", "1"),
    alone("59408-5", 97, "%") | {"valueQuantity": {"value": 90, "comparator": "<", "unit": "%", "code": "%"}},
    observation("x", concept(LOINC, "9279-1"), at()),
    observation("x", concept(LOINC, "2708-6"), at(), valueString="good"),
)


@pytest.mark.parametrize("doc", UNREADABLE)
def test_breathing_that_cannot_be_read_is_nothing_and_raises_nothing(doc: Doc) -> None:
    assert fact(doc) is None
    assert evaluate([doc], at(30), load("[rules]\nall = true")) == []


def test_a_pressure_panel_with_breathing_alone_lacks_its_pressure() -> None:
    doc = observation("x", concept(LOINC, "85354-9"), at(), component=[component("9279-1", 14, "/min")])

    assert [flaw.element for flaw in fact(doc).flaws] == ["value"]


def test_a_time_in_the_future_is_told_of_pressures_and_heart_rates_alone() -> None:
    rule, limits = load().by_id["implausible-vital"]
    breath, beat = (
        lift(doc, at() - timedelta(days=1), no_medication).fact
        for doc in (alone("9279-1", 14, "/min"), alone("8867-4", 70, "/min"))
    )

    assert rule.judge(breath, Record(), limits) is None
    assert rule.judge(beat, Record(), limits) is not None


@pytest.mark.parametrize(
    ("sent", "mean"),
    [
        ({"systolic": 120, "diastolic": 60}, 80),
        ({"mean": 70}, 70),
        ({"systolic": 120, "diastolic": 60, "mean": 70}, 70),
        ({"systolic": 90, "diastolic": 60, "mean": 75}, 70),
        ({"systolic": 120}, None),
    ],
)
def test_the_mean_pressure_is_the_lower_of_what_was_sent_and_what_follows(sent: Any, mean: Any) -> None:
    values = {name: Decimal(value) for name, value in sent.items()}

    assert Reading(source="x", at=at(), recorded=at(), **values).mean_arterial == mean


def level(**value: Any) -> Any:
    return fact(observation("x", concept(LOINC, "80288-4"), at(), **value))


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"valueCodeableConcept": concept(SNOMED, "300202002")}, "V"),
        ({"valueCodeableConcept": concept("urn:local", "P")}, "P"),
        ({"valueCodeableConcept": {"text": "U"}}, "U"),
        ({"valueString": "C"}, "C"),
        ({"valueCodeableConcept": concept(SNOMED, "248234008")}, "A"),
    ],
)
def test_a_level_of_consciousness_is_read_by_code_or_letter(value: Doc, read: str) -> None:
    told = level(**value)

    assert (told.kind, told.level, told.present) == ("consciousness", read, read != "A")


@pytest.mark.parametrize(
    "value", [{}, {"valueString": "sleepy"}, {"valueCodeableConcept": concept(SNOMED, "1")}]
)
def test_a_level_that_is_not_known_is_none(value: Doc) -> None:
    assert level(**value) is None


def test_the_items_of_a_score_are_kept_with_their_points() -> None:
    parts = [
        {"code": concept(SCALE, "pulse"), "valueInteger": 2},
        {"code": concept(SCALE, "tremor"), "valueQuantity": quantity(4, "{score}")},
        {"code": concept(SCALE, "yawning"), "dataAbsentReason": {"text": "asleep"}},
        {"code": concept(SCALE, "cows-total"), "valueInteger": 6},
    ]
    read = fact(observation("x", concept(SNOMED, "763699005"), at(), valueInteger=6, component=parts))

    assert read.items == (("pulse", 2), ("tremor", 4))
    assert decode(encode(read)) == read
