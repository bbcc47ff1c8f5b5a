"""Schedules in the shapes that hospitals send: the edges of each step, how often, how much, and what is told."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from service.record.facts import Order
from service.record.lift import lift
from tests.record.documents import RXNORM, Doc, at, concept, no_medication, order, quantity, when

DAY1 = at(1)
OPEN = None


def step(*repeats: Doc, mg: str = "0.1", **more: Any) -> Doc:
    """An instruction of 0.1 mg every six hours, unless it says otherwise."""
    repeat: Doc = {"frequency": 1, "period": 6, "periodUnit": "h"}
    for one in repeats:
        repeat = {**repeat, **one}
    repeat = {name: value for name, value in repeat.items() if value is not None}
    return {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": quantity(mg, "mg")}], **more}


def between(start: datetime | None, end: datetime | None) -> Doc:
    edges = {"start": start, "end": end}
    return {"boundsPeriod": {name: when(edge) for name, edge in edges.items() if edge}}


def lasting(days: int) -> Doc:
    return {"boundsDuration": quantity(days, "d")}


DAILY: Doc = {"period": 1, "periodUnit": "d"}
NO_PERIOD: Doc = {"period": None, "periodUnit": None, "frequency": None}
TWICE = {**NO_PERIOD, "timeOfDay": ["08:00:00", "20:00:00"]}
SIX, EIGHT = "6", "8"
SHAPES: dict[str, tuple[list[Doc], list[tuple[Any, ...]], list[str]]] = {
    "for two days": ([step(lasting(2))], [(DAY1, at(3), "0.4", SIX)], []),
    "for three to five days": (
        [step({"boundsRange": {"low": quantity(3, "d"), "high": quantity(5, "d")}})],
        [(DAY1, at(6), "0.4", SIX)],
        [],
    ),
    "for three days at least": (
        [step({"boundsRange": {"low": quantity(3, "d")}})],
        [(DAY1, OPEN, "0.4", SIX)],
        [],
    ),
    "eight doses": ([step({"count": 8})], [(DAY1, at(3), "0.4", SIX)], []),
    "six to eight doses": ([step({"count": 6, "countMax": 8})], [(DAY1, at(3), "0.4", SIX)], []),
    "three doses by the clock": ([step(TWICE, {"count": 3})], [(DAY1, at(2, "20:00"), "0.2", "12")], []),
    "eight doses as needed": (
        [step({"count": 8}, asNeededBoolean=True)],
        [(DAY1, OPEN, "0.4", SIX)],
        [],
    ),
    "every six to eight hours": ([step({"periodMax": 8})], [(DAY1, OPEN, "0.4", EIGHT)], []),
    "three to four times a day": (
        [step(DAILY, {"frequency": 3, "frequencyMax": 4})],
        [(DAY1, OPEN, "0.4", EIGHT)],
        [],
    ),
    "in the morning and at night": (
        [step(NO_PERIOD, {"when": ["MORN", "HS"], "offset": 30})],
        [(DAY1, OPEN, "0.2", "12")],
        [],
    ),
    "on some days of the week": (
        [step(DAILY, {"dayOfWeek": ["mon", "fri"]})],
        [(DAY1, OPEN, "0.1", None)],
        ["dose-timing"],
    ),
    "steps that follow each other, numbered from 0": (
        [step(lasting(2), sequence=0), step(lasting(3), mg="0.05", sequence=1)],
        [(DAY1, at(3), "0.4", SIX), (at(3), at(6), "0.20", SIX)],
        [],
    ),
    "steps that tell their start alone": (
        [
            step(between(at(1), None), sequence=1),
            step(between(at(3), None), mg="0.05", sequence=2),
            step(between(at(5), at(7)), mg="0.02", sequence=3),
        ],
        [(DAY1, at(3), "0.4", SIX), (at(3), at(5), "0.20", SIX), (at(5), at(7), "0.08", SIX)],
        [],
    ),
    "steps without any edge": (
        [step(sequence=1), step(mg="0.05", sequence=2)],
        [(DAY1, OPEN, "0.4", SIX), (DAY1, OPEN, "0.20", SIX)],
        ["dose-sequence"],
    ),
    "doses as needed beside scheduled ones": (
        [step(sequence=1), step(sequence=2, asNeededBoolean=True)],
        [(DAY1, OPEN, "0.4", SIX), (DAY1, OPEN, "0.4", SIX)],
        [],
    ),
    "parts of one step": (
        [step(TWICE, lasting(2), sequence=1), step(DAILY, lasting(2), sequence=1)],
        [(DAY1, at(3), "0.2", "12"), (DAY1, at(3), "0.1", "24")],
        [],
    ),
    "starts without a number": (
        [step(between(at(1), None)), step(between(at(3), None))],
        [(DAY1, OPEN, "0.4", SIX), (at(3), OPEN, "0.4", SIX)],
        [],
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_schedule_is_read_or_told_that_it_cannot_be(shape: str) -> None:
    instructions, expected, told = SHAPES[shape]

    lifted = lift(order("o", *instructions), at(2), no_medication)

    assert isinstance(lifted.fact, Order)
    found = [
        (one.start, one.end, one.mg_per_day, one.interval and Decimal(one.interval.total_seconds()) / 3600)
        for one in lifted.fact.steps
    ]
    amounts = [(a, b, Decimal(mg), hours and Decimal(hours)) for a, b, mg, hours in expected]
    assert found == amounts
    assert [problem.rule for problem in lifted.warnings] == told


def made(*ingredients: Doc, **more: Any) -> Doc:
    return {"resourceType": "Medication", "id": "m", "ingredient": list(ingredients), **more}


def ingredient(mg: Any, unit: str, of: Any, per: str, drug: str = "2599") -> Doc:
    strength = {"numerator": quantity(mg, unit), "denominator": quantity(of, per)}
    return {"itemCodeableConcept": concept(RXNORM, drug), "strength": strength}


STRENGTHS: dict[str, tuple[Doc, Doc, str | None]] = {
    "tablets": (made(ingredient("0.2", "mg", 1, "{tbl}")), quantity(2, "{tbl}"), "0.4"),
    "micrograms": (made(ingredient(150, "ug", 1, "TAB")), quantity(2, "tablet"), "0.3"),
    "half a tablet": (made(ingredient("0.1", "mg", "0.5", "{tbl}")), quantity(1, "{tbl}"), "0.2"),
    "a liquid": (made(ingredient("0.1", "mg", 5, "mL")), quantity(15, "mL"), "0.3"),
    "the product's code leads": (
        made(ingredient("0.2", "mg", 1, "{tbl}"), code=concept(RXNORM, "884173")),
        quantity(1, "{tbl}"),
        "0.1",
    ),
    "an oral suspension by its code": (made(code=concept(RXNORM, "2690727")), quantity(3, "mL"), "0.3"),
    "beside another ingredient": (
        made(ingredient(15, "mg", 1, "{tbl}", "8787"), ingredient("0.1", "mg", 1, "{tbl}")),
        quantity(2, "{tbl}"),
        "0.2",
    ),
    "no strength": (made({"itemCodeableConcept": concept(RXNORM, "2599")}), quantity(2, "{tbl}"), None),
    "a strength per day": (made(ingredient("0.1", "mg", 24, "h")), quantity(1, "{tbl}"), None),
    "drops": (made(ingredient("0.1", "mg", 1, "mL")), quantity(3, "[drp]"), None),
}


@pytest.mark.parametrize("case", STRENGTHS)
def test_a_medication_tells_by_its_ingredients_how_strong_it_is(case: str) -> None:
    medication, sent, mg = STRENGTHS[case]
    doc = {
        **order("o", {**step(), "doseAndRate": [{"doseQuantity": sent}]}),
        "medicationReference": {"reference": "#m"},
        "contained": [medication],
    }
    del doc["medicationCodeableConcept"]

    lifted = lift(doc, at(2), no_medication)

    assert isinstance(lifted.fact, Order)
    assert lifted.fact.steps[0].mg == (mg and Decimal(mg))
    assert [problem.rule for problem in lifted.warnings] == ([] if mg else ["dose-unit"])
