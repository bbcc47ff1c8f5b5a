"""Versions as HTTP names them (https://hl7.org/fhir/R4/http.html#versioning)."""

from functools import lru_cache

ANY = "*"
"""Whichever version there is."""


@lru_cache(maxsize=500)
def tags(text: str) -> frozenset[str]:
    """The versions that an If-Match or If-None-Match names: `W/"3"`, `"3"` and `3` alike, or several."""
    return frozenset(
        part.strip().removeprefix("W/").removeprefix("w/").strip('"') for part in text.split(",")
    )


def names(text: str, number: int) -> bool:
    """Whether version `number` is among those named."""
    return not tags(text).isdisjoint({ANY, str(number)})
