"""A Bundle as a carrier: its own rules, and the resources in it where they stand."""

from typing import Any

import pytest

from models.fhir.validation import validate, validate_bundle_shell
from tests.fhir.bodies import GONE, Body, changed, panel, transaction

ENTRY = "Bundle.entry[0]"
RESPONSE = {"status": "201 Created"}


def bundle(kind: str, *entries: Body) -> Body:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


SHELLS: dict[str, tuple[Body, dict[str, Any], str, str]] = {
    "no type": (transaction(), {"type": GONE}, "Bundle.type", "cardinality"),
    "an unknown type": (transaction(), {"type": "bundle"}, "Bundle.type", "bundle-type"),
    "bdl-1": (transaction(), {"total": 1}, "Bundle.total", "bdl-1"),
    "bdl-2": (transaction(), {"entry.0.search": {"mode": "match"}}, f"{ENTRY}.search", "bdl-2"),
    "bdl-3: no request": (transaction(), {"entry.0.request": GONE}, f"{ENTRY}.request", "bdl-3"),
    "bdl-3: a request in a collection": (transaction(), {"type": "collection"}, f"{ENTRY}.request", "bdl-3"),
    "bdl-4": (transaction(), {"entry.0.response": RESPONSE}, f"{ENTRY}.response", "bdl-4"),
    "bdl-5": (bundle("collection", {"fullUrl": "http://x/Patient/1"}), {}, ENTRY, "bdl-5"),
    "bdl-7": (
        bundle(
            "collection",
            *[{"fullUrl": "urn:uuid:0b0c4b1e-96c1-4b07-9b1e-2f1c7a1f0a11", "resource": panel()}] * 2,
        ),
        {},
        "Bundle.entry[1].fullUrl",
        "bdl-7",
    ),
    "bdl-8": (
        transaction(),
        {"entry.0.fullUrl": "http://x/Observation/1/_history/2"},
        f"{ENTRY}.fullUrl",
        "bdl-8",
    ),
    "bdl-9": (bundle("document"), {"entry": [{"resource": panel()}]}, "Bundle.identifier", "bdl-9"),
    "bdl-10": (bundle("document"), {"entry": [{"resource": panel()}]}, "Bundle.timestamp", "bdl-10"),
    "bdl-11": (bundle("document"), {"entry": [{"resource": panel()}]}, "Bundle.entry", "bdl-11"),
    "bdl-12": (bundle("message"), {"entry": [{"resource": panel()}]}, "Bundle.entry", "bdl-12"),
    "a method that HTTP does not have": (
        transaction(),
        {"entry.0.request.method": "SEND"},
        f"{ENTRY}.request.method",
        "http-verb",
    ),
    "a request without url": (
        transaction(),
        {"entry.0.request.url": GONE},
        f"{ENTRY}.request.url",
        "cardinality",
    ),
    "a resource that is none": (transaction(), {"entry.0.resource": "x"}, f"{ENTRY}.resource", "datatype"),
    "an entry that is none": (transaction(), {"entry.0": 5}, ENTRY, "datatype"),
    "entries that are none": (transaction(), {"entry": 5}, "Bundle.entry", "cardinality"),
}


@pytest.mark.parametrize("shell", SHELLS.values(), ids=SHELLS)
def test_a_broken_bundle_is_refused_where_it_stands(shell: tuple[Body, dict[str, Any], str, str]) -> None:
    body, changes, expression, rule = shell
    found = validate_bundle_shell(changed(body, changes))
    assert (expression, rule) in {(p.expression, p.rule) for p in found}, found


@pytest.mark.parametrize(
    "body",
    [
        transaction(),
        changed(transaction(), {"type": "batch"}),
        bundle("collection", {"resource": panel()}),
        bundle("transaction", {"request": {"method": "DELETE", "url": "Observation/1"}}),
        changed(transaction(), {"entry": GONE}),
    ],
)
def test_a_carrier_is_accepted(body: Body) -> None:
    assert validate(body) == []


def test_the_shell_leaves_the_resources_to_the_caller() -> None:
    body = changed(transaction(), {"entry.0.resource.status": "bogus"})
    assert validate_bundle_shell(body) == []
    assert [(p.expression, p.rule) for p in validate(body)] == [
        ("Bundle.entry[0].resource.status", "observation-status")
    ]


def test_another_resource_is_no_bundle() -> None:
    assert [p.rule for p in validate_bundle_shell(panel())] == ["resourceType"]


def test_problems_of_an_entry_without_a_type_stand_at_the_entry() -> None:
    body = changed(transaction(), {"entry.0.resource": {"status": "final"}})
    assert [p.expression for p in validate(body)] == ["Bundle.entry[0].resource"]
