"""fhir-kit-client for JavaScript (https://github.com/Vermonster/fhir-kit-client): fhir_kit_client.mjs has its tests."""

import json
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.clients.conftest import LOCK, PACKAGE, PATIENCE, SCRIPT

NAMES = re.findall(r'^test\("([^"]+)"', SCRIPT.read_text(), re.MULTILINE)


@pytest.fixture(scope="session")
def failures(installed: Path, base: str) -> dict[str, str]:
    """What every test of the script failed with, "" for those that passed."""
    command = ["node", "--test-reporter=junit", SCRIPT.name, base]
    done = subprocess.run(
        command, cwd=installed, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert "<testcase" in done.stdout, done.stderr
    cases = ElementTree.fromstring(done.stdout).iter("testcase")
    return {case.attrib["name"]: "".join(case.itertext()).strip() for case in cases}


@pytest.mark.parametrize("name", NAMES)
def test_the_client_is_content(failures: dict[str, str], name: str) -> None:
    assert failures[name] == ""


def test_the_lock_pins_the_client_by_hash_and_names_no_place_to_fetch_from() -> None:
    asked = json.loads(PACKAGE.read_text())["devDependencies"]
    packages = json.loads(LOCK.read_text())["packages"]
    assert packages.pop("")["devDependencies"] == asked
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert [name for name, about in packages.items() if not about["integrity"].startswith("sha512-")] == []
    assert "://" not in LOCK.read_text()
