"""The texts are true: commands exist, links lead somewhere, sessions and recipes run as they are written."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.cli import COMMANDS
from api.errors import STATUS
from api.settings import PREFIX, SETTINGS
from models.resource_types import TYPES
from models.search.query import RESULT
from models.store.tables import Version
from service.rules import RULES
from tests.conftest import ROOT
from tests.consumers import told
from tests.in_process import application

PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md")])
PATIENCE = 20
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def reference(name: str) -> str:
    return (ROOT / f"docs/reference/{name}.md").read_text(encoding="utf-8")


def blocks(file: Path, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [text for found, text in FENCED.findall(file.read_text(encoding="utf-8")) if found == language]


def anchors(file: Path) -> set[str]:
    """What headings of a page can be linked by."""
    heads = re.findall(r"^#+ (.+)$", FENCED.sub("", file.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for link in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        links = (link.partition("#")[0] for link in LINK.findall(page.read_text(encoding="utf-8")))
        waiting += [(page.parent / link).resolve() for link in links if link and "://" not in link]
    assert {page for page in PAGES if page not in reached} == set()


def test_every_setting_is_in_the_reference() -> None:
    assert [name for name in SETTINGS if f"`{PREFIX}{name}`" not in reference("settings")] == []


def test_every_command_and_option_is_in_the_reference() -> None:
    page = reference("commands")
    parts = {part.partition("\n")[0]: part for part in page.split("\n## ")}
    named = {(command.name, option.name) for command in COMMANDS for option in command.options}
    assert {(name, option) for name, option in named if f"`{option}`" not in parts[name]} == set()
    assert [command.name for command in COMMANDS if command.name not in parts] == []


def test_every_search_parameter_is_in_the_reference() -> None:
    page = reference("search")
    parts = {part.partition("\n")[0]: part for part in page.split("\n## ")}
    names = {(served.name, param.name) for served in TYPES.values() for param in served.params}
    assert {(type, name) for type, name in names if f"`{name}`" not in parts[type]} == set()
    assert [name for name in RESULT if f"`{name}`" not in page] == []


def test_every_error_is_in_the_reference() -> None:
    page = reference("errors")
    assert [kind for kind, status in STATUS.items() if f"| {status} | {kind.__name__} |" not in page] == []


def test_every_rule_is_in_the_reference() -> None:
    assert [rule.id for rule in RULES if f"`{rule.id}`" not in reference("rules")] == []


def test_the_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        (page.name, name) for page in PAGES for name in re.findall(r"\bmake ([a-z]+)\b[`\s]", _code(page))
    }
    assert ("README.md", "serve") in named
    assert {found for found in named if found[1] not in targets} == set()


def test_the_commands_that_are_named_exist() -> None:
    commands = {command.name for command in COMMANDS}
    named = {
        (page.name, name) for page in PAGES for name in re.findall(r"clonidine-watch ([a-z]+)\b", _code(page))
    }
    assert {name for page, name in named if page == "README.md"} == commands
    assert {found for found in named if found[1] not in commands} == set()


def _code(page: Path) -> str:
    """What a page shows as code."""
    text = page.read_text(encoding="utf-8")
    fenced = "".join(body for language, body in FENCED.findall(text) if language in ("sh", "console"))
    return fenced + " ".join(re.findall(r"`[^`\n]+`", FENCED.sub("", text))) + "\n"


@pytest.fixture
def ward(sqlite_url: str) -> Iterator[httpx.Client]:
    with application(sqlite_url) as client:
        yield client


def tools() -> dict[str, str]:
    missing = [name for name in ("bash", "curl", "jq") if not shutil.which(name)]
    assert not missing, f"the recipes need {', '.join(missing)}"
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def steady(text: str) -> str:
    """`text` with ids replaced, which differ from run to run."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "{id}", text)


def test_the_session_in_the_readme_goes_as_it_is_written(ward: httpx.Client, tmp_path: Path) -> None:
    (session,) = blocks(ROOT / "README.md", "console")
    (tmp_path / "models").symlink_to(ROOT / "models")
    commands = re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE)
    assert len(commands) == 4
    for command, shown in commands:
        here = command.replace("localhost:8000", f"localhost:{ward.base_url.port}")
        done = subprocess.run(
            ["bash", "-c", here], cwd=tmp_path, env=tools(), capture_output=True, text=True, check=True
        )
        printed = done.stdout.replace(f"localhost:{ward.base_url.port}", "localhost:8000").replace("\r", "")
        assert steady(printed) == steady(shown), command


