"""The compartment of a patient: what belongs to it (https://hl7.org/fhir/R4/compartmentdefinition-patient.html)."""

from typing import NamedTuple

from models.resource_types import TYPES, ResourceType
from models.search.plan import rows

INSIDE: dict[str, ResourceType] = {name: served for name, served in TYPES.items() if served.compartment}
"""The types that can belong to a patient."""


class Compartment(NamedTuple):
    """Whatever bears the key of `patient`, or refers to the patient under one of the names `rows` in the index."""

    patient: str
    rows: tuple[str, ...]


def compartment(patient: str, *types: ResourceType) -> Compartment:
    """The part of a patient's compartment that is of these types."""
    declared = [(served, served.param(name)) for served in types for name in served.compartment]
    references = [(served, param) for served, param in declared if param and param.kind == "reference"]
    return Compartment(
        patient, tuple(row for served, param in references for row in rows(served.name, param))
    )
