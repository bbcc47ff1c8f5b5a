"""What every conformance resource begins with."""

from typing import Any

from service.record.codes import ROOT
from service.ruleset import VERSION

PUBLISHED = "2026-11-22"
PUBLISHER = "Clonidine Watch"


def heading(type: str, id: str, title: str, about: str) -> dict[str, Any]:
    """Type, id, canonical address, version of the ruleset, name, title where the type has one, and what it is for.

    The name is one that programs can use: https://hl7.org/fhir/R4/codesystem.html#invs (csd-0, vsd-0, sdf-0).
    """
    return {
        "resourceType": type,
        "id": id,
        "url": address(type, id),
        "version": VERSION,
        "name": "".join(part.capitalize() for part in id.split("-")),
        **({"title": title} if title else {}),
        "status": "active",
        "experimental": False,
        "date": PUBLISHED,
        "publisher": PUBLISHER,
        "description": about,
    }


def address(type: str, id: str) -> str:
    """The canonical address of one of our own."""
    return f"{ROOT}/{type}/{id}"
