"""Bodies that are Parameters, and patches: their two media types, each with a patch to try."""

from collections.abc import Mapping
from typing import Any

from api.exchange import FHIR_JSON
from api.openapi.schemas import ref
from models.patch import fhirpath_patch, json_patch

AMENDED: tuple[dict[str, Any], ...] = (
    {"op": "test", "path": "/status", "value": "final"},
    {"op": "replace", "path": "/status", "value": "amended"},
)
RETRACTED: Mapping[str, Any] = {
    "resourceType": "Parameters",
    "parameter": [
        {
            "name": "operation",
            "part": [
                {"name": "type", "valueCode": "replace"},
                {"name": "path", "valueString": "Observation.status"},
                {"name": "value", "valueCode": "entered-in-error"},
            ],
        }
    ],
}
CONTENT: Mapping[str, Any] = {
    json_patch.MEDIA_TYPE: {
        "schema": ref("JsonPatch"),
        "examples": {"amend": {"summary": "Amend a final reading", "value": [*AMENDED]}},
    },
    FHIR_JSON: {
        "schema": ref("Parameters"),
        "examples": {"retract": {"summary": "Take a reading back", "value": RETRACTED}},
    },
}


def asked(values: Mapping[str, tuple[str, Any]]) -> dict[str, Any]:
    """The body of an operation that can do without one: Parameters of these names."""
    listed = [{"name": name, kind: value} for name, (kind, value) in values.items()]
    shown = {"resourceType": "Parameters", "parameter": listed}
    examples = {"asked": {"summary": "Every parameter, each of which may be left out", "value": shown}}
    return {"content": {FHIR_JSON: {"schema": ref("Parameters"), "examples": examples}}}


def schemas() -> dict[str, Any]:
    """Schemas of the two kinds of patch."""
    operation = {
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": {"enum": [*json_patch.OPERATIONS]},
            "path": {
                "type": "string",
                "description": "A JSON Pointer, such as `/component/0/valueQuantity/value`.",
            },
            "from": {"type": "string"},
            "value": {},
        },
    }
    kinds = ", ".join(fhirpath_patch.OPERATIONS)
    return {
        "JsonPatch": {"type": "array", "minItems": 1, "items": operation},
        "Parameters": {
            "type": "object",
            "description": "What an operation is asked or answers. A patch has parameters named `operation`, each with "
            f"a type ({kinds}), a path and what that needs.",
            "required": ["resourceType", "parameter"],
            "properties": {
                "resourceType": {"const": "Parameters"},
                "parameter": {"type": "array", "minItems": 1, "items": {"type": "object"}},
            },
        },
    }
