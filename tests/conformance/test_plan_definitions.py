"""The rules as PlanDefinitions: valid, cited, and with the limits that the server judges by."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from models.fhir.codec import dump, parse
from models.fhir.containment import across
from models.fhir.library import complaints
from models.fhir.walk import Walk
from service.conformance import published
from service.conformance.plan_definitions import DEFAULT_VALUE, TRIGGERS
from service.limits import PRESETS
from service.record.facts import Fact
from service.record.lift import lift
from service.rules import RULES
from service.rules.sources import SOURCES
from service.ruleset import Ruleset, describe, load
from tests.fhir_client import resources
from tests.in_process import application
from tests.record.documents import at

MOVED = """\
preset = "lofexidine-trial"
[rules]
syncope = false
tachycardia = true
[limits.hypotension]
systolic = { value = 85.5, source = "ward protocol 7" }
"""
UCUM = {"mm[Hg]", "/min", "min", "h", "d", "a", "1", "%", "{score}", "mg"}
"""Looked up in the table of https://ucum.org/ucum; braces are annotations."""

Doc = dict[str, Any]


def plans(rules: Ruleset) -> dict[str, Doc]:
    return {id: parse(dump(doc)) for (type, id), doc in published(rules).items() if type == "PlanDefinition"}


PLANS = plans(load())


def problems(doc: Doc) -> list[str]:
    """The rules of R4 that a document breaks, and what the library says."""
    walk = Walk()
    walk.resource(doc, doc["resourceType"])
    return [*(found.rule for found in (*walk.problems, *across(walk))), *(c.text for c in complaints(doc))]


def library(plan: Doc) -> Doc:
    (contained,) = plan["contained"]
    return contained


def limits(plan: Doc) -> dict[str, Doc]:
    """The limit as a Quantity, by its name."""
    found = {}
    for parameter in library(plan)["parameter"] if "contained" in plan else ():
        (extension,) = parameter["extension"]
        assert (extension["url"], parameter["type"]) == (DEFAULT_VALUE, "Quantity")
        found[parameter["name"]] = extension["valueQuantity"]
    return found


def test_every_rule_has_one_and_it_is_an_eca_rule() -> None:
    assert list(PLANS) == [rule.id for rule in RULES]
    for plan in PLANS.values():
        assert plan["type"]["coding"][0]["code"] == "eca-rule"
        assert plan["action"][0]["code"][0]["coding"][0]["code"] == plan["id"]


@pytest.mark.parametrize("preset", PRESETS)
def test_each_is_valid_under_every_preset(preset: str) -> None:
    rules = load(f'preset = "{preset}"')
    assert {id: found for id, plan in plans(rules).items() if (found := problems(plan))} == {}


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        (("status",), "on", "PlanDefinition.status"),
        (("action", 0, "trigger", 0, "type"), "sometimes", "trigger-type"),
        (("action", 0, "trigger", 0), {"type": "data-changed"}, "trd-3"),
        (("action", 0, "condition", 0, "expression"), {"language": "text/plain"}, "exp-1"),
        (("relatedArtifact", 0, "type"), "source", "related-artifact-type"),
        (("library", 0), "#others", "dom-3"),
    ],
    ids=["status", "trigger", "data", "expression", "artifact", "contained"],
)
def test_a_broken_one_is_seen_by_that_check(path: tuple[Any, ...], value: Any, rule: str) -> None:
    broken = parse(dump(PLANS["hypotension"]))
    place = broken
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert rule in problems(broken)


@pytest.mark.parametrize("text", ["", MOVED, *(f'preset = "{name}"' for name in PRESETS)])
def test_the_limits_are_those_in_force(text: str) -> None:
    rules = load(text)
    made = plans(rules)
    for row in describe(rules):
        told = limits(made[row.rule.id])
        assert {key: (one["value"], one["code"]) for key, one in told.items()} == {
            key: (limit.value, limit.unit) for key, limit in row.limits.items()
        }
        assert {one["code"] for one in told.values()} <= UCUM
        assert all(one["system"] == "http://unitsofmeasure.org" for one in told.values())


def test_a_limit_says_its_source_its_bounds_and_whether_it_was_moved() -> None:
    moved = library(plans(load(MOVED))["hypotension"])
    origins = {one["label"]: one for one in moved["relatedArtifact"]}
    assert {key: one["type"] for key, one in origins.items()} == {
        "systolic": "derived-from",
        "diastolic": "derived-from",
        "diastolic-high": "justification",
    }
    assert origins["systolic"]["citation"] == "ward protocol 7"
    assert origins["diastolic"]["citation"].startswith("preset lofexidine-trial")
    assert "read in the source named" in origins["diastolic-high"]["display"]
    assert "70 to 110 mm[Hg]; by default it is 90 mm[Hg]" in moved["parameter"][0]["documentation"]


def test_nothing_is_moved_by_default() -> None:
    stands = [
        one["type"]
        for plan in PLANS.values()
        for one in plan.get("contained", [{}])[0].get("relatedArtifact", ())
    ]
    assert set(stands) == {"justification"}


def test_the_status_tells_on_from_off() -> None:
    site = plans(load(MOVED))
    assert [PLANS[id]["status"] for id in ("syncope", "tachycardia", "dose-interval-short")] == [
        "active",
        "draft",
        "draft",
    ]
    assert [site[id]["status"] for id in ("syncope", "tachycardia", "dose-interval-short")] == [
        "retired",
        "active",
        "draft",
    ]
    assert {
        plan["contained"][0]["status"] == plan["status"] for plan in site.values() if "contained" in plan
    } == {True}


