"""The CapabilityStatement (https://hl7.org/fhir/R4/capabilitystatement.html), derived from the tables."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.answers import fhir_document
from api.operations import named as operations
from api.service import base
from models.fhir.profiles import PROFILES
from models.resource_types import COMMON, TYPES, ResourceType, SearchParam
from models.resource_types.published import PUBLISHED as READ_ONLY

PUBLISHED = "2026-11-22"
VERSION = "0.1.0"
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
                "resource": [
                    *map(_resource, TYPES.values()),
                    *map(_published, READ_ONLY.values()),
                ],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
                "operation": [*operations.at(operations.SYSTEM)],
            }
        ],
    }


def _resource(served: ResourceType) -> dict[str, Any]:
    profiles = [*PROFILES.get(served.name, ())]
    return {
        "type": served.name,
        **({"supportedProfile": profiles} if profiles else {}),
        "documentation": served.about,
        "interaction": [{"code": code} for code in INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "searchParam": [*map(_param, (*served.params, *COMMON))],
        "operation": [*operations.at(served.name, operations.EVERY)],
    }


def _published(served: ResourceType) -> dict[str, Any]:
    """What this service publishes about itself is read-only and has no versions but the current one."""
    return {
        "type": served.name,
        "documentation": served.about,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "searchParam": [*map(_param, served.params)],
    }


def _param(param: SearchParam) -> dict[str, str]:
    kind = {"_id": "token", "_lastUpdated": "date"}.get(param.name, param.fhir_type)
    return {"name": param.name, "type": kind, "documentation": param.about}
