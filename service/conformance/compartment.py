"""The patient's compartment as it is served (https://hl7.org/fhir/R4/compartmentdefinition.html)."""

from typing import Any

from models.resource_types import TYPES
from service.conformance.heading import heading

ABOUT = (
    "What belongs to a patient, of the types that are served here: "
    "http://hl7.org/fhir/CompartmentDefinition/patient as FHIR R4 defines it."
)


def compartment_definition() -> dict[str, Any]:
    """The CompartmentDefinition resource; a type without parameters is never in the compartment."""
    return {
        **heading("CompartmentDefinition", "patient", "", ABOUT),
        "code": "Patient",
        "search": True,
        "resource": [
            {"code": name, **({"param": [*served.compartment]} if served.compartment else {})}
            for name, served in TYPES.items()
        ],
    }
