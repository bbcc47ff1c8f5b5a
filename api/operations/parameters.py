"""A Parameters body: what an operation is told (https://hl7.org/fhir/R4/parameters.html)."""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from starlette.requests import Request

from api.exchange import sent_document
from api.query import present
from models.errors import BadRequest, Malformed
from models.problem import Problem


def told(doc: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """Each parameter's resource or value by its name, each given once. Raises Malformed, BadRequest."""
    found: dict[str, Any] = {}
    for name, value in _listed(doc):
        if name not in known:
            raise BadRequest(f"Parameter {name[:80]!r} is not known here. Known are {', '.join(known)}.")
        if name in found:
            raise BadRequest(f"Parameter {name!r} is given twice; give it once.")
        found[name] = value
    return found


async def posted(request: Request) -> list[tuple[str, str]]:
    """Names and values of the address and of Parameters in a body that may be empty, for an operation that GET serves
    as well: every operation can be asked by POST (https://hl7.org/fhir/R4/operations.html#executing).

    Raises WrongMediaType, TooLarge, Malformed, NotAcceptable, BadRequest.
    """
    doc = await sent_document(request)
    if doc and doc.get("resourceType") != "Parameters":
        text = f"The body is {str(doc.get('resourceType'))[:64]!r}; send Parameters, or no body."
        raise Malformed([Problem("structure", text, "Parameters")])
    plain = [
        (name, _plain(name, value, f"Parameters.parameter[{at}]"))
        for at, (name, value) in enumerate(_listed(doc))
    ]
    pairs = [*request.query_params.multi_items(), *plain]
    present(request, pairs)
    return pairs


def _plain(name: str, value: Any, where: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | Decimal):
        text = f"{name[:80]} is a plain value here, such as valueString."
        raise Malformed([Problem("value", text, where)])
    return str(value)


def _listed(doc: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    listed = doc.get("parameter", [])
    if not isinstance(listed, list):
        raise Malformed([Problem("structure", "parameter is an array.", "Parameters.parameter")])
    for at, item in enumerate(listed):
        yield _one(item, f"Parameters.parameter[{at}]")


def _one(item: Any, where: str) -> tuple[str, Any]:
    values = [key for key in item if key == "resource" or key.startswith("value")] if _is(item, dict) else []
    if len(values) != 1 or not _is(item.get("name"), str):
        text = "A parameter has a name, and a resource or one value[x]."
        raise Malformed([Problem("structure", text, where, "inv-1")])
    return item["name"], item[values[0]]


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind)
