"""The invariants of FHIR R4's resources, as each one's definition lists them.

For instance https://hl7.org/fhir/R4/observation-definitions.html. Those of every resource (dom-*) are in
`models.fhir.containment`.
"""

import json

from models.fhir.bundle_laws import BUNDLE, BUNDLE_ENTRY
from models.fhir.elements import table
from models.fhir.laws import Law, Node, apart, at, coded, has, in_order, nodes, one_of, simple, word

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ALLERGY_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"


def _value_beside_its_component(node: Node) -> bool:
    """obs-7, by the whole coding as FHIRPath's intersect() compares."""
    if not has(node, *VALUE) or "component" not in node:
        return True
    own = {_spelled(coding) for coding in nodes(node, "code", "coding")}
    return own.isdisjoint(_spelled(coding) for coding in nodes(node, "component", "code", "coding"))


def _spelled(coding: Node) -> str:
    return json.dumps(coding, sort_keys=True, default=str)


def _abated(node: Node) -> bool:
    ended = coded(node.get("clinicalStatus"), CLINICAL, "resolved", "remission", "inactive")
    return ended or not has(node, *table("Condition").choices["abatement"])


def _mistaken(node: Node, system: str) -> bool:
    return coded(node.get("verificationStatus"), system, "entered-in-error")


def _listed_problem(node: Node) -> bool:
    listed = any(word(c, "code") == "problem-list-item" for c in nodes(node, "category", "coding"))
    return not listed or has(node, "clinicalStatus") or _mistaken(node, VERIFICATION)


VALUE = table("Observation").choices["value"]

RESOURCE_LAWS: dict[str, tuple[Law, ...]] = {
    "Observation": (
        apart(
            "obs-6", "dataAbsentReason", VALUE, "a value and a dataAbsentReason do not go together; keep one."
        ),
        Law(
            "obs-7",
            "a component has the coding of the observation itself; drop its value[x] or give the component "
            "a code of its own.",
            at("", _value_beside_its_component),
            {"dependentSchemas": {"component": {"properties": dict.fromkeys(VALUE, False)}}},
        ),
    ),
    "ObservationReferenceRange": (
        one_of("obs-3", ("low", "high", "text"), "a reference range needs low, high or text."),
        *simple("low", "high"),
    ),
    "MedicationAdministrationDosage": (
        one_of(
            "mad-1",
            ("dose", *table("MedicationAdministrationDosage").choices["rate"]),
            "a dosage needs a dose or a rate[x].",
        ),
        *simple("dose", "rateQuantity"),
    ),
    "MedicationRequestDispenseRequest": simple("quantity"),
    "MedicationRequestDispenseRequestInitialFill": simple("quantity"),
    "PatientContact": (
        one_of(
            "pat-1",
            ("name", "telecom", "address", "organization"),
            "a contact needs a name, telecom, address or organization.",
        ),
    ),
    "Condition": (
        Law(
            "con-3",
            "a condition of the problem list should have a clinicalStatus.",
            at(".clinicalStatus", _listed_problem),
            None,
            "warning",
        ),
        Law(
            "con-4",
            "an abated condition needs the clinicalStatus inactive, remission or resolved.",
            at(".clinicalStatus", _abated),
            None,
        ),
        Law(
            "con-5",
            "a condition entered in error has no clinicalStatus; leave it out.",
            at(".clinicalStatus", lambda n: not (has(n, "clinicalStatus") and _mistaken(n, VERIFICATION))),
            None,
        ),
    ),
    "ConditionStage": (
        one_of("con-1", ("summary", "assessment"), "a stage needs a summary or an assessment."),
    ),
    "ConditionEvidence": (one_of("con-2", ("code", "detail"), "evidence needs a code or a detail."),),
    "AllergyIntolerance": (
        Law(
            "ait-1",
            "an allergy that is not entered in error needs a clinicalStatus.",
            at(".clinicalStatus", lambda n: has(n, "clinicalStatus") or _mistaken(n, ALLERGY_VERIFICATION)),
            None,
        ),
        Law(
            "ait-2",
            "an allergy entered in error has no clinicalStatus; leave it out.",
            at(
                ".clinicalStatus",
                lambda n: not (has(n, "clinicalStatus") and _mistaken(n, ALLERGY_VERIFICATION)),
            ),
            None,
        ),
    ),
    "GoalTarget": (
        Law(
            "gol-1",
            "a target with a detail needs a measure.",
            at(
                ".measure",
                lambda node: not has(node, *table("GoalTarget").choices["detail"]) or has(node, "measure"),
            ),
            None,
        ),
    ),
    "Task": (
        Law(
            "inv-1",
            "lastModified is before authoredOn; correct one.",
            in_order("authoredOn", "lastModified"),
            None,
        ),
    ),
    "Bundle": BUNDLE,
    "BundleEntry": BUNDLE_ENTRY,
}
"""Laws by the library's name of the type they are part of."""
