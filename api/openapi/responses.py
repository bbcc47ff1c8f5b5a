"""Responses: what each status means, with answers that the service really gave.

`recorded.json` holds them; `make golden` records them anew.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from api.errors import BROKEN, STATUS, outcome
from api.exchange import FHIR_JSON
from api.openapi.schemas import ref
from models import errors
from models.errors import Refused

BROKEN_STATUS = 500
AGAIN = (429, 503)
ANYWHERE = (errors.TooSlow, errors.Throttled, errors.HeadTooLarge)
"""What any request can be refused with."""
HEADERS: Mapping[str, str] = {
    "Location": "The address of the version that was written.",
    "ETag": 'The version, as `W/"1"`; send it back in If-Match.',
    "Last-Modified": "The instant of commit, to the second; `meta.lastUpdated` has it to the microsecond.",
    "Link": 'Each alert that the write raised: `<.../Observation/{id}>; rel="https://clonidine-watch.org/rel/alert"`.',
    "Warning": "What was understood though it could not be taken literally, one warning a finding.",
    "Cache-Control": "`no-cache`: keep it, and ask with If-None-Match whether it is still current.",
    "Retry-After": "Seconds after which to send the request again.",
    "RateLimit": 'Where a limit is set: requests that are left, and seconds after which all are: `"client";r=12;t=34`.',
    "RateLimit-Policy": 'Where a limit is set: requests, and the seconds they are for: `"client";q=600;w=60`.',
}
VERSION = ("ETag", "Last-Modified")
WRITTEN = ("Location", *VERSION, "Link", "Warning")


@cache
def recorded() -> dict[str, Any]:
    """Answers of a running service, by name."""
    found: dict[str, Any] = json.loads((files(__package__) / "recorded.json").read_text(encoding="utf-8"))
    return found


def shared() -> dict[str, Any]:
    """components.responses: one for every status of a refusal."""
    return {_name(status): _refusal(status) for status in sorted({*STATUS.values(), BROKEN_STATUS})}


def headers() -> dict[str, Any]:
    """components.headers."""
    return {name: {"description": about, "schema": {"type": "string"}} for name, about in HEADERS.items()}


def refusals(kinds: Iterable[type[Refused]]) -> dict[str, Any]:
    """The responses of an operation that raises these errors; any may meet a limit, or a failure of ours."""
    statuses = sorted({*(STATUS[kind] for kind in (*kinds, *ANYWHERE)), BROKEN_STATUS})
    return {str(status): {"$ref": f"#/components/responses/{_name(status)}"} for status in statuses}


def success(
    about: str,
    schemas: Iterable[str] = (),
    names: Iterable[str] = (),
    examples: Mapping[str, Any] | None = None,
    media: str = FHIR_JSON,
) -> dict[str, Any]:
    """A response with the given headers, and a body of one of the schemas."""
    made: dict[str, Any] = {"description": about}
    if found := {name: {"$ref": f"#/components/headers/{name}"} for name in names}:
        made["headers"] = found
    if kinds := [ref(name) for name in schemas]:
        content: dict[str, Any] = {"schema": kinds[0] if len(kinds) == 1 else {"anyOf": kinds}}
        made["content"] = {media: content | ({"examples": dict(examples)} if examples else {})}
    return made


def _name(status: int) -> str:
    return f"Refused{status}"


def _refusal(status: int) -> dict[str, Any]:
    kinds = [kind for kind, found in STATUS.items() if found == status]
    about = [_first_line(kind.__doc__) for kind in kinds] or ["The service failed; nothing was kept."]
    examples = {kind.__name__: _example(kind) for kind in kinds} or {"Broken": {"value": outcome([BROKEN])}}
    names = ["Retry-After"] if status in AGAIN else []
    names += ["RateLimit", "RateLimit-Policy"] if status == STATUS[errors.Throttled] else []
    return success(" ".join(about), ("OperationOutcome",), names, examples)


def _example(kind: type[Refused]) -> dict[str, Any]:
    found = recorded()["refusals"][kind.__name__]
    return {"summary": f"{kind.__name__}: {found['request']}", "value": found["outcome"]}


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
