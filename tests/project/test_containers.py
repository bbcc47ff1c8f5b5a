"""The image and the compose file keep the promises of docs/how-to/containers.md."""

import re
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
FINAL_STAGE = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
REQUIRED_VARIABLE = re.compile(r"\$\{(\w+):\?[^}]+\}")
VARIABLE = re.compile(r"\$\{(\w+)[:}]")


def test_the_image_runs_as_a_number_that_is_not_root() -> None:
    users = re.findall(r"^USER (.+)$", FINAL_STAGE, re.MULTILINE)
    assert users == ["10001:10001"]


def test_both_stages_stand_on_the_same_pinned_release() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", bases[0])


def test_the_final_stage_installs_nothing() -> None:
    runs = re.findall(r"^RUN (.+)$", FINAL_STAGE, re.MULTILINE)
    assert [run for run in runs if re.search(r"apt|pip|make|gcc|install (dependencies|service)", run)] == []


@pytest.mark.parametrize("source", re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE))
def test_what_the_image_copies_reaches_the_builder(source: str) -> None:
    let_through = (ROOT / ".dockerignore").read_text().split()
    assert [name for name in source.split() if f"!{name}" not in let_through] == []


def test_the_service_waits_for_a_database_that_answers() -> None:
    assert COMPOSE["services"]["service"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert "-h 127.0.0.1" in COMPOSE["services"]["database"]["healthcheck"]["test"]


def test_the_database_outlives_its_container() -> None:
    (volume,) = COMPOSE["services"]["database"]["volumes"]
    assert volume.partition(":")[0] in COMPOSE["volumes"]


def test_no_password_has_a_value_here() -> None:
    environments = [service["environment"] for service in COMPOSE["services"].values()]
    passwords = [value for each in environments for name, value in each.items() if "PASSWORD" in name]
    assert len(passwords) == 2
    assert all(REQUIRED_VARIABLE.fullmatch(value) for value in passwords)
    assert re.search(r"^POSTGRES_PASSWORD=$", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_every_variable_of_the_compose_file_is_explained() -> None:
    asked = set(VARIABLE.findall((ROOT / "docker-compose.yml").read_text()))
    assert asked == set(re.findall(r"^#?(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
