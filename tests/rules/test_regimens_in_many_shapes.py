"""Regimens and readings as some hospitals send them: pressures apart, patches without a dose, void orders."""

from datetime import timedelta
from typing import Any

import pytest

from service.evaluate import evaluate
from service.ruleset import load
from tests.record.documents import (
    LOINC,
    RXNORM,
    SNOMED,
    Doc,
    at,
    concept,
    dose,
    instruction,
    observation,
    order,
    panel,
    position_extension,
    pulse,
    quantity,
    symptom,
)

DIZZINESS = "404640003"
PATCH_03 = concept(RXNORM, "998679")
TABLET_01 = concept(RXNORM, "884173")


def raised(rule: str, *sent: Doc) -> list[tuple[str, str]]:
    """(severity, phase) of the alerts of a rule, in order of time."""
    return [
        (alert["valueCodeableConcept"]["coding"][0]["code"], alert["meta"]["tag"][0]["code"])
        for alert in evaluate(sent, at(30), load())
        if alert["code"]["coding"][0]["code"] == rule
    ]


def pressure(id: str, loinc: str, value: Any, when: Any) -> Doc:
    """One pressure as an Observation of its own, its position in the code."""
    return observation(id, concept(LOINC, loinc), when, valueQuantity=quantity(value, "mm[Hg]"))


def each(repeat: Doc, *instructed: Doc, mg: str = "0.3", **more: Any) -> Doc:
    doses = [{"doseQuantity": quantity(mg, "mg")}]
    return {"timing": {"repeat": repeat}, "doseAndRate": doses, **more}


@pytest.mark.parametrize("ids", [("l1", "l2"), ("l2", "l1")])
@pytest.mark.parametrize("standing", [110, 88])
def test_pressures_sent_apart_make_an_orthostatic_pair(ids: tuple[str, str], standing: int) -> None:
    lying = [pressure(ids[0], "8461-6", 150, at(2, "08:00")), pressure(ids[1], "8455-8", 82, at(2, "08:00"))]
    stood = [
        pressure("s1", "8460-8", standing, at(2, "08:02")),
        pressure("s2", "8454-1", 76, at(2, "08:02")),
    ]
    expected = "moderate" if standing == 110 else "high"
    assert raised("orthostatic-hypotension", *lying, *stood) == [(expected, "new")]


def test_a_lying_reading_without_a_systolic_leaves_the_sitting_one_to_compare_with() -> None:
    sent = [
        panel("a", 150, 82, at(2, "08:00"), "sitting"),
        panel("b", None, 80, at(2, "08:01"), "lying"),
        panel("c", 110, 76, at(2, "08:03"), "standing"),
    ]
    assert raised("orthostatic-hypotension", *sent) == [("moderate", "new")]


@pytest.mark.parametrize("lying", ["a", "z"])
def test_lying_and_standing_filed_under_one_time_are_a_pair(lying: str) -> None:
    sent = [panel(lying, 150, 90, at(2), "lying"), panel("m", 110, 85, at(2), "standing")]
    assert raised("orthostatic-hypotension", *sent) == raised("orthostatic-hypotension", *reversed(sent))
    assert raised("orthostatic-hypotension", *sent) == [("moderate", "new")]


def test_a_baseline_of_a_position_counts_for_the_quantities_that_it_has() -> None:
    sent = [
        dose("d", "0.1", at(2)),
        observation(
            "b1",
            concept(LOINC, "8480-6"),
            at(1, "22:00"),
            valueQuantity=quantity(150, "mm[Hg]"),
            **position_extension("lying"),
        ),
        panel("b2", 150, 90, at(1, "23:00"), "sitting"),
        panel("r", 149, 62, at(2, "06:00"), "lying"),
    ]
    assert raised("bp-drop-from-baseline", *sent) == [("moderate", "new")]


def test_a_successor_that_never_began_ends_nothing() -> None:
    first = order("a", instruction("0.3", 4, start=at(1)))
    never = {
        **order("b", instruction("0.1", 4, start=at(1))),
        "priorPrescription": {"reference": "MedicationRequest/a"},
        "status": "cancelled",
    }
    assert raised("daily-dose-exceeded", first, never) == [("high", "new")]


def test_an_alert_names_the_order_in_force_and_not_the_first_of_the_course() -> None:
    second = {
        **order("mr2", instruction("0.1", 6, start=at(3))),
        "priorPrescription": {"reference": "MedicationRequest/mr1"},
    }
    sent = [
        panel("base", 150, 90, at(1) - timedelta(hours=1)),
        order("mr1", instruction("0.1", 6, start=at(1))),
        second,
        panel("early", 110, 85, at(2)),
        panel("then", 110, 85, at(3, "03:00")),
    ]
    alerts = [a for a in evaluate(sent, at(30), load()) if "bp-drop" in a["code"]["coding"][0]["code"]]
    assert [alert["basedOn"][0]["reference"].rpartition("/")[2] for alert in alerts] == ["mr1", "mr2"]


