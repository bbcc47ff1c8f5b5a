"""The examples of docs/how-to/clients.md run as they are written, and each prints the note of an alert."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import PACKAGE, PATIENCE
from tests.conftest import ROOT
from tests.docs.test_documentation import blocks
from tests.project.test_lock import DEVELOPMENT, pins

PAGE = ROOT / "docs/how-to/clients.md"
ADDRESS = "http://127.0.0.1:8000/fhir"


def printed(command: list[str], example: str, file: Path, base: str) -> str:
    """What an example prints, run beside the models of the project."""
    assert ADDRESS in example
    file.write_text(example.replace(ADDRESS, base))
    done = subprocess.run(
        [*command, str(file)], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("at", [0, 1], ids=["fhirpy", "fhirclient"])
def test_the_examples_in_python_print_an_alert(base: str, at: int, tmp_path: Path) -> None:
    shown = blocks(PAGE, "python")
    assert len(shown) == 2
    assert "mm[Hg]" in printed([sys.executable], shown[at], tmp_path / "example.py", base)


def test_the_example_in_javascript_prints_an_alert(installed: Path, base: str) -> None:
    (shown,) = blocks(PAGE, "js")
    assert "mm[Hg]" in printed(["node"], shown, installed / "example.mjs", base)


def test_the_page_names_the_versions_that_are_tried() -> None:
    tried = {name: pins(DEVELOPMENT)[name] for name in ("fhirpy", "fhirclient")}
    tried |= json.loads(PACKAGE.read_text())["devDependencies"]
    assert dict(re.findall(r"^\| \[([\w-]+)\]\(.*?\| ([\d.]+) \|", PAGE.read_text(), re.MULTILINE)) == tried
