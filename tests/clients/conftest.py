"""What the clients share: a running service on each engine, a patient of each test's own, a client in JavaScript."""

import itertools
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import serving

HERE = Path(__file__).parent
SCRIPT, PACKAGE, LOCK = (HERE / name for name in ("fhir_kit_client.mjs", "package.json", "package-lock.json"))
INSTALL = (
    "npm ci --ignore-scripts --no-audit --no-fund --engine-strict --prefer-offline "
    "--fetch-retries=1 --fetch-timeout=20000"
)
OURS = ("EINTEGRITY", "EUSAGE")
"""Errors of npm that say that the lock is wrong; any other is the machine's."""
PATIENCE = 120
NUMBERS = itertools.count(1)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The FHIR address of a service in a process of its own, on each engine in turn."""
    folder = tmp_path_factory.mktemp("clients")
    url = f"sqlite:///{folder / 'clonidine-watch.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").fresh()
    with serving(url, folder / "log") as service:
        yield f"{service.url}/fhir"
        assert service.stop() == 0


@pytest.fixture
def patient() -> str:
    """The id of a patient of this test alone; the service is shared."""
    return f"of-clients-{next(NUMBERS)}"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the script and, as the lock has it, the client."""
    if missing := [name for name in ("node", "npm") if not shutil.which(name)]:
        pytest.skip(f"The JavaScript client was not tried: {' and '.join(missing)} cannot be found.")
    folder = tmp_path_factory.mktemp("fhir-kit-client")
    for file in (SCRIPT, PACKAGE, LOCK):
        shutil.copy(file, folder)
    done = subprocess.run(
        INSTALL.split(), cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if done.returncode and not any(error in done.stderr for error in OURS):
        code = re.search(r"code (\w+)", done.stderr)
        pytest.skip(f"The JavaScript client was not tried: npm could not install it ({code and code[1]}).")
    assert done.returncode == 0, done.stderr
    return folder
