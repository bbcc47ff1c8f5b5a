"""The values that each primitive type of FHIR R4 may hold: https://hl7.org/fhir/R4/datatypes.html#primitive.

Numbers arrive as `int` or `decimal.Decimal` (`models.fhir.codec`).
"""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from models.fhir.times import DATE, DATE_TIME, INSTANT, TIME, exists

MAX_STRING = 1024 * 1024
"""Characters a string may have: https://hl7.org/fhir/R4/datatypes.html#string."""

MAX_MAGNITUDE = 300
"""Powers of ten a decimal may reach either way; beyond, no double holds it and arithmetic becomes costly."""

LARGEST_DECIMAL: int = 10**MAX_MAGNITUDE

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
CODE = re.compile(r"\S+(?:\s\S+)*")
IDENTIFIER = re.compile(r"[A-Za-z0-9\-.]{1,64}")
OID = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+")
UUID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
URI = re.compile(r"\S+")
BASE64 = re.compile(r"[0-9A-Za-z+/]*={0,2}")
SPACES = re.compile(r"\s+")


class Primitive(NamedTuple):
    """`test` says whether a value is allowed, `advice` what to send instead."""

    test: Callable[[object], bool]
    advice: str


def show(value: object) -> str:
    """A value in few printable characters, for a sentence."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    short = value[:60] if isinstance(value, str) else value
    text = str(value) if isinstance(value, Decimal) else json.dumps(short, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def _text(value: object) -> bool:
    return (
        isinstance(value, str)
        and bool(value.strip())
        and len(value) <= MAX_STRING
        and not CONTROL.search(value)
    )


def _matching(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    def test(value: object) -> bool:
        return isinstance(value, str) and bool(pattern.fullmatch(value)) and not CONTROL.search(value)

    return test


def _dated(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    def test(value: object) -> bool:
        return isinstance(value, str) and bool(pattern.fullmatch(value)) and exists(value)

    return test


def _between(least: int, most: int) -> Callable[[object], bool]:
    def test(value: object) -> bool:
        return type(value) is int and least <= value <= most

    return test


def _decimal(value: object) -> bool:
    if type(value) is int:
        return -LARGEST_DECIMAL < value < LARGEST_DECIMAL
    return isinstance(value, Decimal) and abs(value.adjusted()) <= MAX_MAGNITUDE


def _base64(value: object) -> bool:
    if not isinstance(value, str):
        return False
    packed = SPACES.sub("", value)
    return bool(packed) and len(packed) % 4 == 0 and bool(BASE64.fullmatch(packed))


def _boolean(value: object) -> bool:
    return isinstance(value, bool)


LARGEST = 2**31 - 1
STRING_ADVICE = "text that is not blank and has no control characters"
URI_ADVICE = "a URI without spaces"

PRIMITIVES: dict[str, Primitive] = {
    "boolean": Primitive(_boolean, "true or false without quotes"),
    "integer": Primitive(_between(-LARGEST - 1, LARGEST), "a whole number of 32 bits without quotes"),
    "positiveInt": Primitive(_between(1, LARGEST), "a whole number above 0 without quotes"),
    "unsignedInt": Primitive(_between(0, LARGEST), "a whole number from 0 on without quotes"),
    "decimal": Primitive(_decimal, "a number such as 120.5, without quotes, below 1E300"),
    "string": Primitive(_text, STRING_ADVICE),
    "markdown": Primitive(_text, STRING_ADVICE),
    "xhtml": Primitive(_text, "a <div> of XHTML"),
    "code": Primitive(_matching(CODE), "a code without blanks at its ends or double blanks"),
    "id": Primitive(_matching(IDENTIFIER), "1 to 64 letters, digits, `-` or `.`"),
    "uri": Primitive(_matching(URI), URI_ADVICE),
    "url": Primitive(_matching(URI), URI_ADVICE),
    "canonical": Primitive(_matching(URI), URI_ADVICE),
    "oid": Primitive(_matching(OID), "an OID such as urn:oid:1.2.3"),
    "uuid": Primitive(_matching(UUID), "a UUID such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520"),
    "base64Binary": Primitive(_base64, "base64 text"),
    "date": Primitive(_dated(DATE), "a date of the calendar such as 2026-11-22, 2026-11 or 2026"),
    "dateTime": Primitive(
        _dated(DATE_TIME), "a dateTime of the calendar such as 2026-11-22T08:30:00+01:00 or 2026-11-22"
    ),
    "instant": Primitive(
        _dated(INSTANT), "an instant of the calendar to the second with a zone, such as 2026-11-22T08:30:00Z"
    ),
    "time": Primitive(_matching(TIME), "a time of day such as 08:30:00"),
}
"""Every primitive type; a URI may also hold what RFC 3986 would want escaped, as R4's own rule does."""
