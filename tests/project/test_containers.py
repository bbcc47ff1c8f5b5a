"""The image and the compose file keep the promises of docs/how-to/containers.md."""

import re
from typing import Any

import pytest
import yaml

from api.commands.serve import PATIENCE
from api.settings import SETTINGS
from tests.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
FINAL_STAGE = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
REQUIRED_VARIABLE = re.compile(r"\$\{(\w+):\?[^}]+\}")
VARIABLE = re.compile(r"\$\{(\w+)[:}]")


def test_the_image_runs_as_a_number_that_is_not_root() -> None:
    users = re.findall(r"^USER (.+)$", FINAL_STAGE, re.MULTILINE)
    assert users == ["10001:0"]


def test_both_stages_stand_on_the_same_release_pinned_by_digest() -> None:
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${BASE}"] * 2
    (base,) = re.findall(r"^ARG BASE=(\S+)", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+-slim-\w+@sha256:[0-9a-f]{64}", base)


def test_any_user_of_group_0_may_write_where_the_database_is() -> None:
    assert "RUN install -d -o 10001 -g 0 -m 0770 /data\n" in FINAL_STAGE


def test_nothing_that_runs_in_the_image_needs_a_shell() -> None:
    for word in ("ENTRYPOINT", "CMD"):
        for form in re.findall(rf"^ *{word} (.+)$", FINAL_STAGE, re.MULTILINE):
            assert form.startswith("["), form


def test_the_service_can_write_nowhere_but_in_memory() -> None:
    service = COMPOSE["services"]["service"]
    assert (service["read_only"], service["tmpfs"], service["cap_drop"]) == (True, "/tmp", ["ALL"])
    assert "HOME=/tmp" in FINAL_STAGE


def test_compose_waits_longer_than_the_service_takes_to_end() -> None:
    grace = int(COMPOSE["services"]["service"]["stop_grace_period"].removesuffix("s"))
    assert grace > int(SETTINGS["DRAIN_SECONDS"].default) + PATIENCE


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


def test_the_password_is_a_secret_that_stands_in_no_environment() -> None:
    (secret,) = COMPOSE["secrets"].values()
    assert REQUIRED_VARIABLE.fullmatch(secret["file"])
    for service in COMPOSE["services"].values():
        passwords = {name: value for name, value in service["environment"].items() if "PASSWORD" in name}
        assert list(passwords.values()) == ["/run/secrets/database_password"]
        assert all(name.endswith("_FILE") for name in passwords)
        assert service["secrets"] == list(COMPOSE["secrets"]) == ["database_password"]


def test_every_variable_of_the_compose_file_is_explained() -> None:
    asked = set(VARIABLE.findall((ROOT / "docker-compose.yml").read_text()))
    assert asked == set(re.findall(r"^#?(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
