"""The operations that the CapabilityStatement names are those that are routed."""

import re

from api.capability import statement
from api.operations.named import NAMED as OPERATIONS
from api.routes import FHIR, NAMED


def test_every_operation_that_is_routed_is_named_and_the_other_way_round() -> None:
    routed = {name for address in (*NAMED, *FHIR) for name in re.findall(r"\$([\w-]+)$", address.path)}
    assert routed == {operation.name for operation in OPERATIONS}


def test_the_capability_statement_names_each_where_it_is_served() -> None:
    (rest,) = statement("http://127.0.0.1/fhir")["rest"]
    listed = {
        resource["type"]: {one["name"] for one in resource.get("operation", ())}
        for resource in rest["resource"]
    }
    assert listed["Observation"] == {"acknowledge", "submit", "lastn", "validate", "meta"}
    assert listed["Patient"] == {"everything", "dose-check", "validate", "meta"}
    assert listed["Provenance"] == {"validate", "meta"}
    assert listed["Bundle"] == {"validate"}
    assert [one["name"] for one in rest["operation"]] == [
        "evaluate", "poll", "ack", "consumers", "consumer-reset", "consumer-remove",
    ]  # fmt: skip
