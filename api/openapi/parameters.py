"""Parameters: those of the path, of the headers, and of every search."""

from collections.abc import Iterator, Mapping
from typing import Any

from api.including import MOST_INCLUDED, MOST_ROUNDS
from api.operations.poll import OWN
from api.operations.validate import MODES
from models.parameters import EVERYWHERE, FLAGS, FORMATS
from models.resource_types import COMMON, TYPES, ResourceType, SearchParam
from models.resource_types.audit_event import AUDIT_EVENT
from models.search.query import DEFAULT_COUNT, MOST
from models.search.results import SUMMARIES
from service.consumers import NAME
from service.delivery.subscription import CONTENTS

RESULTS: Mapping[str, str] = {
    "_sort": "Keys separated by commas: `_lastUpdated` (the default: the order of commit), `_id`, or any date of the "
    "type; `-` before one turns it round.",
    "_count": f"Entries a page, {DEFAULT_COUNT} unless told, at most {MOST}; 0 asks for the total alone.",
    "_total": "`accurate` or `estimate` puts the number of all matches into `total`; `none` is the default.",
    "_totalMethod": "`count` is `_total=accurate`, as the client fhirpy asks it.",
    "_summary": "`true` leaves FHIR's summary of each resource, `text` narrative and required elements, `data` all but "
    "the narrative, `count` the total alone; `false` is the default. What is incomplete is tagged SUBSETTED.",
    "_elements": "Names of elements, separated by commas: those and the required ones are left, tagged SUBSETTED.",
    "_include": "`Type:reference` or `Type:reference:Target`: what is referred to comes along, `mode` include; "
    "`Type:*` and `*` are every reference. "
    f"`_include:iterate` goes on from what came, {MOST_ROUNDS} times at most; at most {MOST_INCLUDED} come along.",
    "_revinclude": "The same the other way: what refers to the answers, such as `Observation:derived-from`.",
    "_format": "`json`, for clients that cannot set the Accept header, for which it stands; another format is 406.",
    "_pretty": "`true` puts each part of the answer on a line of its own, for people; `false` is the default.",
    "_cursor": "Where to go on; stands in `next` and `monitor` links and is never made by hand.",
}
"""What each parameter that shapes the answer of a search does."""
_SHAPES: Mapping[str, dict[str, Any]] = {
    "_sort": {"type": "string", "examples": ["_lastUpdated"]},
    "_count": {"type": "integer", "minimum": 0, "maximum": MOST, "default": DEFAULT_COUNT},
    "_total": {"enum": ["none", "estimate", "accurate"]},
    "_totalMethod": {"enum": ["count"]},
    "_summary": {"enum": list(SUMMARIES)},
    "_elements": {"type": "string", "examples": ["status,code"]},
    "_format": {"enum": [*FORMATS]},
    "_pretty": {"enum": [*FLAGS]},
}
APART: Mapping[str, str] = {"cursor": "ackCursor"}
"""Parameters that differ from others by their underscore alone, each with its name among the components."""
PREFERENCES = ("representation", "minimal", "OperationOutcome")
HANDLING = ("handling=strict", "handling=lenient")


def shared() -> dict[str, Any]:
    """components.parameters: what several operations take."""
    return {
        "id": _path("id", "The logical id.", "bp-42"),
        "service": _path("service", "A CDS service, as the discovery lists it.", "clonidine-dose-check"),
        "version": _path("version", "The number of the version.", "1"),
        "Prefer": _header(
            "Prefer",
            "What the answer's body holds: the resource as it is kept (`representation`, the default), nothing, or "
            "an OperationOutcome with one issue for each alert raised. `handling=lenient` has parameters that are not "
            "known ignored, and told in the Warning header.",
            {"enum": [*(f"return={kind}" for kind in PREFERENCES), *HANDLING]},
        ),
        "Handling": _header(
            "Prefer",
            "What is done with parameters that are not known: refused (`strict`, the default), or ignored, left out "
            "of the link `self` and told in an OperationOutcome among the entries of a search, in the Warning header "
            "of all else (`lenient`).",
            {"enum": [*HANDLING]},
        ),
        "type": _query(
            "_type",
            "The types to search, separated by commas; not needed where `_id` or `_lastUpdated` is given. Besides the "
            "parameters of every type those are taken that all of these types have.",
            None,
            "Observation,Condition",
        ),
        "IfMatch": _header(
            "If-Match",
            "The ETag of the version to be replaced; 412 where another is current.",
            {"type": "string"},
            'W/"1"',
        ),
        "IfNoneExist": _header(
            "If-None-Exist",
            "A search: where it finds a resource of this type nothing is created and the answer is 200 with the "
            "one found. Two such requests at once make one resource.",
            {"type": "string"},
            "identifier=urn:oid:1.3.6.1.4.1.32473.1.1|msg-20261122-0017",
        ),
        **{name.lstrip("_"): _query(name, about, _SHAPES.get(name)) for name, about in RESULTS.items()},
        "IfNoneMatch": _header(
            "If-None-Match",
            "The ETag of what you have; 304 without a body where it is still current.",
            {"type": "string"},
            'W/"1"',
        ),
        "OnlyCreate": _header(
            "If-None-Match",
            "`*`: only create; 412 where there is one already.",
            {"type": "string"},
            "*",
        ),
        "criteria": {
            "name": "criteria",
            "in": "query",
            "required": True,
            "description": "Search parameters of the type, as in its search; those that shape an answer are refused.",
            "style": "form",
            "explode": True,
            "schema": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
            "example": {"identifier": "urn:oid:1.2.3|msg-17"},
        },
        "IfModifiedSince": _header(
            "If-Modified-Since",
            "The Last-Modified of what you have, which is exact to the second only; If-None-Match is better.",
            {"type": "string"},
        ),
        "before": _query(
            "_before",
            "Where to go on; stands in `next` links and is never made by hand.",
            {"type": "integer", "minimum": 0},
        ),
        "at": _query(
            "at", "Judge as of this instant; the present where it is not given.", None, "2026-11-22T10:00:00Z"
        ),
        **_of_operations(),
    }


