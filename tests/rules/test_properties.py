"""What holds of the rules for any value: monotone severity, no exception, exact comparison."""

import copy
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service.evaluate import evaluate
from service.record.lift import lift
from service.rules.rule import SEVERITIES
from service.ruleset import load
from tests.record.documents import (
    DAY1,
    RXNORM,
    Doc,
    allergy,
    at,
    concept,
    condition,
    dose,
    goal,
    instruction,
    no_medication,
    order,
    panel,
    pulse,
    quantity,
    symptom,
)
from tests.rules.optional_rows import scored
from tests.rules.rows import bare
from tests.rules.withdrawal_rows import level

RULES = load()
NOW = at(2)
LOW = {"hypotension", "hypotension-severe"}
some = settings(max_examples=80, deadline=None)
plausible_systolic = st.decimals(min_value=40, max_value=300, places=2)


def worst(alerts: list[Doc], rules: set[str]) -> int:
    """The highest severity among alerts of these rules, as a number; -1 for none."""
    told = [alert for alert in alerts if alert["code"]["coding"][0]["code"] in rules]
    return max(
        (SEVERITIES.index(alert["valueCodeableConcept"]["coding"][0]["code"]) for alert in told), default=-1
    )


def judged(*docs: Doc) -> list[Doc]:
    return evaluate(docs, NOW, RULES)


@some
@given(plausible_systolic, plausible_systolic)
def test_severity_never_falls_as_pressure_falls_further(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))

    def severity(systolic: Decimal) -> int:
        return worst(judged(panel("x", systolic, None, NOW)), LOW)

    assert severity(low) >= severity(high)


@some
@given(st.decimals(min_value=20, max_value=200, places=1), st.decimals(min_value=20, max_value=200, places=1))
def test_severity_never_falls_as_diastolic_pressure_falls_further(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))

    def severity(diastolic: Decimal) -> int:
        return worst(judged(panel("x", None, diastolic, NOW)), LOW)

    assert severity(low) >= severity(high)


@some
@given(st.decimals(min_value=20, max_value=250, places=1), st.decimals(min_value=20, max_value=250, places=1))
def test_severity_never_falls_as_heart_rate_falls_further(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))

    def severity(rate: Decimal) -> int:
        return worst(judged(pulse("x", rate, NOW)), {"bradycardia", "bradycardia-severe"})

    assert severity(low) >= severity(high)


@some
@given(plausible_systolic, plausible_systolic)
def test_severity_never_falls_as_pressure_rises_further(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))

    def severity(systolic: Decimal) -> int:
        return worst(judged(panel("x", systolic, None, NOW)), {"hypertensive-crisis"})

    assert severity(high) >= severity(low)


@some
@given(
    st.decimals(min_value="0.01", max_value=5, places=2), st.decimals(min_value="0.01", max_value=5, places=2)
)
def test_severity_never_falls_as_the_dose_rises(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    rules = {"single-dose-exceeded", "daily-dose-exceeded"}

    assert worst(judged(dose("d", high, NOW)), rules) >= worst(judged(dose("d", low, NOW)), rules)


@some
@given(st.integers(1, 24))
def test_nothing_is_rounded_before_it_is_compared(places: int) -> None:
    hair = Decimal(1).scaleb(-places)

    assert worst(judged(panel("x", 90 - hair, None, NOW)), LOW) > -1
    assert worst(judged(panel("x", 90 + hair, None, NOW)), LOW) == -1
    baseline = [dose("d", "0.1", at(1)), panel("b", 140, None, at(1))]
    assert worst(judged(*baseline, panel("x", 112 - hair, None, NOW)), {"bp-drop-from-baseline"}) > -1
    assert worst(judged(*baseline, panel("x", 112 + hair, None, NOW)), {"bp-drop-from-baseline"}) == -1


GONE = object()
numbers = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [Decimal("1E+999999"), Decimal("-1E-999999"), Decimal("0E+5"), Decimal(10**400), Decimal(-1)]
    ),
)
texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:60Z", "9999-12-31", "9999", "#", "/"]
    ),
    st.sampled_from(
        ["kPa", "mg", "wk", "a", "s", "8480-6", "85354-9", "2599", "stopped", "completed", "not-done"]
    ),
)
WHOLE: tuple[Doc, ...] = (
    panel("x", 84, 50, NOW, "standing", rate=45),
    pulse("x", 39, NOW),
    symptom("x", "271594007", NOW, "severe"),
    bare("9279-1", valueQuantity=quantity(6, "/min")),
    scored(18, pulse=3),
    level("300202002"),
    condition(onsetDateTime="2020-05", abatementDateTime="2021-01-01"),
    allergy(concept(RXNORM, "2599"), onsetDateTime="2020"),
    order("m", instruction("40", 8, start=DAY1, end=NOW), drug=concept(RXNORM, "8787"), status="stopped"),
    {"resourceType": "Patient", "id": "p1", "birthDate": "1980-05-17"},
    dose("x", "0.9", NOW),
    goal(low=85, high=170, statusDate="2026-03-03"),
    goal("dose-in-24-hours", high="0.8", unit="mg", lifecycleStatus="completed"),
    order(
        "x",
        {**instruction("0.9", 3, start=DAY1, end=NOW), "sequence": 1},
        priorPrescription={"reference": "MedicationRequest/y"},
    ),
)


def paths(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *(below for step, inner in steps for below in paths(inner, (*path, step)))]


def at_path(doc: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        doc = doc[step]
    return doc


@st.composite
def damaged(draw: Any) -> Doc:
    """A document of which some values are others of their kind, and some are gone."""
    doc: Doc = copy.deepcopy(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(1, 4))):
        left = [path for path in paths(doc) if path and path[0] not in ("resourceType", "id")]
        if not left:
            break
        path = draw(st.sampled_from(left))
        parent, old = at_path(doc, path[:-1]), at_path(doc, path)
        other = texts if isinstance(old, str) else numbers if isinstance(old, Decimal) else st.just(old)
        value = draw(st.just(GONE) | other)
        if value is GONE:
            del parent[path[-1]]
        else:
            parent[path[-1]] = value
    return doc


@settings(max_examples=250, deadline=None)
@given(st.lists(damaged(), min_size=1, max_size=3))
def test_no_value_makes_lifting_or_a_rule_raise(docs: list[Doc]) -> None:
    for doc in docs:
        lift(doc, NOW, no_medication)
    alerts = evaluate(docs, at(400), load("[rules]\nall = true"))

    assert "rule-failure" not in {alert["code"]["coding"][0]["code"] for alert in alerts}
