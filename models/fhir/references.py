"""What a literal reference may look like: https://hl7.org/fhir/R4/references.html#literal."""

import re

from models.fhir.names import RESOURCE_TYPES

IDENTIFIER = r"[A-Za-z0-9\-.]{1,64}"
RELATIVE = re.compile(rf"([A-Za-z]+)/{IDENTIFIER}(?:/_history/{IDENTIFIER})?")
ON_A_SERVER = re.compile(
    rf"https?://[^\s/?#]+/(?:\S*/)?([A-Z][A-Za-z]+)/{IDENTIFIER}(?:/_history/{IDENTIFIER})?"
)
ABSOLUTE = re.compile(r"https?://[^\s/?#]+(?:[/?#]\S*)?")
URN = re.compile(
    r"urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+"
)
CONDITIONAL = re.compile(r"([A-Za-z]+)\?(?!\S*%00)\S+")
"""No database keeps a NUL character, so none can be searched for."""
LOCAL = re.compile(rf"#(?:{IDENTIFIER})?")

ADVICE = (
    "Patient/123, https://host/Patient/123, urn:uuid:…, #contained or, in a transaction, Patient?identifier=…"
)


def is_literal(text: str) -> bool:
    """Whether the text can refer to a resource at all; types other than R4's do not."""
    named = RELATIVE.fullmatch(text) or CONDITIONAL.fullmatch(text)
    if named:
        return named[1] in RESOURCE_TYPES
    return any(form.fullmatch(text) for form in (ABSOLUTE, URN, LOCAL))


def target_type(text: str) -> str:
    """The resource type that a literal reference names, or "" where it names none."""
    named = RELATIVE.fullmatch(text) or CONDITIONAL.fullmatch(text) or ON_A_SERVER.fullmatch(text)
    return named[1] if named and named[1] in RESOURCE_TYPES else ""