def post(client: httpx.Client, ward: str, count: int) -> list[str]:
    """Low readings of as many patients of a ward; the ids of their alerts."""
    reading = json.loads((ROOT / "models/examples/observation-low.json").read_text())
    reading["effectiveDateTime"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    ids = []
    for at in range(count):
        reading["subject"] = {"reference": f"Patient/{ward}-{at}"}
        ids.append(
            client.post("/fhir/Observation", json=reading).links["https://clonidine-watch.org/rel/alert"][
                "url"
            ]
        )
    return [id.rpartition("/")[2] for id in ids]


@contextmanager
def running(*command: str, cwd: Path) -> Iterator[None]:
    """A loop that would run for ever."""
    with subprocess.Popen(command, cwd=cwd, env=tools()) as process:
        try:
            yield
        finally:
            process.kill()


def until(seen: Path, count: int) -> list[str]:
    """The lines of a file, once there are so many."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        lines = seen.read_text().split() if seen.exists() else []
        if len(lines) >= count:
            return lines
        time.sleep(0.05)
    raise AssertionError(f"{count} lines were expected in {PATIENCE} seconds")


def test_the_shell_loop_hands_on_every_alert_once_and_goes_on_after_a_stop(
    ward: httpx.Client, tmp_path: Path
) -> None:
    loop = next(text for text in blocks(ROOT / "docs/how-to/poll-alerts.md", "sh") if "poll.sh" in text)
    (tmp_path / "poll.sh").write_text(loop.replace("_count=100", "_count=2").replace("sleep 5", "sleep 0.2"))
    (tmp_path / "page.sh").write_text("#!/bin/sh\njq -r .id >> seen\n")
    (tmp_path / "page.sh").chmod(0o755)
    ids = []
    for more in ("east", "west"):
        ids += post(ward, more, 5)
        with running("sh", "poll.sh", str(ward.base_url), cwd=tmp_path):
            until(tmp_path / "seen", len(ids))
            time.sleep(0.5)  # room for an alert that comes twice
    assert until(tmp_path / "seen", len(ids)) == ids


def test_the_consumer_loop_hands_on_every_alert_and_goes_on_after_a_stop(
    ward: httpx.Client, tmp_path: Path
) -> None:
    loop = next(text for text in blocks(ROOT / "docs/how-to/poll-alerts.md", "sh") if "consume.sh" in text)
    (tmp_path / "consume.sh").write_text(
        loop.replace("_count=100", "_count=2").replace("sleep 5", "sleep 0.2")
    )
    (tmp_path / "page.sh").write_text("#!/bin/sh\njq -r .id >> seen\n")
    (tmp_path / "page.sh").chmod(0o755)
    ward.post("/fhir/$poll?consumer=pager&_tag=new,escalated,reminder")
    ids = []
    for more in ("east", "west"):
        ids += post(ward, more, 5)
        with running("sh", "consume.sh", str(ward.base_url), cwd=tmp_path):
            until(tmp_path / "seen", len(ids))
            deadline = time.monotonic() + PATIENCE
            while not _acknowledged(ward) and time.monotonic() < deadline:
                time.sleep(0.05)
    assert until(tmp_path / "seen", len(ids)) == ids
    shown = next(text for text in blocks(ROOT / "docs/how-to/poll-alerts.md", "sh") if "$consumers" in text)
    here = shown.replace("http://127.0.0.1:8000", str(ward.base_url))
    done = subprocess.run(["sh", "-c", here], env=tools(), capture_output=True, text=True, check=True)
    assert done.stdout.split()[:3] == ["pager", "0", "0"]


def test_every_table_is_explained() -> None:
    page = (ROOT / "docs/explanation/architecture.md").read_text()
    assert {*re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)} == {*Version.metadata.tables}


def _acknowledged(client: httpx.Client) -> bool:
    return told(client)["alerts"] == 0


def test_the_python_loop_hands_on_every_alert_once(ward: httpx.Client, tmp_path: Path) -> None:
    (loop,) = blocks(ROOT / "docs/how-to/poll-alerts.md", "python")
    printed = 'print(alert["subject"], alert["code"]["coding"][0]["code"], alert["note"][0]["text"])'
    assert printed in loop
    loop = loop.replace("http://127.0.0.1:8000", str(ward.base_url)).replace("_count=100", "_count=2")
    loop = loop.replace(printed, "print(alert['id'], file=open('seen', 'a'))").replace(
        "sleep(5)", "sleep(0.1)"
    )
    (tmp_path / "poll.py").write_text(loop)
    ids = post(ward, "east", 5)
    with running(sys.executable, "poll.py", cwd=tmp_path):
        until(tmp_path / "seen", 5)
        ids += post(ward, "west", 2)
        assert until(tmp_path / "seen", 7) == ids


def test_the_python_sender_makes_one_reading_of_two_attempts(ward: httpx.Client) -> None:
    (sender,) = blocks(ROOT / "docs/how-to/post-readings.md", "python")
    names: dict[str, object] = {}
    exec(sender, names)
    reading = json.loads((ROOT / "models/examples/observation-identified.json").read_text())
    identifier = "|".join(reading["identifier"][0][part] for part in ("system", "value"))
    send = names["post"]
    assert callable(send)
    assert len(send(ward, reading, identifier)) == 1
    assert send(ward, reading, identifier) == []
    found = ward.get("/fhir/Observation", params={"identifier": identifier, "_summary": "count"}).json()
    assert found["total"] == 1
