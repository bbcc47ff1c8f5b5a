"""The session of docs/how-to/acknowledge.md goes as it is written, one command after the other in one shell."""

import re
import subprocess
from pathlib import Path

import httpx

from service.tasks.acknowledging import ACTIONS, LONGEST_SNOOZE
from service.tasks.task import MOST_REMINDERS
from tests.conftest import ROOT
from tests.docs.test_documentation import blocks, steady, tools

PAGE = ROOT / "docs/how-to/acknowledge.md"


def test_the_session_goes_as_it_is_written(sqlite_client: httpx.Client, tmp_path: Path) -> None:
    (session,) = blocks(PAGE, "console")
    (tmp_path / "models").symlink_to(ROOT / "models")
    commands = re.findall(r"^\$ (.+)\n", session, re.MULTILINE)
    shown = re.sub(r"^\$ .+\n", "", session, flags=re.MULTILINE)
    here = "\n".join(commands).replace("localhost:8000", f"localhost:{sqlite_client.base_url.port}")
    done = subprocess.run(
        ["bash", "-euc", here], cwd=tmp_path, env=tools(), capture_output=True, text=True, check=True
    )
    assert steady(done.stdout) == shown


def test_the_numbers_are_those_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"at most {MOST_REMINDERS} times" in page
    assert all(f"`{code}` {display}" in page for code, display in ACTIONS.items())
    assert LONGEST_SNOOZE == 4
    assert "at most 1 hour for a critical alert, 4 for a high, 16 for a moderate, 96 for a lower one" in page
