"""The profile of our own alerts: one table, from which the laws here and the published StructureDefinition follow.

https://hl7.org/fhir/R4/profiling.html
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from models.fhir.laws import Law, Node, at, coded, has, nodes, word

ROOT = "https://clonidine-watch.org/fhir"
SYSTEMS = f"{ROOT}/CodeSystem/"
ADDRESS = f"{ROOT}/StructureDefinition/clonidine-alert-observation"
HL7_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
UCUM = "http://unitsofmeasure.org"


class Part(NamedTuple):
    """An element of an alert. `slice` names the one item that has a coding or identifier of `system`.

    `code` is the only code it may have; `bound` says that it has one of the system's own. `path` is as in FHIR;
    `key` the JSON property where that is another. `many`: there may be several.
    """

    path: str
    about: str
    rule: str = "cardinality"
    slice: str = ""
    system: str = ""
    code: str = ""
    bound: bool = False
    key: str = ""
    many: bool = False

    @property
    def way(self) -> tuple[str, ...]:
        """The JSON properties that lead to it."""
        return tuple((self.key or self.path).split("."))


class Constraint(NamedTuple):
    """A rule over several elements; `expression` is its FHIRPath."""

    key: str
    about: str
    expression: str
    holds: Callable[[Node], bool]
    place: str = ""


PARTS = (
    Part("meta.tag", "its phase", "alert-phase", "phase", SYSTEMS + "alert-phase", bound=True),
    Part(
        "meta.tag", "the version of the ruleset", "alert-ruleset", "ruleset", SYSTEMS + "ruleset-version"
    ),
    Part("identifier", "the key that its id is made of", "alert-key", "key", f"{ROOT}/sid/alert-key"),
    Part("category", "alert", "alert-category", "alert", SYSTEMS + "observation-category", "alert", True),
    Part("code.coding", "the rule that raised it", "alert-rule", "rule", SYSTEMS + "clonidine-alert", bound=True),
    Part("subject", "the patient"),
    Part("issued", "when it was raised last"),
    Part(
        "value[x]",
        "how severe it is",
        "alert-severity",
        system=SYSTEMS + "alert-severity",
        bound=True,
        key="valueCodeableConcept",
    ),
    Part("interpretation", "on which side of the limit", many=True),
    Part("note", "what to do, with the source of the limit", many=True),
    Part("device", "the rule engine"),
)  # fmt: skip


def _ucum(node: Node) -> bool:
    values = list(nodes(node, "component", "valueQuantity"))
    return all(word(value, "system") == UCUM for value in values)


CONSTRAINTS = (
    Constraint(
        "alert-1",
        "an alert is final, or entered-in-error where it no longer follows.",
        "status = 'final' or status = 'entered-in-error'",
        lambda node: word(node, "status") in ("final", "entered-in-error"),
        ".status",
    ),
    Constraint(
        "alert-2",
        "an alert is no measurement: it is not of category vital-signs.",
        f"category.coding.where(system = '{HL7_CATEGORY}' and code = 'vital-signs').empty()",
        lambda node: not coded(node.get("category"), HL7_CATEGORY, "vital-signs"),
        ".category",
    ),
    Constraint(
        "alert-3",
        "an alert names what it is about in derivedFrom, basedOn, partOf or focus.",
        "derivedFrom.exists() or basedOn.exists() or partOf.exists() or focus.exists()",
        lambda node: has(node, "derivedFrom", "basedOn", "partOf", "focus"),
    ),
    Constraint(
        "alert-4",
        "a component's Quantity is of UCUM.",
        f"component.value.ofType(Quantity).all(system = '{UCUM}')",
        _ucum,
        ".component",
    ),
)


def _marked(node: Node, part: Part) -> Iterator[Any]:
    """The items at the part's place that have a coding or identifier of its system."""
    for item in nodes(node, *part.way):
        marks = [item, *nodes(item, "coding")]
        if any(word(mark, "system") == part.system and _says(mark, part) for mark in marks):
            yield item


def _says(mark: Node, part: Part) -> bool:
    said = word(mark, "code") or word(mark, "value")
    return said == part.code if part.code else bool(said)


def _law(part: Part) -> Law:
    place = "." + part.path.removesuffix("[x]")
    if not part.system:
        text = f"an alert has {part.path}: {part.about}."
        return Law(
            part.rule, text, at(place, lambda n: has(n, part.key or part.path)), None, code="business-rule"
        )
    of = f"the code {part.code} of {part.system}" if part.code else f"one of {part.system}"
    text = f"an alert has exactly one {part.path} with {of}: {part.about}."
    return Law(
        part.rule, text, at(place, lambda n: len([*_marked(n, part)]) == 1), None, code="business-rule"
    )


ALERT: tuple[Law, ...] = (
    *map(_law, PARTS),
    *(Law(rule.key, rule.about, at(rule.place, rule.holds), None) for rule in CONSTRAINTS),
)
