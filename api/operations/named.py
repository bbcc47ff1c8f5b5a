"""The operations that are served, by name, with what defines each (https://hl7.org/fhir/R4/operations.html)."""

from collections.abc import Iterator
from typing import NamedTuple

HL7 = "http://hl7.org/fhir/OperationDefinition/"
OURS = "https://clonidine-watch.org/fhir/OperationDefinition/"
EVERY = "*"
SYSTEM = ""


class Named(NamedTuple):
    """An operation: `type` is the resource type that it is served at, EVERY for all, SYSTEM for none."""

    name: str
    type: str
    definition: str


NAMED = (
    Named("evaluate", SYSTEM, f"{OURS}evaluate"),
    Named("submit", "Observation", f"{OURS}submit"),
    Named("lastn", "Observation", f"{HL7}Observation-lastn"),
    Named("everything", "Patient", f"{HL7}Patient-everything"),
    Named("validate", EVERY, f"{HL7}Resource-validate"),
    Named("meta", EVERY, f"{HL7}Resource-meta"),
)


def at(*types: str) -> Iterator[dict[str, str]]:
    """The operations served at these types, as a CapabilityStatement lists them."""
    for operation in NAMED:
        if operation.type in types:
            yield {"name": operation.name, "definition": operation.definition}
