"""The interface that clients outside this repository rely on, held by the program that they share with us."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import serving


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_new_service_keeps_the_contract(
    database_url: str, workers: str, shared: Path, tmp_path: Path
) -> None:
    with serving(database_url, tmp_path / "log", "--workers", workers) as service:
        check = [sys.executable, str(shared / "checks" / "contract.py"), service.url]
        result = subprocess.run(check, capture_output=True, text=True, timeout=300, check=False)
        assert result.returncode == 0, result.stdout + result.stderr + service.log.read_text()[-4000:]
        assert service.stop() == 0
