"""The wheel that the image is built from carries all that the service needs."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.conftest import ROOT

PACKAGES = ("api", "service", "models")
NEEDED = (*PACKAGES, "pyproject.toml", "README.md", "LICENSE", "NOTICE")
CLUTTER = shutil.ignore_patterns("__pycache__")


def build(source: Path, into: Path) -> set[str]:
    """Names of the files in the wheel of `source`."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
    ]
    subprocess.run([*command, "--wheel-dir", str(into), str(source)], check=True)
    (wheel,) = into.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_carries_every_file_of_the_packages(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=CLUTTER)
        else:
            shutil.copy(ROOT / name, source)
    files = {
        str(file.relative_to(source))
        for name in PACKAGES
        for file in (source / name).rglob("*")
        if file.is_file()
    }
    assert files - build(source, tmp_path / "wheel") == set()
