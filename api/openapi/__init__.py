"""The OpenAPI document (https://spec.openapis.org/oas/v3.1.1.html), derived from the tables of routes and types."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from api.capability import VERSION
from api.openapi import hooks, parameters, patches, responses, security, tokens
from api.openapi.introduction import INTRODUCTION, TAGS
from api.openapi.operations import OPERATIONS, PLAIN, Operation, answers, body, parameter_list
from api.openapi.schemas import SPECIFICATION, schemas
from api.routes import AUTH, CDS, FHIR, NAMED, PUBLISHED, Address
from api.routes import PLAIN as PLAIN_ROUTES
from models.errors import BadRequest
from models.examples import EXAMPLES, Example
from models.resource_types import TYPES, ResourceType
from models.resource_types.audit_event import AUDIT_EVENT
from models.resource_types.published import PUBLISHED as PUBLISHED_TYPES


def document(root: str = "/") -> dict[str, Any]:
    """The document; `root` is where the service stands, as its reader reaches it."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Clonidine Watch",
            "version": VERSION,
            "summary": "Post readings of patients on clonidine, poll the alerts.",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "externalDocs": {"description": "FHIR R4", "url": f"{SPECIFICATION}/http.html"},
        "servers": [{"url": root}],
        "tags": [
            *map(_tag, (*TYPES.values(), *PUBLISHED_TYPES.values(), AUDIT_EVENT)),
            *({"name": name, "description": about} for name, about in TAGS.items()),
        ],
        "security": security.EVERYWHERE,
        "paths": _paths(),
        "components": {
            "schemas": schemas() | patches.schemas() | hooks.schemas() | tokens.schemas(),
            "parameters": parameters.shared(),
            "headers": responses.headers(),
            "responses": responses.shared(),
            "securitySchemes": security.SCHEMES,
            "examples": {item.name: _example(item) for item in EXAMPLES},
        },
    }  # fmt: skip


def _tag(served: ResourceType) -> dict[str, Any]:
    url = f"{SPECIFICATION}/{served.name.lower()}.html"
    return {
        "name": served.name,
        "description": served.about,
        "externalDocs": {"description": "FHIR R4", "url": url},
    }


def _example(item: Example) -> dict[str, Any]:
    raised = f" Raises {', '.join(f'`{rule}`' for rule in item.raises)}." if item.raises else ""
    return {"summary": item.summary, "description": item.about + raised, "value": json.loads(item.text)}


def _paths() -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    order = [*OPERATIONS, *PLAIN]
    for path, method, name, served in sorted(operations(), key=lambda found: order.index(found[2])):
        known = OPERATIONS.get(name) or PLAIN[name]
        made.setdefault(path, {})[method.lower()] = _operation(name, known, served)
    return made


def operations() -> Iterator[tuple[str, str, str, ResourceType | None]]:
    """(path, method, interaction, type) of every route; those with a placeholder for the type once a type."""
    for address in (*FHIR, *PUBLISHED, *NAMED):
        if address.path.endswith("/"):
            continue
        for served in _served(address):
            path = re.sub("{(type|published)}", served.name if served else "", f"/fhir{address.path}")
            for method, interaction in address.methods.items():
                yield path, method, interaction.__name__, served
    for address in (*CDS, *AUTH):
        for method, interaction in address.methods.items():
            yield address.path, method, interaction.__name__, None
    for path, answer in PLAIN_ROUTES.items():
        yield path, "GET", answer.__name__, None


def _served(address: Address) -> Iterable[ResourceType | None]:
    """The types that a placeholder in a path stands for; None where there is no placeholder."""
    if "{type}" not in address.path and "{published}" not in address.path:
        return (None,)
    return [{**TYPES, **PUBLISHED_TYPES}[name] for name in address.types]


def _operation(name: str, known: Operation, served: ResourceType | None) -> dict[str, Any]:
    type = served.name if served else ""
    made: dict[str, Any] = {
        "operationId": known.id.format(type=type),
        "summary": known.summary.format(a="an" if type[:1] in "AEIOU" else "a", type=type),
        "description": " ".join(filter(None, [known.about, security.told(name, type)])),
        "tags": [type or known.tag or "Service"],
    }
    if listed := parameter_list(name, known, served):
        made["parameters"] = listed
    if known.bodies:
        made["requestBody"] = body(known, served)
    refused = (
        responses.refusals((*known.refusals, *security.refusals(name), BadRequest)) if known.refusals else {}
    )
    return {**made, **security.of(name), "responses": refused | answers(known, served)}
