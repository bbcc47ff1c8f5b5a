"""JSON schemas of primitive values for the gate: each allows a part of what `models.fhir.primitives` allows.

The patterns are for a regular expression engine without look-around, and match whole texts.
"""

from models.fhir.laws import Schema
from models.fhir.names import RESOURCE_TYPES

IDENTIFIER = "[A-Za-z0-9.-]{1,64}"
UUID = "urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

DAY = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
"""Month and day; 29 February is left to the walk."""

DATE = f"(?:19|20)[0-9]{{2}}-{DAY}"
CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,9})?"
INSTANT = f"{DATE}T{CLOCK}(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])"
VISIBLE = "[!-~\u00c0-\u024f]"
"""Characters that are neither blank nor control characters, in ASCII and Latin letters."""

MAX_TEXT = 10_000
LARGEST = 2**31 - 1


def _text(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


def _whole(least: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": LARGEST, "whole": True}


STRING: Schema = {
    "type": "string",
    "pattern": f"^{VISIBLE}[^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$",
    "maxLength": MAX_TEXT,
}
URI = _text("[!-~]+")

VALUES: dict[str, Schema] = {
    "boolean": {"type": "boolean"},
    "integer": _whole(-LARGEST - 1),
    "positiveInt": _whole(1),
    "unsignedInt": _whole(0),
    "decimal": {"type": "number", "minimum": 0.001, "maximum": 1e9},
    "string": STRING,
    "markdown": STRING,
    "code": _text("[!-~]+(?: [!-~]+)*"),
    "id": _text(IDENTIFIER),
    "uri": URI,
    "url": URI,
    "canonical": URI,
    "date": _text(DATE),
    "dateTime": _text(f"{DATE}|{INSTANT}"),
    "instant": _text(INSTANT),
    "time": _text(CLOCK),
}
"""Primitive types of the subset; the others are left to the walk."""


def literal(targets: tuple[str, ...]) -> str:
    """The pattern of a literal reference to one of the types, relative, on a server, or as a UUID."""
    anything = not targets or "Resource" in targets or "Any" in targets
    types = "|".join(sorted(RESOURCE_TYPES if anything else RESOURCE_TYPES.intersection(targets)))
    server = "https?://[A-Za-z0-9.:-]+/(?:[A-Za-z0-9._~-]+/)*"
    return f"^(?:(?:{server})?(?:{types})/{IDENTIFIER}(?:/_history/{IDENTIFIER})?|{UUID})$"
