"""The release before works on a database that this one has migrated, also while both serve."""

import io
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import httpx
import pytest

from tests.build import ago, panel
from tests.conftest import ROOT
from tests.fhir_client import POLL, everything
from tests.serving import PREFIX, RUN, serving

BEFORE = "8238a5d"
"""Until a release is tagged, the commit that stands for the one before."""
EACH = 15


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the release before, from the history of this repository."""
    if not shutil.which("git"):
        pytest.skip("git is not here, so neither is the release before")
    found = subprocess.run(
        ["git", "archive", BEFORE, "api", "service", "models"], check=False, cwd=ROOT, capture_output=True
    )
    if found.returncode:
        pytest.skip(f"this copy has no history that reaches back to {BEFORE}, the release before")
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return folder


def old(source: Path, url: str, code: str) -> str:
    """What Python code of the release before prints."""
    environment = os.environ | {"PYTHONPATH": str(source), f"{PREFIX}DATABASE_URL": url}
    command = [sys.executable, "-c", code, "migrate"]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, cwd="/"
    ).stdout


def test_it_is_really_the_release_before(before: Path, sqlite_url: str) -> None:
    assert old(before, sqlite_url, "import api; print(api.__file__)").startswith(str(before))


def test_it_starts_reads_and_writes_beside_this_one(before: Path, database_url: str, tmp_path: Path) -> None:
    """As while processes are exchanged one by one, and as after going back."""
    with (
        serving(database_url, tmp_path / "this") as this,
        serving(database_url, tmp_path / "before", source=before) as other,
        httpx.Client(timeout=60) as client,
    ):
        urls = (this.url, other.url)
        senders = [threading.Thread(target=send, args=(url, number)) for number, url in enumerate(urls)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(120)
        both = panel(120, 80, ago(5), "shared", id="both")
        for url, systolic in zip(urls, (120, 84), strict=True):
            both["component"][0]["valueQuantity"]["value"] = systolic
            assert client.put(f"{url}/fhir/Observation/both", json=both).status_code in (200, 201)
        found = [
            sorted(alert["derivedFrom"][0]["reference"] for alert in everything(client, f"{url}{POLL}"))
            for url in urls
        ]
        sent = [f"Observation/{number}-{turn}" for number in range(len(urls)) for turn in range(EACH)]
        assert found == [sorted([*sent, "Observation/both"])] * 2
        histories = [client.get(f"{url}/fhir/Observation/both/_history").json()["entry"] for url in urls]
        assert [[entry["resource"]["meta"]["versionId"] for entry in each] for each in histories] == [
            ["2", "1"]
        ] * 2


def send(url: str, number: int) -> None:
    with httpx.Client(timeout=60) as client:
        for turn in range(EACH):
            id = f"{number}-{turn}"
            doc = panel(84, 58, ago(5), f"p{id}", id=id)
            client.put(f"{url}/fhir/Observation/{id}", json=doc).raise_for_status()


def test_it_says_that_there_is_nothing_to_migrate(before: Path, database_url: str) -> None:
    subprocess.run(
        [sys.executable, "-c", RUN, "migrate"],
        env=os.environ | {f"{PREFIX}DATABASE_URL": database_url}, check=True, capture_output=True,
    )  # fmt: skip
    assert old(before, database_url, RUN) == "The database is at revision 0001.\n"
