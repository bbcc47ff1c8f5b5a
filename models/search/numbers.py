"""Numbers and words as text that sorts as they do: exact, and the same on every database."""

import unicodedata
from decimal import Decimal
from functools import lru_cache
from string import digits

FIRST, LAST = "-", "3"
"""Before and behind every number."""
_MIDDLE, _MOST_DIGITS = 50_000, 60
_COMPLEMENT = str.maketrans(digits, digits[::-1])


@lru_cache(maxsize=10_000)
def number_key(value: Decimal | int) -> str:
    """Text whose order is that of the numbers: sign, magnitude, digits; a negative number's turned round."""
    if not Decimal(value).is_finite():
        return FIRST if value < 0 else LAST
    sign, figures, exponent = Decimal(value).as_tuple()
    text = "".join(map(str, figures)).lstrip("0")
    if not text:
        return "1"
    magnitude = _MIDDLE + max(-_MIDDLE, min(len(text) + int(exponent), _MIDDLE - 1))
    key = f"{magnitude:05}{text.rstrip('0')[:_MOST_DIGITS]}"
    return f"0{key.translate(_COMPLEMENT)}~" if sign else f"2{key}"


@lru_cache(maxsize=10_000)
def folded(text: str) -> str:
    """Without case and accents, runs of spaces as one: how strings are compared
    (https://hl7.org/fhir/R4/search.html#string)."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
