"""Safe narratives, literal references and what may be contained, a row a clause."""

from typing import Any

import pytest

from tests.fhir.bodies import (
    holding,
    medication,
    panel,
)
from tests.fhir.refusal import RULE, Row, assert_acceptable_before, assert_refused

OBS, MR, MA = "Observation", "MedicationRequest", "MedicationAdministration"
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


def narrative(content: str) -> dict[str, Any]:
    return {"text": {"status": "generated", "div": DIV.format(content)}}


NARRATIVES = {
    f"a narrative with {what}": Row(panel(), narrative(content), "Observation.text.div", rule, RULE)
    for what, content, rule in (
        ("a script", "<script>alert(1)</script>", "txt-1"),
        ("an event attribute", '<p onclick="x()">a</p>', "txt-1"),
        ("a javascript address", '<a href=" java&#9;script:x()">a</a>', "txt-1"),
        ("a form", "<form><input/></form>", "txt-1"),
        ("a frame", '<iframe src="http://x"/>', "txt-1"),
        ("an object", "<object/>", "txt-1"),
        ("a stylesheet", "<style>p {}</style>", "txt-1"),
        ("a page in a picture", '<img src="data:text/html,x" alt="x"/>', "txt-1"),
        ("a style that loads", '<p style="background: url(http://x)">a</p>', "txt-1"),
        ("another namespace", '<p xmlns="http://www.w3.org/2000/svg">a</p>', "txt-1"),
        ("an open tag", "<p>a", "txt-1"),
        ("an unknown entity", "&whatever;", "txt-1"),
        ("a processing instruction", "<?php x ?>", "txt-1"),
        ("blanks alone", "<p> &nbsp; </p>", "txt-2"),
    )
} | {
    "a narrative without its namespace": Row(
        panel(),
        {"text": {"status": "generated", "div": "<div>a</div>"}},
        "Observation.text.div",
        "txt-1",
        RULE,
    ),
    "a narrative with entities of its own": Row(
        panel(),
        {"text": {"status": "generated", "div": "<!DOCTYPE a [<!ENTITY b 'c'>]>" + DIV.format("&b;")}},
        "Observation.text.div",
        "txt-1",
        RULE,
    ),
}

REFERENCES = {
    f"a reference to {text!r}": Row(
        panel(), {"subject.reference": text}, "Observation.subject.reference", "reference"
    )
    for text in (
        "p1",
        "Patient",
        "Patient/",
        "/Patient/p1",
        "Patient/p1/",
        "Patient/a_b",
        "Patients/p1",
        "patient/p1",
        "Patient/p1/_history",
        "Patient?",
        "http://",
        "ftp://host/Patient/p1",
        "javascript:alert(1)",
        "urn:uuid:p1",
        "urn:p1",
        "Mr Smith",
    )
} | {
    "ref-1": Row(panel(), {"subject.reference": "#p1"}, "Observation.subject.reference", "ref-1", RULE),
    "a reference to itself outside contained": Row(
        panel(), {"subject.reference": "#"}, "Observation.subject.reference", "ref-1", RULE
    ),
    "a type that is not the target's": Row(
        panel(), {"subject.type": "Group"}, "Observation.subject.type", "reference-type", RULE
    ),
}

CONTAINED = {
    "dom-2": Row(
        holding(medication() | {"contained": [medication()]}),
        {},
        f"{MR}.contained[0].contained[0]",
        "dom-2",
        RULE,
    ),
    "dom-3": Row(holding(medication() | {"id": "m2"}, medication()), {}, f"{MR}.contained[0]", "dom-3", RULE),
    "dom-3 without id": Row(
        holding(medication(), {"resourceType": "Slot"}), {}, f"{MR}.contained[1]", "dom-3", RULE
    ),
    "dom-4 versionId": Row(
        holding(medication() | {"meta": {"versionId": "1"}}),
        {},
        f"{MR}.contained[0].meta.versionId",
        "dom-4",
        RULE,
    ),
    "dom-4 lastUpdated": Row(
        holding(medication() | {"meta": {"lastUpdated": "2026-11-22T08:00:00Z"}}),
        {},
        f"{MR}.contained[0].meta.lastUpdated",
        "dom-4",
        RULE,
    ),
    "dom-5": Row(
        holding(medication() | {"meta": {"security": [{"code": "R"}]}}),
        {},
        f"{MR}.contained[0].meta.security",
        "dom-5",
        RULE,
    ),
    "two contained resources of one id": Row(
        holding(medication(), medication()), {}, f"{MR}.contained[1].id", "contained-id"
    ),
    "a contained type that nobody knows": Row(
        holding(medication() | {"resourceType": "Foo"}), {}, f"{MR}.contained[0]", "resourceType"
    ),
    "a contained type that is no text": Row(
        holding(medication() | {"resourceType": 4}), {}, f"{MR}.contained[0]", "resourceType"
    ),
    "a contained type that cannot be checked": Row(
        holding(medication() | {"resourceType": "MedicinalProduct"}), {}, f"{MR}.contained[0]", "resourceType"
    ),
    "a broken contained resource": Row(
        holding(medication() | {"status": "bogus"}),
        {},
        f"{MR}.contained[0].status",
        "medication-status",
        RULE,
    ),
    "a contained resource of a type not served": Row(
        holding(medication(), {"resourceType": "Practitioner", "id": "d1", "gender": "m"}),
        {},
        f"{MR}.contained[1].gender",
        "Practitioner.gender",
        RULE,
    ),
}

ROWS = NARRATIVES | REFERENCES | CONTAINED


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_it_is_refused_where_it_stands(row: Row) -> None:
    assert_refused(row)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_body_is_acceptable_before_the_change(row: Row) -> None:
    assert_acceptable_before(row)
