"""What this service publishes about its own alerts: codes, value sets, the profile; all made from the tables."""

from typing import Any

from service.conformance.codes import SYSTEMS, code_system
from service.conformance.operations import OPERATIONS, operation_definition
from service.conformance.profile import structure_definition
from service.conformance.value_sets import SETS, value_set

PUBLISHED: dict[tuple[str, str], dict[str, Any]] = {
    (made["resourceType"], made["id"]): made
    for made in (
        *map(code_system, SYSTEMS),
        *map(value_set, SETS),
        structure_definition(),
        *map(operation_definition, OPERATIONS),
    )
}
"""Every conformance resource by type and id (https://hl7.org/fhir/R4/conformance-module.html)."""
