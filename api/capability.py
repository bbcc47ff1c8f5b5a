"""The CapabilityStatement (https://hl7.org/fhir/R4/capabilitystatement.html), derived from the tables."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.answers import fhir
from api.auth.endpoint import token_endpoint
from api.conditional import not_modified
from api.exchange import PATCHES
from api.operations import named as operations
from api.service import base, service
from api.subset import asked
from models.etags import tags
from models.fhir.codec import dump
from models.fhir.profiles import PROFILES
from models.resource_types import COMMON, TYPES, ResourceType, SearchParam
from models.resource_types.audit_event import AUDIT_EVENT
from models.resource_types.definitions import definition
from models.resource_types.published import PUBLISHED as READ_ONLY
from models.search.includes import references
from service.delivery.subscription import BACKPORT, TOPIC

PUBLISHED = "2026-11-24"
VERSION = "0.1.0"
OPEN = "WARNING: this server runs with AUTH=none: everybody who reaches it may read and write everything."
SECURITY_SERVICES = "http://terminology.hl7.org/CodeSystem/restful-security-service"
OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_BUNDLES = "Posted to the base as batch or transaction, to $evaluate as collection; none is kept."
INTERACTIONS = (
    "read",
    "vread",
    "update",
    "patch",
    "delete",
    "history-instance",
    "history-type",
    "create",
    "search-type",
)


async def metadata(request: Request) -> Response:
    """GET /metadata; 304 for a client that has it already."""
    authority = service(request).authority
    text, about = _published(base(request), token_endpoint(authority) if authority else "")
    subset, same = asked(request), lambda given: bool({"*", _tag(text)} & tags(given))
    return not_modified(request, about, same) or fhir(subset.shown(text), 200, about)


@lru_cache(maxsize=100)
def _published(base: str, tokens: str) -> tuple[str, dict[str, str]]:
    """The text, and the headers about it; a cache may keep it and has to ask whether it is still current."""
    text = dump(statement(base, tokens)).decode()
    published = datetime.fromisoformat(f"{PUBLISHED}T00:00:00+00:00")
    return text, {
        "ETag": f'W/"{_tag(text)}"',
        "Last-Modified": format_datetime(published, usegmt=True),
        "Cache-Control": "no-cache",
    }


def _tag(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def statement(base: str, tokens: str = "") -> dict[str, Any]:
    """What this server does, and nothing that it does not; `tokens` is where they are had, "" where none are asked."""
    about = "Watches patients on clonidine and raises alerts"
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": PUBLISHED,
        "kind": "instance",
        "software": {"name": "Clonidine Watch", "version": VERSION},
        "implementation": {"description": about if tokens else f"{about}. {OPEN}", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": [*PATCHES],
        "rest": [
            {
                "mode": "server",
                "documentation": "Alert Observations are raised by the service and read-only for clients. "
                "The last page of a search in the order of _lastUpdated carries a link `monitor` to poll on from.",
                "security": _security(tokens),
                "resource": [
                    *map(_resource, TYPES.values()),
                    *map(_read_only, (*READ_ONLY.values(), AUDIT_EVENT)),
                    {"type": "Bundle", "documentation": _BUNDLES, "operation": [*operations.at("Bundle")]},
                ],
                "compartment": ["http://hl7.org/fhir/CompartmentDefinition/patient"],
                "interaction": [
                    {"code": code} for code in ("transaction", "batch", "history-system", "search-system")
                ],
                "operation": [*operations.at(operations.SYSTEM)],
            }
        ],
    }


def _security(tokens: str) -> dict[str, Any]:
    """https://hl7.org/fhir/smart-app-launch/conformance.html."""
    if not tokens:
        return {"description": OPEN}
    coding = {"system": SECURITY_SERVICES, "code": "SMART-on-FHIR", "display": "SMART-on-FHIR"}
    return {
        "extension": [{"url": OAUTH_URIS, "extension": [{"url": "token", "valueUri": tokens}]}],
        "service": [
            {
                "coding": [coding],
                "text": "OAuth2 using SMART-on-FHIR profile (see http://docs.smarthealthit.org)",
            }
        ],
        "description": "SMART App Launch 2, backend services: a bearer token whose scopes are system/[type].[cruds], "
        "each narrowed by the search parameters behind it; .well-known/smart-configuration tells where to get one.",
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
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        **_TOPICS.get(served.name, {}),
        **_includes(served.name),
        "searchParam": [_param(served.name, param) for param in (*served.params, *COMMON)],
        "operation": [*operations.at(served.name, operations.EVERY)],
    }


_TOPICS: Mapping[str, dict[str, Any]] = {
    "Subscription": {
        "extension": [
            {
                "url": f"{BACKPORT}capabilitystatement-subscriptiontopic-canonical",
                "valueCanonical": TOPIC,
            }
        ]
    }
}
"""The topics that can be subscribed to, as the R5 Subscriptions Backport has servers of R4 list them."""


def _includes(type: str) -> dict[str, list[str]]:
    """What may come along with resources of a type; an empty list is no JSON of FHIR's."""
    found = {
        "searchInclude": [f"{type}:{param.name}" for param in references(type)],
        "searchRevInclude": [
            f"{name}:{param.name}" for name in TYPES for param in references(name) if param.refers_to(type)
        ],
    }
    return {key: value for key, value in found.items() if value}


def _read_only(served: ResourceType) -> dict[str, Any]:
    """What this service publishes about itself is read-only and has no versions but the current one."""
    return {
        "type": served.name,
        "documentation": served.about,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "searchParam": [_param(served.name, param) for param in served.params],
    }


def _param(type: str, param: SearchParam) -> dict[str, str]:
    return {
        "name": param.name,
        "definition": definition(type, param.name),
        "type": param.fhir_type,
        "documentation": param.about,
    }
