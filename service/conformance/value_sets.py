"""The value sets over our own code systems (https://hl7.org/fhir/R4/valueset.html)."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from service.alerts.alert import PAGEABLE
from service.conformance.codes import SYSTEMS
from service.conformance.heading import address, heading


class ValueSet(NamedTuple):
    """Codes of one system: those named, or all of them."""

    id: str
    title: str
    about: str
    system: str
    codes: Iterable[str] = ()


SETS = (
    *(ValueSet(system.id, system.title, f"All codes of {system.id}.", system.id) for system in SYSTEMS),
    ValueSet(
        "pageable-alert-phase",
        "Phases to page somebody for",
        "The phases that a pager asks for.",
        "alert-phase",
        sorted(PAGEABLE),
    ),
)


def value_set(made: ValueSet) -> dict[str, Any]:
    """The ValueSet resource."""
    codes = [{"code": code} for code in made.codes]
    include = {"system": address("CodeSystem", made.system), **({"concept": codes} if codes else {})}
    return {**heading("ValueSet", made.id, made.title, made.about), "compose": {"include": [include]}}
