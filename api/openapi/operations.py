"""Operations: what the pages say about each interaction of `api.routes`."""

from collections.abc import Callable, Mapping
from typing import Any

from api.exchange import FHIR_JSON, FORM
from api.openapi import hooks, parameters, patches, tokens
from api.openapi.audit import AUDIT
from api.openapi.consumers import CONSUMERS
from api.openapi.interactions import INTERACTIONS
from api.openapi.named import NAMED, PLAIN
from api.openapi.operation import ASKED, CALL, PATCH, Operation
from api.openapi.responses import recorded, success
from api.openapi.schemas import ref
from api.query import TAKEN
from models import examples
from models.parameters import EVERYWHERE
from models.resource_types import TYPES, ResourceType

__all__ = ["OPERATIONS", "PLAIN", "Operation", "answers", "body", "parameter_list"]

EXAMPLES: Mapping[str, tuple[str, Any]] = {
    "patient": ("valueString", "p1"),
    "max": ("valuePositiveInt", 1),
    "_type": ("valueCode", "Observation"),
    "_count": ("valueInteger", 50),
    "status": ("valueCode", "active"),
    "eventsSinceNumber": ("valueString", "1"),
    "content": ("valueCode", "id-only"),
    "at": ("valueDateTime", "2026-11-22T10:00:00Z"),
    "consumer": ("valueString", "pager"),
    "_tag": ("valueString", "new,escalated,reminder"),
    "cursor": ("valueString", "WzEsImVwb2NoIiwxLDFd"),
    "from": ("valueString", "beginning"),
    "who": ("valueReference", {"reference": "Practitioner/nurse-1"}),
    "action": ("valueCode", "5"),
    "note": ("valueString", "Dr Sato holds the 14:00 dose."),
}
"""Parameters of operations that can be asked by POST, each with a value."""
OPERATIONS: Mapping[str, Operation] = {
    **INTERACTIONS,
    **NAMED,
    **AUDIT,
    **CONSUMERS,
    **hooks.HOOKS,
    **tokens.TOKENS,
}


def parameter_list(name: str, operation: Operation, served: ResourceType | None) -> list[dict[str, Any]]:
    """The parameters of an operation; those of the query as `api.query` has them."""
    groups: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "lastn": lambda: parameters.last(TYPES["Observation"]),
        "poll": parameters.poll,
        "audit": parameters.audit,
        "published": lambda: parameters.published(served) if served else [],
        "search": lambda: parameters.search(served) if served else [],
        "search_all": parameters.search_all,
    }
    told = [
        found
        for name in operation.parameters
        for found in (groups[name]() if name in groups else parameters.use(name))
    ]
    if name not in TAKEN:
        return told
    wish = () if "Prefer" in operation.parameters else ("Handling",)
    return [*told, *parameters.taken(*TAKEN[name].names), *parameters.use(*EVERYWHERE, *wish)]


def body(operation: Operation, served: ResourceType | None) -> dict[str, Any]:
    """The request body, with every example of its type."""
    if operation.bodies == (PATCH,):
        return {"required": True, "content": dict(patches.CONTENT)}
    if operation.bodies == (CALL,):
        call = {"schema": ref("CdsCall"), "examples": hooks.examples()}
        return {"required": True, "content": {hooks.JSON: call}}
    if operation.bodies == (FORM,):
        fields = {"type": "object", "additionalProperties": {"type": "string"}}
        return {"content": {FORM: {"schema": fields}}}
    if operation.bodies[0] == ASKED:
        return patches.asked({name: EXAMPLES[name] for name in operation.bodies[1:]})
    type, *bundles = (name.format(type=served.name if served else "") for name in operation.bodies)
    found = {
        item.name: {"$ref": f"#/components/examples/{item.name}"} for item in examples.of(type, *bundles)
    }
    content = {"schema": ref(type), "examples": found}
    return {"required": True, "content": {FHIR_JSON: content, "application/json": content}}


def answers(operation: Operation, served: ResourceType | None) -> dict[str, Any]:
    """The responses of success; recorded ones are shown with Observation."""
    made = {}
    for status, answer in operation.answers.items():
        shown = answer.recorded if served is None or served.name == "Observation" else ()
        values = {
            name: {
                "summary": recorded()["answers"][name]["summary"],
                "value": recorded()["answers"][name]["body"],
            }
            for name in shown
        }
        kinds = [name or (served.name if served else "") for name in answer.schemas]
        made[str(status)] = success(answer.about, kinds, answer.headers, values, answer.media)
    return made
