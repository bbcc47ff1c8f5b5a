"""docs/how-to/authorize.md works as it stands: the service in a process of its own, the client in another."""

import re
import subprocess
import sys
from pathlib import Path

import httpx

from tests.build import panel
from tests.conftest import ROOT
from tests.serving import COMMAND, serving

PAGE = (ROOT / "docs/how-to/authorize.md").read_text()
SCRIPTS = re.findall(r"```python\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)
ADD = next(line for line in PAGE.splitlines() if line.startswith("clonidine-watch clients add"))


def run(folder: Path, *arguments: str, **environment: str) -> str:
    done = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_from_a_key_to_a_first_call(database_url: str, tmp_path: Path) -> None:
    """With two workers: the one that signs a token is not always the one that checks it."""
    for name, text in SCRIPTS:
        assert "\n" in text
        (tmp_path / name).write_text(text)
    run(tmp_path, sys.executable, "make_key.py")
    with serving(database_url, tmp_path / "log", "--workers", "2", auth="smart") as service:
        assert httpx.get(f"{service.url}/fhir/Observation").status_code == 401
        quoted = re.fullmatch(r"clonidine-watch (.*) --scope '(.*)'", ADD)
        assert quoted
        at = {"CLONIDINE_WATCH_DATABASE_URL": database_url}
        run(tmp_path, str(COMMAND), *quoted[1].split(), "--scope", quoted[2], **at)
        assert "engine" in run(tmp_path, str(COMMAND), "clients", "list", **at)
        poll = tmp_path / "poll.py"
        poll.write_text(poll.read_text().replace("http://127.0.0.1:8000", service.url))
        assert run(tmp_path, sys.executable, "poll.py") == "200 Bundle\n"
        run(tmp_path, str(COMMAND), "clients", "revoke", "engine", **at)
        assert subprocess.run(
            [sys.executable, "poll.py"], cwd=tmp_path, capture_output=True, check=False
        ).returncode


def test_a_reading_is_written_by_who_may(sqlite_url: str, tmp_path: Path) -> None:
    with serving(sqlite_url, tmp_path / "log", auth="smart") as service:
        answer = httpx.post(f"{service.url}/fhir/Observation", json=panel(84, 50))
        assert answer.status_code == 401
        page = httpx.get(f"{service.url}/").text
        assert "AUTH=none" not in page


def test_without_tokens_every_page_warns(sqlite_client: httpx.Client) -> None:
    for path in ("/", "/docs", "/fhir/metadata"):
        assert "everybody who reaches it may read and write everything" in sqlite_client.get(path).text
    assert sqlite_client.get("/fhir/.well-known/smart-configuration").status_code == 404
    assert sqlite_client.post("/auth/token", data={}).status_code == 404
