"""What an operation is asked: parameters that it knows, each given once, in the address or in a body of Parameters."""

from collections.abc import Sequence

from models.errors import BadRequest

Pairs = Sequence[tuple[str, str]]
FORMATS = ("json", "application/json", "application/fhir+json")
FORMAT = "_format"


def given(pairs: Pairs, operation: str, known: Sequence[str], many: Sequence[str] = ()) -> dict[str, str]:
    """The parameters by name, but for `_format`; those of `many` may be repeated. Raises BadRequest."""
    found: dict[str, str] = {}
    for name, text in pairs:
        if name not in known and name != FORMAT:
            listed = ", ".join((*known, FORMAT))
            raise BadRequest(f"Parameter {name[:80]!r} is not known for {operation}. Known are {listed}.")
        if name in found and name not in many:
            raise BadRequest(f"Parameter {name!r} is given twice; give it once.")
        found[name] = f"{found[name]},{text}" if name in found else text
    _json(found.pop(FORMAT, FORMATS[0]))
    return found


def _json(text: str) -> None:
    if text not in FORMATS:
        raise BadRequest(f"Parameter '_format': {text[:40]!r} is none of {', '.join(FORMATS)}.")


def number(text: str, name: str, most: int) -> int:
    """A whole number from 1 on, cut at `most`. Raises BadRequest."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise BadRequest(f"Parameter {name!r}: {text[:40]!r} is no number of entries; give 1 to {most}.")
    return min(int(text), most)
