"""The CapabilityStatement (https://hl7.org/fhir/R4/capabilitystatement.html), derived from the tables."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.answers import fhir_document
from api.service import base
from models.resource_types import COMMON, TYPES, ResourceType
from models.search.includes import references

PUBLISHED = "2026-11-22"
VERSION = "0.1.0"
OPERATIONS = "https://clonidine-watch.org/fhir/OperationDefinition/"
INTERACTIONS = ("read", "vread", "update", "delete", "history-instance", "create", "search-type")


async def metadata(request: Request) -> Response:
    """GET /metadata."""
    return fhir_document(statement(base(request)))


def statement(base: str) -> dict[str, Any]:
    """What this server does, and nothing that it does not."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": PUBLISHED,
        "kind": "instance",
        "software": {"name": "Clonidine Watch", "version": VERSION},
        "implementation": {"description": "Watches patients on clonidine and raises alerts", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": "Alert Observations are raised by the service and read-only for clients. "
                "The last page of a search in the order of _lastUpdated carries a link `monitor` to poll on from.",
                "resource": [_resource(served) for served in TYPES.values()],
                "interaction": [{"code": "transaction"}, {"code": "batch"}, {"code": "search-system"}],
                "operation": [{"name": "evaluate", "definition": f"{OPERATIONS}evaluate"}],
            }
        ],
    }


def _resource(served: ResourceType) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": served.name,
        "documentation": served.about,
        "interaction": [{"code": code} for code in INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "searchInclude": [f"{served.name}:{param.name}" for param in references(served.name)],
        "searchRevInclude": [
            f"{name}:{param.name}"
            for name in TYPES
            for param in references(name)
            if param.refers_to(served.name)
        ],
        "searchParam": [
            {
                "name": param.name,
                "type": param.fhir_type,
                "documentation": param.about,
            }
            for param in (*served.params, *COMMON)
        ],
    }
    made = {key: value for key, value in made.items() if value != []}
    if served.name == "Observation":
        made["operation"] = [{"name": "submit", "definition": f"{OPERATIONS}submit"}]
    return made
