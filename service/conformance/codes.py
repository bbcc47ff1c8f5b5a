"""The code systems of our own: every code that an alert, a tag or an answer of this service can carry.

https://hl7.org/fhir/R4/codesystem.html
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NamedTuple

from models.fhir.bindings import BOUND
from models.fhir.invariants import INVARIANTS
from models.fhir.profiles import PROFILES
from service.alerts.alert import PHASES
from service.conformance.heading import heading
from service.dosing.check import VERDICTS
from service.dosing.reasons import REASONS
from service.record.codes import COWS_ITEMS, COWS_TOTAL
from service.rules import RULES
from service.rules.rule import SEVERITIES
from service.ruleset import VERSION
from service.tasks.task import ACTS


class Concept(NamedTuple):
    """A code with what it means."""

    code: str
    display: str
    about: str = ""


class System(NamedTuple):
    """A code system; a fragment names some of its codes only."""

    id: str
    title: str
    about: str
    concepts: Callable[[], Iterable[Concept]]
    content: Literal["complete", "fragment"] = "complete"


REASON = "reason"
"""The component that holds why a reading is doubted, and no amount."""


def _words(code: str) -> str:
    return code.replace("-", " ").capitalize()


def _rules() -> Iterator[Concept]:
    for rule in RULES:
        yield Concept(
            rule.id, rule.title, f"{rule.trigger[0].upper()}{rule.trigger[1:]}. Severity: {rule.severity}."
        )


def _severities() -> Iterator[Concept]:
    for rank, severity in enumerate(SEVERITIES, 1):
        yield Concept(severity, severity.capitalize(), f"{rank} of {len(SEVERITIES)}; a higher one is worse.")


def _phases() -> Iterator[Concept]:
    return (Concept(phase, phase.capitalize(), about) for phase, about in PHASES.items())


def _components() -> Iterator[Concept]:
    yield Concept(REASON, _words(REASON), "Why the reading is doubted.")
    for told in dict.fromkeys(told for rule in RULES for told in rule.amounts):
        yield Concept(told.code, _words(told.code), told.about)


def _reasons() -> Iterator[Concept]:
    for told in dict.fromkeys(told for rule in RULES for told in rule.reasons):
        yield Concept(told.code, _words(told.code), told.about)
    for rule in RULES:
        yield Concept(rule.id, rule.title, "This rule failed.")


def _points(points: tuple[int, ...]) -> str:
    return f"An item of COWS: {', '.join(map(str, points))} points."


def _validation() -> Iterator[Concept]:
    """Invariants, laws of profiles, required value sets; the rest is named in docs/reference/validation.md."""
    tables = [*INVARIANTS.values(), *(laws for known in PROFILES.values() for laws in known.values())]
    texts: dict[str, str] = {}
    for law in (law for laws in tables for law in laws):
        texts.setdefault(law.rule, f"{law.text[0].upper()}{law.text[1:]}")
    for rule, text in texts.items():
        yield Concept(rule, rule, text)
    for name in dict.fromkeys(BOUND.values()):
        if name not in texts:
            yield Concept(name, name, "A code outside this required value set.")


SYSTEMS = (
    System("clonidine-alert", "Alerts", "The rules that raise alerts; Observation.code of an alert.", _rules),
    System("alert-severity", "Severities of alerts", "How severe an alert is; its value.", _severities),
    System("alert-phase", "Phases of alerts", "Where an alert stands in its episode; a tag.", _phases),
    System(
        "observation-category",
        "Categories of our own",
        "What tells alerts from readings.",
        lambda: (Concept("alert", "Alert", "Raised by this service; clients cannot write it."),),
    ),
    System(
        "alert-component", "Parts of alerts", "Evidence that no other system has a code for.", _components
    ),
    System("alert-reason", "Reasons", "Why a reading is doubted, or which rule failed.", _reasons),
    System(
        "dose-check-verdict",
        "Verdicts of a dose check",
        "What is said of the next dose, the most careful last; in the answer of $dose-check and in cards.",
        lambda: (Concept(code, _words(code), about) for code, about in VERDICTS.items()),
    ),
    System(
        "dose-check-reason",
        "Reasons of a dose check",
        "Why a dose is held, or something has to be measured first; in the answer of $dose-check.",
        lambda: (
            Concept(code, _words(code), f"{told.about} Verdict: {told.verdict}.")
            for code, told in REASONS.items()
        ),
    ),
    System(
        "alert-task",
        "What is done about alerts",
        "What the Task of an alert asks for, and what its Provenances tell.",
        lambda: (Concept(code, _words(code), about) for code, about in ACTS.items()),
    ),
    System(
        "ruleset-version",
        "Versions of the ruleset",
        "The ruleset that an alert was judged by; a tag. Earlier versions are not listed.",
        lambda: (Concept(VERSION, f"Ruleset {VERSION}", "The ruleset in force."),),
        "fragment",
    ),
    System(
        "withdrawal-scale",
        "Withdrawal scales",
        "Totals of withdrawal scales and their items, for which LOINC has no code.",
        lambda: (
            Concept(COWS_TOTAL, "COWS total", "Clinical Opiate Withdrawal Scale, 0 to 48 points."),
            *(Concept(item, _words(item), _points(points)) for item, points in COWS_ITEMS.items()),
        ),
        "fragment",
    ),
    System(
        "validation-rule",
        "Rules of validation",
        "What a refusal names in OperationOutcome.issue.details.",
        _validation,
        "fragment",
    ),
    System(
        "origin",
        "Where resources come from",
        "A tag of the sample patients.",
        lambda: (Concept("demo", "Synthetic", "Synthetic, for trying the service."),),
    ),
)


def code_system(system: System) -> dict[str, Any]:
    """The CodeSystem resource."""
    concepts = [
        {"code": code, "display": display, **({"definition": about} if about else {})}
        for code, display, about in system.concepts()
    ]
    return {
        **heading("CodeSystem", system.id, system.title, system.about),
        "caseSensitive": True,
        "content": system.content,
        "count": len(concepts),
        "concept": concepts,
    }
