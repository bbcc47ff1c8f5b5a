"""What this service publishes about itself: codes, value sets, the profile of alerts, operations, search parameters,
the compartment; all made from the tables."""

from typing import Any

from service.conformance.codes import SYSTEMS, code_system
from service.conformance.compartment import compartment_definition
from service.conformance.operations import OPERATIONS, operation_definition
from service.conformance.profile import structure_definition
from service.conformance.search_parameters import search_parameters
from service.conformance.value_sets import SETS, value_set

PUBLISHED: dict[tuple[str, str], dict[str, Any]] = {
    (made["resourceType"], made["id"]): made
    for made in (
        *map(code_system, SYSTEMS),
        *map(value_set, SETS),
        structure_definition(),
        *map(operation_definition, OPERATIONS),
        *search_parameters(),
        compartment_definition(),
    )
}
"""Every conformance resource by type and id (https://hl7.org/fhir/R4/conformance-module.html)."""
