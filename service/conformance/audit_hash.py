"""The extension at the end of an AuditEvent as a StructureDefinition: its place in the chain of hashes."""

from typing import Any

from models.store.chain import HASH
from service.conformance.heading import heading

BASE = "http://hl7.org/fhir/StructureDefinition/Extension"


def audit_hash() -> dict[str, Any]:
    """The StructureDefinition resource."""
    about = (
        "SHA-256, as hexadecimal digits, of the hash of the event before, a line feed, and this event's text as it is "
        "served without this extension; for the first event the hash before is empty."
    )
    return {
        **heading("StructureDefinition", HASH.rpartition("/")[2], "Hash of an event in its chain", about),
        "fhirVersion": "4.0.1",
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": "element", "expression": "AuditEvent"}],
        "type": "Extension",
        "baseDefinition": BASE,
        "derivation": "constraint",
        "differential": {
            "element": [
                {"id": "Extension", "path": "Extension", "min": 1, "max": "1"},
                {"id": "Extension.extension", "path": "Extension.extension", "max": "0"},
                {"id": "Extension.url", "path": "Extension.url", "fixedUri": HASH},
                {
                    "id": "Extension.value[x]",
                    "path": "Extension.value[x]",
                    "min": 1,
                    "type": [{"code": "string"}],
                },
            ]
        },
    }
