"""What this service publishes about itself: codes, value sets, the profile of alerts, the hash of audit events,
operations, the rules, search parameters, the compartment; all made from tables."""

from typing import Any

from service.conformance.audit_hash import audit_hash
from service.conformance.codes import SYSTEMS, code_system
from service.conformance.compartment import compartment_definition
from service.conformance.operations import OPERATIONS, operation_definition
from service.conformance.plan_definitions import plan_definition
from service.conformance.profile import structure_definition
from service.conformance.search_parameters import search_parameters
from service.conformance.value_sets import SETS, value_set
from service.ruleset import Ruleset, describe

Published = dict[tuple[str, str], dict[str, Any]]


def published(rules: Ruleset) -> Published:
    """Every conformance resource by type and id (https://hl7.org/fhir/R4/conformance-module.html)."""
    made = (
        *map(code_system, SYSTEMS),
        *map(value_set, SETS),
        structure_definition(),
        audit_hash(),
        *map(operation_definition, OPERATIONS),
        *map(plan_definition, describe(rules)),
        *search_parameters(),
        compartment_definition(),
    )
    return {(one["resourceType"], one["id"]): one for one in made}
