"""Operations: what the pages say about each interaction of `api.routes`."""

from collections.abc import Callable, Mapping
from typing import Any

from api.exchange import FHIR_JSON, FORM
from api.openapi import hooks, parameters, patches
from api.openapi.interactions import INTERACTIONS
from api.openapi.named import NAMED, PLAIN
from api.openapi.operation import ASKED, CALL, PATCH, Operation
from api.openapi.responses import recorded, success
from api.openapi.schemas import ref
from models import examples
from models.resource_types import TYPES, ResourceType

__all__ = ["OPERATIONS", "PLAIN", "Operation", "answers", "body", "parameter_list"]

OPERATIONS: Mapping[str, Operation] = {**INTERACTIONS, **NAMED, **hooks.HOOKS}


def parameter_list(operation: Operation, served: ResourceType | None) -> list[dict[str, Any]]:
    """The parameters of an operation."""
    groups: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "history": parameters.history,
        "lastn": lambda: parameters.last(TYPES["Observation"]),
        "published": lambda: parameters.published(served) if served else [],
        "search": lambda: parameters.search(served) if served else [],
        "search_all": parameters.search_all,
    }
    return [
        found
        for name in operation.parameters
        for found in (groups[name]() if name in groups else parameters.use(name))
    ]


def body(operation: Operation, served: ResourceType | None) -> dict[str, Any]:
    """The request body, with every example of its type."""
    if operation.bodies == (PATCH,):
        return {"required": True, "content": dict(patches.CONTENT)}
    if operation.bodies == (CALL,):
        call = {"schema": ref("CdsCall"), "examples": hooks.examples()}
        return {"required": True, "content": {hooks.JSON: call}}
    if operation.bodies == (ASKED,):
        return {"content": {kind: {"schema": ref("Parameters")} for kind in (FHIR_JSON, "application/json")}}
    if operation.bodies == (FORM,):
        fields = {"type": "object", "additionalProperties": {"type": "string"}}
        return {"content": {FORM: {"schema": fields}}}
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
