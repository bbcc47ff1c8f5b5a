"""Provenance: who made or changed what, and when.

It has no subject. It belongs to the first Patient among its targets, and to nobody where it names none.
"""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import AGENTS

PROVENANCE = ResourceType(
    "Provenance",
    "Who made or changed what, and when.",
    (
        SearchParam(
            "target",
            "reference",
            "target",
            "What it tells the origin of: Type/id or an absolute URL.",
            rare=True,
            example="Observation/bp-42",
        ),
        SearchParam(
            "patient",
            "reference",
            "target",
            "A Patient that it tells the origin of.",
            targets=("Patient",),
            rare=True,
            example="Patient/p1",
        ),
        SearchParam("agent", "reference", "agent.who", "Who took part.", AGENTS, example="Practitioner/n1"),
        SearchParam("agent-type", "token", "agent.type", "author, transmitter ...", example="author"),
        SearchParam("agent-role", "token", "agent.role", "The part played.", example="AUT"),
        SearchParam("entity", "reference", "entity.what", "What was used.", example="DocumentReference/d1"),
        SearchParam(
            "location",
            "reference",
            "location",
            "Where it happened.",
            targets=("Location",),
            example="Location/ward-3",
        ),
        SearchParam(
            "recorded", "date", "recorded", "When it was recorded, with a prefix.", example="ge2026-11-22"
        ),
        SearchParam("when", "date", "occurredDateTime", "When it was done.", example="ge2026-11-22"),
        SearchParam("signature-type", "token", "signature.type", "What a signature means.", example="AUT"),
    ),
    subject="target",
    compartment=("patient",),
)
