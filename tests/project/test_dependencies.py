"""The code imports what the project declares, and the project declares what the code needs."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain

from packaging.requirements import Requirement

from tests.conftest import ROOT
from tests.project.test_lock import PROJECT

OURS = {"api", "service", "models"}
CHOSEN_BY_NAME = {"uvloop", "httptools"}
"""Loaded by uvicorn when its settings name them."""
TESTED_WITH = {"httpx"}
"""The project's HTTP client: the tests speak to the service as its users do."""
IMPORTED_AS = {
    "fhir-resources": "fhir",
    "opentelemetry-sdk": "opentelemetry",
    "opentelemetry-exporter-otlp-proto-http": "opentelemetry",
}
PART_OF = {"starlette": "fastapi", "pydantic": "fastapi", "fhir_core": "fhir", "pydantic_core": "fastapi"}
"""Packages that a declared one hands out in its own interface, and the declared one."""


def imported() -> Iterator[str]:
    """First part of the name of everything that the product imports from elsewhere."""
    for file in (file for package in OURS for file in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module.partition(".")[0]


def declared() -> set[str]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    names = (Requirement(text).name for text in chain(PROJECT["project"]["dependencies"], *extras))
    normal = (re.sub(r"[._-]+", "-", name).lower() for name in names)
    return {IMPORTED_AS.get(name, name.replace("-", "_")) for name in normal}


def needed() -> set[str]:
    foreign = set(imported()) - OURS - set(sys.stdlib_module_names)
    return {PART_OF.get(name, name) for name in foreign}


def test_everything_imported_is_declared() -> None:
    assert needed() - declared() == set()


def test_everything_declared_is_used() -> None:
    assert declared() - needed() - CHOSEN_BY_NAME - TESTED_WITH == set()


def test_a_start_on_sqlite_loads_no_client_and_no_driver_of_postgresql() -> None:
    tell = "import sys, api.app; print({'httpx', 'psycopg', 'psycopg_pool'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", tell], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
