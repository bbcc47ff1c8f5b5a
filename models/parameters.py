"""Parameters in the address of a request that is no search, and those that every request takes.

https://hl7.org/fhir/R4/http.html#parameters: `_format` is JSON alone, `_pretty` indents the answer.
"""

from collections.abc import Collection, Iterator, Sequence

from models.errors import BadRequest, NotAcceptable
from models.problem import Problem

EVERYWHERE = ("_format", "_pretty")
FORMATS = ("json", "application/json", "application/fhir+json")
FLAGS = {"true": True, "false": False}

Pairs = Sequence[tuple[str, str]]


def pretty(pairs: Pairs) -> bool:
    """Whether the answer is to be indented. Raises NotAcceptable for another format than JSON, BadRequest."""
    found = {name: text for name, text in pairs if name in EVERYWHERE}
    media = found.get("_format", FORMATS[0]).partition(";")[0].strip()
    if (
        media.lower().replace(" ", "+") not in FORMATS
    ):  # a plus sign that is not written %2B arrives as a blank
        raise NotAcceptable(f"Parameter '_format': {media[:40]!r} is none of {', '.join(FORMATS)}.")
    flag = found.get("_pretty", "false")
    if flag not in FLAGS:
        raise BadRequest(f"Parameter '_pretty': {flag[:40]!r} is none of {', '.join(FLAGS)}.")
    return FLAGS[flag]


def unknown(pairs: Pairs, known: Collection[str] = ()) -> Iterator[Problem]:
    """A problem for each parameter that is not among those known, which it names."""
    listed = ", ".join((*known, *EVERYWHERE))
    for name in dict(pairs):
        if name not in known and name not in EVERYWHERE:
            yield Problem(
                "invalid", f"Parameter {name[:80]!r} is not known here. Known are {listed}.", rule="search"
            )


def repeated(pairs: Pairs, many: Collection[str] = ()) -> Iterator[Problem]:
    """A problem for each parameter that stands more than once and is not one of many."""
    names = [name for name, _ in pairs]
    for name in dict.fromkeys(names):
        if name not in many and names.count(name) > 1:
            yield Problem("invalid", f"Parameter {name[:80]!r} is given twice; give it once.")