def _of_operations() -> dict[str, Any]:
    """What the operations of FHIR take."""
    return {
        "mode": _query(
            "mode",
            "Judge as `create`, `update` or `delete` would, or by FHIR and profiles alone: `profile`.",
            {"enum": list(MODES)},
        ),
        "profile": _query(
            "profile",
            "Hold the resource to this profile too, claimed or not; one that is not known here is refused.",
            None,
            "http://hl7.org/fhir/StructureDefinition/bp",
        ),
        "since": _query(
            "_since", "Only what was committed at this instant or later.", None, "2026-11-22T10:00:00Z"
        ),
        "type": _query("_type", "Only these resource types, separated by commas.", None, "Observation,Goal"),
        "ids": _query("id", "Only these ids, separated by commas.", None, "s1"),
        "status": _query("status", "Only those in these states, separated by commas.", None, "active,error"),
        "eventsSinceNumber": _query(
            "eventsSinceNumber", "From this event on; 1 where not given.", {"type": "integer", "minimum": 0}
        ),
        "eventsUntilNumber": _query(
            "eventsUntilNumber", "Up to this event.", {"type": "integer", "minimum": 0}
        ),
        "content": _query(
            "content",
            "What is told of each; as the Subscription asks where not given.",
            {"enum": [*CONTENTS]},
        ),
        "max": _query("max", "How many of each code.", {"type": "integer", "minimum": 1, "default": 1}),
        "consumer": _query(
            "consumer", "The name of a consumer.", {"type": "string", "pattern": f"^{NAME.pattern}$"}, "pager"
        ),
        "ackCursor": _query("cursor", "What the link `ack` of a page carries.", None, "WzEsImVwb2NoIiwxLDFd"),
        "ack": _query("ack", "The same, to acknowledge the last page and get the next at once.", None),
        "from": _query(
            "from",
            "Where it begins: `beginning`, `now`, or an instant, from which on alerts come. Of $poll it counts for a "
            "new consumer alone, which begins `now` without it.",
            None,
            "2026-11-22T10:00:00Z",
        ),
    }


def taken(*names: str) -> list[dict[str, Any]]:
    """The same for those of a query: an `id` there is not the one of a path."""
    return use(*("ids" if name == "id" else name for name in names))


def use(*names: str) -> list[dict[str, Any]]:
    """References to shared parameters."""
    return [{"$ref": f"#/components/parameters/{APART.get(name, name.lstrip('_'))}"} for name in names]


def search(served: ResourceType) -> list[dict[str, Any]]:
    """The parameters of a type's search, in the order of their declaration."""
    declared = (found for param in (*served.params, *COMMON) for found in _declared(param))
    return [*declared, *use(*RESULTS, "Handling")]


def search_all() -> list[dict[str, Any]]:
    """The parameters of a search over several types."""
    declared = (found for param in COMMON for found in _declared(param))
    return [*use("_type"), *declared, *use(*RESULTS, "Handling")]


def last(served: ResourceType) -> list[dict[str, Any]]:
    """The parameters of $lastn: those that narrow a search."""
    declared = (found for param in (*served.params, *COMMON) for found in _declared(param))
    return [*use("max"), *declared, *use(*EVERYWHERE)]


def poll() -> list[dict[str, Any]]:
    """The parameters of $poll: its own, and those that narrow a search of alerts."""
    declared = (found for param in (*TYPES["Observation"].params, *COMMON) for found in _declared(param))
    return [*use(*OWN), *declared, *use(*EVERYWHERE)]


def published(served: ResourceType) -> list[dict[str, Any]]:
    """The parameters of a search of what is published."""
    return [*(found for param in served.params for found in _declared(param)), *use(*EVERYWHERE)]


def audit() -> list[dict[str, Any]]:
    """The parameters of a search of the audit."""
    declared = (found for param in AUDIT_EVENT.params for found in _declared(param))
    return [*declared, *taken("_count", "_cursor"), *use(*EVERYWHERE, "Handling")]


def _declared(param: SearchParam) -> Iterator[dict[str, Any]]:
    yield _query(param.name, param.about, None, param.example)
    if param.kind == "patient":
        about = "By the identifier that references carry when they name no resource, as system|value."
        yield _query(f"{param.name}:identifier", about, None, "urn:oid:1.2.3|000731")


def _query(name: str, about: str, schema: Mapping[str, Any] | None, example: str = "") -> dict[str, Any]:
    made = {"name": name, "in": "query", "description": about, "schema": dict(schema or {"type": "string"})}
    return _with_example(made, example)


def _header(name: str, about: str, schema: Mapping[str, Any], example: str = "") -> dict[str, Any]:
    return _with_example(
        {"name": name, "in": "header", "description": about, "schema": dict(schema)}, example
    )


def _path(name: str, about: str, example: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": about,
        "schema": schema,
        "example": example,
    }


def _with_example(made: dict[str, Any], example: str) -> dict[str, Any]:
    """The example goes where pages show it and do not fill it in: a search filled with every example finds nothing."""
    if example:
        made["schema"]["examples"] = [example]
    return made
