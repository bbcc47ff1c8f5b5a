"""What a resource type declares: where its patient stands, how it is searched."""

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["token", "reference", "date", "patient", "uri", "special"]


@dataclass(frozen=True, slots=True, eq=False)
class SearchParam:
    """One search parameter (https://hl7.org/fhir/R4/searchparameter-registry.html).

    `path` leads from the resource to the elements that are indexed, dots between names, `|` between
    alternatives. Kind `date` is the type's clinical time (one a type); kind `patient` the patient's key.
    `rare` says that few resources share a value, so that a search starts from it.
    """

    name: str
    kind: Kind
    path: str
    about: str
    targets: tuple[str, ...] = ()
    rare: bool = False
    example: str = ""

    @property
    def fhir_type(self) -> str:
        """The type that a CapabilityStatement gives for this parameter."""
        return "reference" if self.kind == "patient" else self.kind


@dataclass(frozen=True, slots=True, eq=False)
class ResourceType:
    """A resource type that is served; everything else (routes, CapabilityStatement, OpenAPI) follows."""

    name: str
    about: str
    params: tuple[SearchParam, ...]
    subject: str = ""
    examples: dict[str, dict[str, Any]] = field(default_factory=dict, hash=False)

    def param(self, name: str) -> SearchParam | None:
        """The declared parameter of that name, the common ones included."""
        return next((param for param in (*self.params, *COMMON) if param.name == name), None)


COMMON: tuple[SearchParam, ...] = (
    SearchParam("_id", "special", "id", "The logical id, several separated by commas.", example="bp-42"),
    SearchParam(
        "_lastUpdated",
        "special",
        "meta.lastUpdated",
        "When the current version was committed, with a prefix (eq, ne, gt, ge, lt, le, sa, eb, ap). "
        "Strictly increasing in commit order: polling with gt and the last value seen misses nothing.",
        example="gt2026-01-01T00:00:00Z",
    ),
    SearchParam(
        "_tag", "token", "meta.tag", "A tag, such as the phase of an alert.", example="new,escalated"
    ),
)
