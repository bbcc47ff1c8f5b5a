"""What an operation is asked: parameters that it knows, each given once, in the address or in a body of Parameters."""

from collections.abc import Sequence
from datetime import datetime

from starlette.requests import Request

from models.errors import BadRequest
from models.times import moment, span

Pairs = Sequence[tuple[str, str]]
FORMATS = ("json", "application/json", "application/fhir+json")
FORMAT = "_format"


def given(
    request: Request, operation: str, known: Sequence[str], many: Sequence[str] = (), sent: Pairs = ()
) -> dict[str, str]:
    """The parameters of the address and those `sent` in a body, by name, but for `_format`.

    Those of `many` may be repeated. Raises BadRequest.
    """
    found: dict[str, str] = {}
    for name, text in (*request.query_params.multi_items(), *sent):
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


def instant(text: str, name: str) -> datetime:
    """The first instant of a date or dateTime. Raises BadRequest."""
    try:
        return moment(span(text.replace(" ", "+")).low)
    except (ValueError, OverflowError) as error:
        raise BadRequest(
            f"Parameter {name!r}: {text[:80]!r} is no instant; give 2026-11-22T10:00:00Z."
        ) from error


def number(text: str, name: str, most: int) -> int:
    """A whole number from 1 on, cut at `most`. Raises BadRequest."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise BadRequest(f"Parameter {name!r}: {text[:40]!r} is no number of entries; give 1 to {most}.")
    return min(int(text), most)