def citations(id: str) -> list[str]:
    return [one["label"] for one in PLANS[id].get("relatedArtifact", ()) if one["type"] == "citation"]


def test_every_source_that_a_rule_names_is_cited() -> None:
    assert citations("hypotension") == ["S1", "S2", "S3", "S14", "S16", "S27"]
    assert citations("unparseable-vital") == []
    for row in describe(load()):
        text = " ".join((row.what, *(limit.source for limit in row.limits.values())))
        assert set(citations(row.rule.id)) == set(re.findall(r"\bS\d+b?\b", text))


def test_a_citation_has_the_title_and_the_address_of_its_source() -> None:
    told = [one for plan in PLANS.values() for one in plan.get("relatedArtifact", ()) if "label" in one]
    assert {(one["label"], one["citation"], one.get("url", "")) for one in told} <= {
        (name, *source) for name, source in SOURCES.items()
    }


def test_a_rule_that_reads_the_limits_of_another_depends_on_it() -> None:
    needed = {
        id: [
            one["resource"].rpartition("/")[2]
            for one in plan["relatedArtifact"]
            if one["type"] == "depends-on"
        ]
        for id, plan in PLANS.items()
        if "relatedArtifact" in plan
    }
    assert {id: found for id, found in needed.items() if found} == {
        rule.id: [*rule.borrows] for rule in RULES if rule.borrows
    }
    assert any(needed.values())


def test_every_kind_of_fact_has_a_trigger() -> None:
    assert set(TRIGGERS) == set(get_args(Fact))
    untriggered = [id for id, plan in PLANS.items() if "trigger" not in plan["action"][0]]
    assert untriggered == ["rule-failure"]


def triggers(id: str) -> list[str]:
    return [one["data"][0]["type"] for one in PLANS[id]["action"][0]["trigger"]]


def test_a_rule_is_triggered_by_what_it_judges_and_by_what_makes_it_judge_again() -> None:
    assert triggers("hypotension") == ["Observation"]
    assert triggers("daily-dose-exceeded") == ["MedicationAdministration", "MedicationRequest"]
    assert triggers("bradycardia-severe") == ["Observation", "Observation"]
    assert triggers("bp-drop-from-baseline") == [
        "Observation",
        "MedicationAdministration",
        "MedicationRequest",
    ]


def filtered() -> Iterator[tuple[type, Doc]]:
    for kind, trigger in TRIGGERS.items():
        for filter in trigger["data"][0].get("codeFilter", ()):
            yield from ((kind, coding) for coding in filter["code"])


BREATHING = {
    code: {"valueQuantity": {"value": 15, "system": "http://unitsofmeasure.org", "code": unit}}
    for code, unit in (("9279-1", "/min"), ("59408-5", "%"), ("2708-6", "%"))
}
"""What is no fact where it cannot be read: nobody is told, unlike of a pressure or a rate."""


@pytest.mark.parametrize(
    ("kind", "coding"), [*filtered()], ids=lambda one: one["code"] if isinstance(one, dict) else one.__name__
)
def test_an_observation_with_a_code_of_a_trigger_is_that_fact(kind: type, coding: Doc) -> None:
    doc = {
        "resourceType": "Observation",
        "id": "x",
        "status": "final",
        "code": {"coding": [coding]},
        "subject": {"reference": "Patient/p1"},
        **BREATHING.get(coding["code"], {"valueInteger": 5}),
    }
    assert type(lift(doc, at(1), lambda reference: None).fact) is kind


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("moved")
    (folder / "limits.toml").write_text(MOVED)
    with application(f"sqlite:///{folder / 'x.db'}", limits_file=str(folder / "limits.toml")) as client:
        yield client


def test_a_server_publishes_its_own_limits(moved: httpx.Client) -> None:
    read = moved.get("/fhir/PlanDefinition/hypotension")
    assert read.json()["contained"][0]["parameter"][0]["extension"][0]["valueQuantity"]["value"] == 85.5
    assert parse(read.content) == plans(load(MOVED))["hypotension"]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"status": "retired"}, ["syncope"]),
        ({"status": "draft", "name": "doseinterval"}, ["dose-interval-short"]),
        ({"name": "hypotension"}, ["hypotension-severe", "hypotension"]),
        ({"name": "BRADY", "_id": "bradycardia"}, ["bradycardia"]),
        ({"name": "tension"}, []),
        ({"name": "tension,"}, []),
        ({"status": "retired,draft", "name": "syn"}, ["syncope"]),
    ],
    ids=str,
)
def test_they_are_found_by_status_and_by_the_beginning_of_the_name(
    moved: httpx.Client, query: dict[str, str], ids: list[str]
) -> None:
    found = moved.get("/fhir/PlanDefinition", params=query).json()
    assert ([one["id"] for one in resources(found)], found["total"]) == (ids, len(ids))


def test_the_capability_statement_declares_them(moved: httpx.Client) -> None:
    declared = {one["type"]: one for one in moved.get("/fhir/metadata").json()["rest"][0]["resource"]}
    plan = declared["PlanDefinition"]
    assert [one["code"] for one in plan["interaction"]] == ["read", "search-type"]
    assert {one["name"] for one in plan["searchParam"]} == {"_id", "url", "version", "name", "status"}
