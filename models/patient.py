"""One key for one patient, whichever way a resource names its subject."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

_VERSION = re.compile(r"/_history/[^/]*$")
_IDENTIFIER = "Patient?identifier="


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
    reference by identifier alone (https://hl7.org/fhir/R4/references.html#logical).
    """
    if not isinstance(subject, Mapping):
        return ""
    reference = subject.get("reference")
    if isinstance(reference, str) and reference and not reference.startswith("#"):
        return local(reference, bases)
    identifier = subject.get("identifier")
    if isinstance(identifier, Mapping) and identifier.get("value"):
        system = quote(identifier.get("system", ""), safe=":/.-_~")
        return f"{_IDENTIFIER}{system}|{quote(identifier['value'], safe=':/.-_~')}"
    return ""


def subject_of(key: str) -> dict[str, Any]:
    """The Reference that stands for a patient key: the way back from `patient_key`."""
    if key.startswith(_IDENTIFIER):
        system, _, value = key.removeprefix(_IDENTIFIER).rpartition("|")
        identifier = {"system": unquote(system)} if system else {}
        return {"type": "Patient", "identifier": {**identifier, "value": unquote(value)}}
    return {"reference": key}
