"""What a resource type declares: where its patient stands, how it is searched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["token", "string", "reference", "date", "quantity", "uri", "composite", "patient", "special"]
DATED = "_lastUpdated"


@dataclass(frozen=True, slots=True, eq=False)
class SearchParam:
    """One search parameter (https://hl7.org/fhir/R4/searchparameter-registry.html).

    `path` leads from the resource to the elements that are indexed, dots between names, `|` between
    alternatives, `[name=code]` for those that bear a code. What several parameters find under one path is indexed
    once. The first of kind `date` is the type's clinical time; kind `patient` is the patient's key.
    `rare` says that few resources share a value, so that a search starts from it.
    `keyed` names the element whose codes stand beside a value, `parts` the pairs (key, value) of parameters that
    a composite joins, `absent` the code that stands where there is no element.
    """

    name: str
    kind: Kind
    path: str
    about: str
    targets: tuple[str, ...] = ()
    rare: bool = False
    example: str = ""
    keyed: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    absent: str = ""

    def refers_to(self, type: str) -> bool:
        """Whether a reference can lead to a type; one without targets leads to any."""
        return not self.targets or type in self.targets

    @property
    def fhir_type(self) -> str:
        """The type that a CapabilityStatement gives for this parameter."""
        if self.kind == "special":
            return "date" if self.name == DATED else "token"
        return "reference" if self.kind == "patient" else self.kind


@dataclass(frozen=True, slots=True, eq=False)
class ResourceType:
    """A resource type that is served; everything else (routes, CapabilityStatement, OpenAPI) follows.

    `compartment` are the parameters that put it into a patient's compartment
    (https://hl7.org/fhir/R4/compartmentdefinition-patient.html), `left_out` those of R4 that are not served, each with
    the reason.
    """

    name: str
    about: str
    params: tuple[SearchParam, ...]
    subject: str = ""
    compartment: tuple[str, ...] = ()
    examples: dict[str, dict[str, Any]] = field(default_factory=dict, hash=False)
    left_out: Mapping[str, str] = field(default_factory=dict, hash=False)

    def param(self, name: str) -> SearchParam | None:
        """The declared parameter of that name, the common ones included."""
        return next((param for param in (*self.params, *COMMON) if param.name == name), None)

    @property
    def clinical_date(self) -> SearchParam | None:
        """The parameter of the type's clinical time."""
        return next((param for param in self.params if param.kind == "date"), None)


COMMON: tuple[SearchParam, ...] = (
    SearchParam("_id", "special", "id", "The logical id, several separated by commas.", example="bp-42"),
    SearchParam(
        DATED,
        "special",
        "meta.lastUpdated",
        "When the current version was committed, with a prefix (eq, ne, gt, ge, lt, le, sa, eb, ap). "
        "Strictly increasing in commit order: polling with gt and the last value seen misses nothing.",
        example="gt2026-01-01T00:00:00Z",
    ),
    SearchParam(
        "_tag", "token", "meta.tag", "A tag, such as the phase of an alert.", example="new,escalated"
    ),
    SearchParam(
        "_profile",
        "uri",
        "meta.profile",
        "A profile that the resource claims.",
        example="http://hl7.org/fhir/StructureDefinition/vitalsigns",
    ),
    SearchParam("_security", "token", "meta.security", "A security label.", example="R"),
    SearchParam(
        "_source", "uri", "meta.source", "Where the resource came from.", example="urn:example:monitor"
    ),
)
"""Parameters of every type (https://hl7.org/fhir/R4/search.html#all)."""

LEFT_OUT: Mapping[str, str] = {
    "_text": "narratives are not indexed; search the coded elements",
    "_content": "whole texts are not indexed; search the elements that are declared",
    "_query": "no named queries are defined here",
    "_list": "the type List is not served here",
    "_filter": "filter expressions are not read; join parameters, and values by commas",
    "_score": "nothing is ranked here",
    "_contained": "contained resources are found by nothing of their own",
    "_containedType": "contained resources are found by nothing of their own",
}
"""Parameters of R4 that are served for no type, each with the reason."""
