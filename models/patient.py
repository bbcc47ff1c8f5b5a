"""One key for one patient, whichever way a resource names its subject."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from models.fhir.references import target_type

_VERSION = re.compile(r"/_history/[^/]*$")
BY_IDENTIFIER = "Patient?identifier="
"""How the key of a patient begins of whom only an identifier is known."""
LONGEST = 1_000
"""Octets of a patient key; a B-tree entry has no room for much more."""


def local(reference: str, bases: Sequence[str]) -> str:
    """`reference` without version, and relative where it points into one of our own `bases`."""
    reference = _VERSION.sub("", reference)
    for base in bases:
        if reference.startswith(base + "/"):
            return reference[len(base) + 1 :]
    return reference


def patient_key(subject: Any, bases: Sequence[str]) -> str:
    """The key of the patient that a Reference names, "" where it names none.

    `Patient/p1` for a local reference, the URL for a foreign one, `Patient?identifier=system|value` for a
    reference by identifier alone (https://hl7.org/fhir/R4/references.html#logical). Of several references, as
    Provenance.target holds them, the first that leads to a Patient.
    """
    if isinstance(subject, list):
        return next((key for key in (patient_key(one, bases) for one in subject) if _leads_to(key)), "")
    if not isinstance(subject, Mapping):
        return ""
    reference = subject.get("reference")
    if isinstance(reference, str) and reference and not reference.startswith("#"):
        return local(reference, bases)
    identifier = subject.get("identifier")
    if isinstance(identifier, Mapping) and identifier.get("value"):
        return identifier_key(identifier.get("system", ""), identifier["value"])
    return ""


def _leads_to(key: str) -> bool:
    """Whether a key certainly is a Patient's: among several references others stand as well."""
    return target_type(key) == "Patient" and not key.startswith(BY_IDENTIFIER)


def identifier_key(system: str, value: str) -> str:
    """The key of a patient of whom only an identifier is known."""
    return f"{BY_IDENTIFIER}{quote(system, safe=':/.-_~')}|{quote(value, safe=':/.-_~')}"


def identifier_keys(patient: Mapping[str, Any]) -> set[str]:
    """The keys that a Patient's identifiers make."""
    return {
        identifier_key(item.get("system", ""), item["value"])
        for item in patient.get("identifier", [])
        if item.get("value")
    }


def identifier_of(key: str) -> tuple[str, str]:
    """(system, value) of such a key."""
    system, _, value = key.removeprefix(BY_IDENTIFIER).rpartition("|")
    return unquote(system), unquote(value)


def subject_of(key: str) -> dict[str, Any]:
    """The Reference that stands for a patient key: the way back from `patient_key`."""
    if key.startswith(BY_IDENTIFIER):
        system, value = identifier_of(key)
        named = {"system": system} if system else {}
        return {"type": "Patient", "identifier": {**named, "value": value}}
    return {"reference": key}
