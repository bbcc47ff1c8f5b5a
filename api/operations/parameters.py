"""A Parameters body: what an operation is told (https://hl7.org/fhir/R4/parameters.html)."""

from collections.abc import Collection, Mapping
from typing import Any

from starlette.requests import Request

from api.exchange import document
from api.headers import headers
from models.errors import BadRequest, Malformed
from models.problem import Problem


def told(doc: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """Each parameter's resource or value by its name, each given once. Raises Malformed, BadRequest."""
    found: dict[str, Any] = {}
    listed = doc.get("parameter", [])
    if not isinstance(listed, list):
        raise Malformed([Problem("structure", "parameter is an array.", "Parameters.parameter")])
    for at, item in enumerate(listed):
        name, value = _one(item, f"Parameters.parameter[{at}]")
        if name not in known:
            raise BadRequest(f"Parameter {name[:80]!r} is not known here. Known are {', '.join(known)}.")
        if name in found:
            raise BadRequest(f"Parameter {name!r} is given twice; give it once.")
        found[name] = value
    return found


async def posted(request: Request) -> list[tuple[str, str]]:
    """Names and texts of the address and of a Parameters body, for an operation that GET serves as well: every
    operation can be asked by POST (https://hl7.org/fhir/R4/operations.html#executing). Raises Malformed too."""
    pairs = request.query_params.multi_items()
    if headers(request).get("content-length", "0") == "0" and "transfer-encoding" not in headers(request):
        return pairs
    doc = await document(request)
    if doc.get("resourceType") != "Parameters" or not _is(doc.get("parameter", []), list):
        text = f"The body is {str(doc.get('resourceType'))[:64]!r}; send Parameters, or no body."
        raise Malformed([Problem("structure", text, "Parameters")])
    return pairs + [
        _text(item, f"Parameters.parameter[{at}]") for at, item in enumerate(doc.get("parameter", []))
    ]


def _text(item: Any, where: str) -> tuple[str, str]:
    name, value = _one(item, where)
    if _is(value, dict) or _is(value, list):
        raise Malformed([Problem("value", f"{name[:80]} is a plain value here, such as valueString.", where)])
    return name, str(value).lower() if _is(value, bool) else str(value)


def _one(item: Any, where: str) -> tuple[str, Any]:
    values = [key for key in item if key == "resource" or key.startswith("value")] if _is(item, dict) else []
    if len(values) != 1 or not _is(item.get("name"), str):
        text = "A parameter has a name, and a resource or one value[x]."
        raise Malformed([Problem("structure", text, where, "inv-1")])
    return item["name"], item[values[0]]


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind)
