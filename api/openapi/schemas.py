"""Schemas: the shapes that clients meet. The whole of FHIR's grammar is FHIR's own to publish."""

from typing import Any

from models.errors import Refused
from models.resource_types import TYPES
from models.resource_types.audit_event import AUDIT_EVENT
from models.resource_types.published import PUBLISHED

SPECIFICATION = "https://hl7.org/fhir/R4"
ID = {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"}
TEXT: dict[str, Any] = {"type": "string"}
SERVED = {**TYPES, **PUBLISHED, AUDIT_EVENT.name: AUDIT_EVENT}
SEVERITIES = ("fatal", "error", "warning", "information")


def schemas() -> dict[str, Any]:
    """components.schemas: a schema a resource type, and those of the answers."""
    return {name: _resource(name, served.about) for name, served in SERVED.items()} | {
        "Meta": _meta(),
        "OperationOutcome": _outcome(),
        "Bundle": _bundle(),
        "Parameters": _resource("Parameters", "What an operation gives."),
        "CapabilityStatement": _resource("CapabilityStatement", "What this server does."),
    }


def ref(name: str) -> dict[str, str]:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def _resource(name: str, about: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "description": f"{about} Every element of FHIR R4 may stand in it; numbers keep their digits.",
        "externalDocs": {"url": f"{SPECIFICATION}/{name.lower()}.html"},
        "required": ["resourceType"],
        "properties": {"resourceType": {"const": name}, "id": ID, "meta": ref("Meta"), **properties},
    }


def _meta() -> dict[str, Any]:
    coding = {"type": "object", "properties": {"system": TEXT, "code": TEXT, "display": TEXT}}
    return {
        "type": "object",
        "properties": {
            "versionId": {"type": "string", "description": "Counts from 1; the service gives it."},
            "lastUpdated": {
                "type": "string",
                "format": "date-time",
                "description": "The instant of commit, to the microsecond; strictly increasing over all resources.",
            },
            "profile": {"type": "array", "items": TEXT},
            "tag": {"type": "array", "items": coding},
        },
    }


def _outcome() -> dict[str, Any]:
    codes = sorted({kind.code for kind in Refused.__subclasses__()} | {"business-rule", "informational"})
    details = {"coding": {"type": "array", "items": {"type": "object"}}, "text": TEXT}
    issue = {
        "type": "object",
        "required": ["severity", "code"],
        "properties": {
            "severity": {"enum": list(SEVERITIES)},
            "code": {"type": "string", "description": "An IssueType of FHIR.", "examples": codes},
            "details": {
                "type": "object",
                "description": "What is wrong in a sentence (`text`), and the rule that was broken (`coding`).",
                "properties": details,
            },
            "diagnostics": {
                "type": "string",
                "description": "`Observation/{id}` of an alert that was raised.",
            },
            "expression": {"type": "array", "items": TEXT, "description": "The element, as FHIRPath."},
        },
    }
    return {
        "type": "object",
        "description": "What went wrong, or which alerts a write raised: one issue a finding.",
        "externalDocs": {"url": f"{SPECIFICATION}/operationoutcome.html"},
        "required": ["resourceType", "issue"],
        "properties": {
            "resourceType": {"const": "OperationOutcome"},
            "issue": {"type": "array", "items": issue},
        },
    }


def _bundle() -> dict[str, Any]:
    kinds = [
        "batch",
        "transaction",
        "collection",
        "searchset",
        "history",
        "batch-response",
        "transaction-response",
    ]
    link = {
        "type": "object",
        "required": ["relation", "url"],
        "properties": {"relation": {"type": "string", "examples": ["self", "next", "monitor"]}, "url": TEXT},
    }
    entry = {
        "type": "object",
        "properties": {
            "fullUrl": TEXT,
            "resource": {"type": "object"},
            "search": {"type": "object"},
            "request": {"type": "object", "properties": {"method": TEXT, "url": TEXT, "ifNoneExist": TEXT}},
            "response": {"type": "object", "properties": {"status": TEXT, "location": TEXT, "outcome": {}}},
        },
    }
    return _resource(
        "Bundle",
        "Several resources.",
        type={"enum": kinds},
        total={"type": "integer"},
        link={"type": "array", "items": link},
        entry={"type": "array", "items": entry},
    )
