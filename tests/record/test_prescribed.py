"""What becomes of orders and doses: the drug in all its forms, amounts, schedules, endings."""

from decimal import Decimal
from typing import Any

import pytest

from service.record.facts import Dose, Order
from service.record.lift import lift
from tests.record.documents import (
    RXNORM,
    SNOMED,
    Doc,
    at,
    concept,
    dose,
    fact,
    instruction,
    no_medication,
    order,
    quantity,
)

NOW = at(2)


def test_an_order_of_a_drug_that_does_not_matter_here_makes_no_fact() -> None:
    assert fact(order("o", instruction("40", 8), drug=concept(RXNORM, "161"))) is None


@pytest.mark.parametrize("text", ["Clonidine 0.1 mg tablet", "CATAPRES-TTS-1 patch", "clonidin 75"])
def test_an_order_that_says_clonidine_in_words_counts_and_warns_its_sender(text: str) -> None:
    lifted = lift(order("o", instruction("0.1", 6), drug={"text": text}), NOW, no_medication)

    assert isinstance(lifted.fact, Order)
    assert [(problem.severity, problem.rule) for problem in lifted.warnings] == [
        ("warning", "medication-by-text")
    ]


def test_apraclonidine_eye_drops_are_another_drug() -> None:
    assert fact(order("o", instruction("0.1", 6), drug={"text": "Apraclonidine eye drops"})) is None


@pytest.mark.parametrize("reference", ["#m", "Medication/m"])
def test_the_medication_is_found_contained_or_stored(reference: str) -> None:
    medication = {"resourceType": "Medication", "id": "m", "code": concept(RXNORM, "884173")}
    doc = {
        **order("o", instruction("0.1", 6)),
        "medicationReference": {"reference": reference},
        "contained": [medication],
    }
    del doc["medicationCodeableConcept"]

    assert isinstance(lift(doc, NOW, {"Medication/m": medication}.get).fact, Order)


@pytest.mark.parametrize("change", [{"intent": "proposal"}, {"status": "draft"}, {"doNotPerform": True}])
def test_what_orders_nothing_is_no_order(change: Doc) -> None:
    assert fact({**order("o", instruction("0.1", 6)), **change}) is None


def test_a_dose_is_read_in_mg_from_micrograms_and_tablets() -> None:
    def mg(sent: Doc, drug: str = "884185") -> Any:
        return fact({**dose("d", 1, at(), drug=concept(RXNORM, drug)), "dosage": {"dose": sent}}).mg

    assert mg(quantity(150, "ug")) == Decimal("0.15")
    assert mg({"value": 2, "unit": "tablet"}) == Decimal("0.4")
    assert mg({"value": 2, "unit": "tablet"}, "2599") is None


def test_a_dose_that_cannot_be_read_as_mg_warns_its_sender() -> None:
    lifted = lift({**dose("d", 1, at()), "dosage": {"dose": quantity(3, "mL")}}, NOW, no_medication)

    assert isinstance(lifted.fact, Dose)
    assert lifted.fact.mg is None
    assert [problem.rule for problem in lifted.warnings] == ["dose-unit"]


UNTIMED = {"doseAndRate": [{"doseQuantity": quantity("0.1", "mg")}], "text": "three times a day"}
UNDOSED = {"timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}}


@pytest.mark.parametrize(
    ("instructions", "unsure"),
    [
        ([instruction("0.1", 6)], []),
        ([{**UNTIMED, "asNeededBoolean": True}], []),
        ([{**UNTIMED, "timing": {"code": {"coding": [{"code": "TID"}]}}}], []),
        ([UNTIMED], ["dose-timing"]),
        ([UNDOSED], ["dose-unit"]),
        ([instruction("0.1", 6), {"text": "as agreed"}], ["dose-unit", "dose-timing"]),
        ([instruction("0.1", 1)], []),
        ([instruction("0.1", "0.9")], ["dose-timing"]),
        ([], ["dose-unit", "dose-timing"]),
    ],
)
def test_what_of_a_regimen_cannot_be_told_is_said_and_kept(
    instructions: list[Doc], unsure: list[str]
) -> None:
    lifted = lift({**order("o", *instructions), "dosageInstruction": instructions}, NOW, no_medication)

    assert isinstance(lifted.fact, Order)
    assert [problem.rule for problem in lifted.warnings] == unsure
    assert lifted.fact.unsure == tuple(unsure)


def test_nobody_is_asked_to_correct_an_order_that_is_over() -> None:
    lifted = lift({**order("o"), "dosageInstruction": [UNTIMED], "status": "completed"}, NOW, no_medication)

    assert isinstance(lifted.fact, Order)
    assert (lifted.warnings, lifted.fact.unsure) == ((), ("dose-timing",))


@pytest.mark.parametrize(
    ("route", "oral"),
    [("26643006", True), ("45890007", False), ("404820008", False), ("78421000", False), ("1", True)],
    ids=["oral", "transdermal", "epidural", "intramuscular", "unknown"],
)
def test_the_route_tells_whether_a_dose_is_swallowed(route: str, oral: bool) -> None:
    sent = {"dose": quantity("0.1", "mg"), "route": concept(SNOMED, route)}
    assert fact({**dose("d", 1, at()), "dosage": sent}).oral is oral


def timed(**repeat: Any) -> Doc:
    return {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": quantity("0.2", "mg")}]}


RANGE = {"low": quantity("0.1", "mg"), "high": quantity("0.2", "mg")}
SCHEDULES = (
    ("every six hours", instruction("0.1", 6), "0.4"),
    ("a range by its upper end", {**instruction("0.1", 8), "doseAndRate": [{"doseRange": RANGE}]}, "0.6"),
    ("three times a day", timed(frequency=3, period=1, periodUnit="d"), "0.6"),
    ("times of day", timed(timeOfDay=["08:00:00", "20:00:00"]), "0.4"),
    ("a code", {**timed(), "timing": {"code": {"coding": [{"code": "TID"}]}}}, "0.6"),
    ("no timing is once a day", timed(), "0.2"),
)


@pytest.mark.parametrize(
    ("instructed", "daily"), [row[1:] for row in SCHEDULES], ids=[row[0] for row in SCHEDULES]
)
def test_what_an_instruction_allows_in_a_day(instructed: Doc, daily: str) -> None:
    [step] = fact(order("o", instructed)).steps

    assert step.mg_per_day == Decimal(daily)


def test_instructions_in_sequence_follow_each_other() -> None:
    first = {**instruction("0.3", 8), "sequence": 1}
    first["timing"]["repeat"]["boundsDuration"] = quantity(2, "d")
    second = {**instruction("0.1", 8), "sequence": 2}

    steps = fact(order("o", second, first)).steps

    assert [(step.mg, step.start, step.end) for step in steps] == [
        (Decimal("0.3"), at(1), at(3)),
        (Decimal("0.1"), at(3), None),
    ]


def test_an_ending_keeps_the_instant_at_which_it_was_first_recorded() -> None:
    doc = {**order("o", instruction("0.1", 6)), "status": "stopped"}

    lifted = lift(doc, at(1), no_medication, at(4)).fact

    assert isinstance(lifted, Order)
    assert (lifted.recorded, lifted.ended) == (at(1), at(4))
