"""Nothing is accepted by the gate that the walk or the library refuses, over thousands of changed bodies."""

from typing import NamedTuple

import pytest

from models.fhir import gate, library
from models.fhir.invariants import INVARIANTS
from models.fhir.laws import Law
from models.fhir.profiles import PROFILES
from models.fhir.validation import TYPES, closely, validate
from models.problem import Problem
from tests.fhir.bodies import GONE, HL7, Body, changed, concept, panel, pulse, quantity
from tests.fhir.mutations import SEEDS, mutations

COUNT = 5_000


class Verdict(NamedTuple):
    """What each judge says of one changed body."""

    body: Body
    passes: bool
    found: list[Problem]
    refused: bool


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    served = [body for body in mutations(COUNT) if body.get("resourceType") in TYPES]
    return [Verdict(b, gate.accepts(b), closely(b), bool(library.complaints(b))) for b in served]


@pytest.mark.parametrize("body", SEEDS, ids=lambda body: f"{body['resourceType']} {body.get('meta', '')}")
def test_the_usual_bodies_pass_the_gate(body: Body) -> None:
    assert gate.accepts(body)
    assert closely(body) == []


def test_what_passes_the_gate_has_no_problem(verdicts: list[Verdict]) -> None:
    passed = [verdict for verdict in verdicts if verdict.passes]
    assert len(passed) > COUNT / 20, "the changes hardly ever leave a body whole: the test would prove little"
    assert [verdict for verdict in passed if verdict.found] == []


def test_what_the_library_refuses_is_refused(verdicts: list[Verdict]) -> None:
    refused = [verdict for verdict in verdicts if verdict.refused]
    assert len(refused) > COUNT / 4
    assert [v for v in refused if v.passes or not any(p.severity == "error" for p in v.found)] == []


def test_the_walk_needs_no_second_opinion(verdicts: list[Verdict]) -> None:
    assert [problem for verdict in verdicts for problem in verdict.found if problem.code == "invalid"] == []


@pytest.mark.parametrize("kind", ["Observation", "ObservationComponent", "Quantity", "Reference"])
def test_an_invariant_without_a_schema_shuts_the_gate_of_its_type(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(INVARIANTS, kind, (Law("x", "x.", lambda _node: (), None),))
    assert not gate.compiled("Observation").is_valid(panel())


def test_a_profile_without_a_schema_is_not_judged_by_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    untold = Law("x", "x.", lambda _node: (), None)
    monkeypatch.setitem(PROFILES, "Observation", {HL7 + "bp": (untold,)})
    assert not gate.compiled("Observation").is_valid(panel(HL7 + "bp"))
    assert gate.compiled("Observation").is_valid(panel())


@pytest.mark.parametrize(
    "body",
    [
        changed(pulse(), {"valueQuantity.value": 0}),
        changed(panel(), {"effectiveDateTime": "2028-02-29"}),
        changed(
            panel(), {"text": {"status": "empty", "div": '<div xmlns="http://www.w3.org/1999/xhtml">a</div>'}}
        ),
        changed(panel(), {"_status": {"id": "a"}}),
        changed(panel(), {"code.id": "a"}),
        changed(panel(), {"component.0.valueQuantity": GONE, "component.0.dataAbsentReason": {"text": "x"}}),
        changed(
            panel(HL7 + "bp"),
            {"component.0.valueQuantity": GONE, "component.0.dataAbsentReason": {"text": "x"}},
        ),
        changed(panel(HL7 + "vitalsigns"), {"effectiveDateTime": GONE, "effectivePeriod": {"start": "2026"}}),
        changed(panel(), {"component.0.referenceRange": [{"low": quantity("90"), "high": quantity("140")}]}),
        changed(panel(), {"component.0.valueQuantity.code": "kPa", "component.0.code": concept("é" * 3)}),
        changed(panel(), {"code.text": "収縮期血圧"}),
        changed(panel(), {"implicitRules": "http://example.org/rules"}),
        changed(panel(), {"subject.reference": "Patient?identifier=urn:x|1"}),
    ],
)
def test_what_the_gate_leaves_to_the_walk_is_still_accepted(body: Body) -> None:
    assert validate(body) == []
