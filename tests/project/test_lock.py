"""What is installed is what was chosen, from wherever the installer is pointed at."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT

LOCKS = sorted(ROOT.glob("requirements*.txt")) + sorted(ROOT.glob("bench/requirements*.txt"))
RUNTIME, REPORT, TELEMETRY, DEVELOPMENT = (
    ROOT / f"requirements{name}.txt" for name in ("", "-report", "-telemetry", "-dev")
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

LINE = re.compile(r"( *#.*| +--hash=sha256:[0-9a-f]{64}( \\)?|[a-z0-9.-]+==[\w.]+( ; [^\\]+)? \\)")


def pins(lock: Path) -> dict[str, str]:
    """Version by name."""
    return dict(re.findall(r"^([a-z0-9.-]+)==([\w.]+)", lock.read_text(), re.MULTILINE))


def declared(group: list[str]) -> Iterator[tuple[str, Requirement]]:
    for requirement in map(Requirement, group):
        yield re.sub(r"[._-]+", "-", requirement.name).lower(), requirement


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_lock_holds_pins_and_hashes_and_names_no_place_to_fetch_from(lock: Path) -> None:
    lines = lock.read_text().splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert [line for line in lines if "://" in line] == []


@pytest.mark.parametrize(
    ("lock", "group"),
    [
        (RUNTIME, PROJECT["project"]["dependencies"]),
        (REPORT, PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["report"]),
        (
            TELEMETRY,
            PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["telemetry"],
        ),
        (DEVELOPMENT, PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]),
        (ROOT / "requirements-build.txt", PROJECT["build-system"]["requires"]),
    ],
    ids=["runtime", "report", "telemetry", "development", "build"],
)
def test_a_lock_satisfies_what_the_project_asks_for(lock: Path, group: list[str]) -> None:
    locked = pins(lock)
    assert [str(asked) for name, asked in declared(group) if locked.get(name) not in asked.specifier] == []


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    assert pins(RUNTIME).items() <= pins(REPORT).items() <= pins(DEVELOPMENT).items()
    assert pins(RUNTIME).items() <= pins(TELEMETRY).items() <= pins(DEVELOPMENT).items()


def test_the_service_does_without_what_reports_draw_with() -> None:
    assert pins(REPORT).keys() - pins(RUNTIME).keys() >= {"matplotlib", "numpy", "pillow"}


def test_the_service_does_without_what_traces_are_sent_with() -> None:
    assert pins(TELEMETRY).keys() - pins(RUNTIME).keys() >= {"opentelemetry-sdk", "protobuf", "requests"}
