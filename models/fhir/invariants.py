"""Every invariant that a node can break by itself, by the library's name of its type."""

from models.fhir.datatype_laws import DATATYPE_LAWS
from models.fhir.laws import Law
from models.fhir.resource_laws import RESOURCE_LAWS

INVARIANTS: dict[str, tuple[Law, ...]] = {**DATATYPE_LAWS, **RESOURCE_LAWS}