def test_two_drugs_and_two_orders_have_episodes_of_their_own() -> None:
    def given(name: str, hour: str, mg: str, drug: Doc, under: str) -> Doc:
        reference = {"reference": f"MedicationRequest/{under}"}
        return {**dose(name, mg, at(2, hour), drug=drug), "request": reference}

    lofexidine = concept("http://www.whocc.no/atc", "N07BC04")
    sent = [given(f"c{hour}", f"{hour:02}:00", "0.3", TABLET_01, "mr1") for hour in range(8, 13)]
    sent += [given(f"l{hour}", f"{hour:02}:05", "0.72", lofexidine, "mr2") for hour in range(8, 13)]
    assert raised("daily-dose-exceeded", *sent) == [("high", "new"), ("high", "new")]
    again = given("c13", "12:30", "0.3", TABLET_01, "mr1")
    assert raised("daily-dose-exceeded", *sent, again)[-1] == ("high", "continuing")


@pytest.mark.parametrize(
    "worn",
    [{}, {"dosage": {"rateRatio": {"numerator": quantity("0.3", "mg"), "denominator": quantity(24, "h")}}}],
)
def test_a_patch_gives_what_its_product_holds_where_no_dose_is_sent(worn: Doc) -> None:
    patch = {**dose("p", 1, at(1), drug=PATCH_03), **worn}
    if not worn:
        del patch["dosage"]
    oral = [dose(f"o{hour}", "0.3", at(2, f"{hour:02}:00")) for hour in (1, 6, 12, 18)]
    assert raised("daily-dose-exceeded", *oral) == []
    assert raised("daily-dose-exceeded", patch, *oral) == [("high", "new")]


@pytest.mark.parametrize("instructed", [(), ({"text": "one patch a week"},)])
def test_an_ordered_patch_counts_as_its_product(instructed: tuple[Doc, ...]) -> None:
    patch = order("p", *instructed, drug=PATCH_03)
    oral = order("o", instruction("0.3", 6))
    assert raised("daily-dose-exceeded", oral) == []
    assert raised("daily-dose-exceeded", patch, oral) == [("high", "new")]


@pytest.mark.parametrize(("most", "hours", "said"), [(20, 6, [("high", "new")]), (6, 1, [])])
def test_the_most_of_an_order_as_needed_may_be_told_in_tablets(most: int, hours: int, said: Any) -> None:
    tablets = {"value": most, "unit": "{tbl}", "code": "{tbl}"}
    asked = {
        "asNeededBoolean": True,
        "timing": {"repeat": {"frequency": 1, "period": hours, "periodUnit": "h"}},
        "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
        "maxDosePerPeriod": {"numerator": tablets, "denominator": quantity(1, "d")},
    }
    assert raised("daily-dose-exceeded", order("o", asked, drug=TABLET_01)) == said


def test_instructions_of_one_sequence_are_followed_together() -> None:
    def bounded(mg: str, hours: int, number: int) -> Doc:
        bounds = quantity(2, "d")
        return each(
            {"frequency": 1, "period": hours, "periodUnit": "h", "boundsDuration": bounds},
            mg=mg,
            sequence=number,
        )

    sent = order("o", bounded("0.1", 6, 1), bounded("0.3", 8, 2), bounded("0.2", 12, 2))
    assert raised("daily-dose-exceeded", sent) == [("high", "new")]


def test_times_of_day_are_counted_where_only_the_period_is_sent() -> None:
    times = [f"{hour:02}:00:00" for hour in (6, 10, 14, 18, 22)]
    sent = order("o", each({"period": 1, "periodUnit": "d", "timeOfDay": times}))
    assert raised("daily-dose-exceeded", sent) == [("high", "new")]


def test_one_instruction_for_the_skin_hides_no_oral_dose_beside_it() -> None:
    skin = {**instruction("0.1", 168), "route": concept(SNOMED, "45890007")}
    assert raised("single-dose-exceeded", order("o", instruction("0.9", 24), skin)) == [("critical", "new")]
    assert (
        raised("single-dose-exceeded", order("o", {**instruction("0.9", 24), "route": skin["route"]})) == []
    )


def test_a_remark_beside_another_medicines_code_makes_no_clonidine() -> None:
    other = {**concept(RXNORM, "6918"), "text": "metoprolol (replaces clonidine)"}
    assert raised("single-dose-exceeded", dose("d", "50", at(2), drug=other)) == []
    named = {**concept(RXNORM, "999999"), "text": "Clonidine 0.1 mg tablet"}
    assert raised("single-dose-exceeded", dose("d", "50", at(2), drug=named)) == [("critical", "new")]


def test_a_moderate_episode_pages_every_four_hours() -> None:
    readings = [
        panel(f"r{minute}", 95, 55, at(2) + timedelta(minutes=minute)) for minute in (0, 60, 239, 240)
    ]
    assert [phase for _, phase in raised("hypotension", *readings)] == [
        "new", "continuing", "continuing", "reminder",
    ]  # fmt: skip


def test_a_symptom_that_was_not_asked_for_is_no_symptom() -> None:
    slow = pulse("r", 45, at(2))
    assert raised("bradycardia-severe", slow, symptom("s", DIZZINESS, at(2))) == [("critical", "new")]
    unknown = symptom("s", DIZZINESS, at(2), dataAbsentReason={"text": "not assessed"})
    assert raised("bradycardia-severe", slow, unknown) == []
