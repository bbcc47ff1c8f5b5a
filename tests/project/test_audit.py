"""`make audit` fails for what is known, and never passes off as clean what it could not look at."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import Any

import pytest

from tests.conftest import ROOT

KNOWN = {"id": "GHSA-1", "aliases": ["CVE-1"], "fix_versions": ["2.0"]}
LOOKED_AT = {"name": "fine", "version": "1.0", "vulns": []}
SKIPPED = {"name": "unknown", "skip_reason": "not found"}


@pytest.fixture
def audit() -> Any:
    loader = SourceFileLoader("audit", str(ROOT / ".ci/audit"))
    spec = spec_from_loader("audit", loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_what_is_known_fails_with_the_version_that_mends_it(
    audit: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.told("lock", [LOOKED_AT, {"name": "bad", "version": "1.0", "vulns": [KNOWN]}]) == 1
    assert "bad 1.0: GHSA-1, mended in 2.0" in capsys.readouterr().out


def test_what_is_accepted_says_why(audit: Any, capsys: pytest.CaptureFixture[str]) -> None:
    audit.ACCEPTED["CVE-1"] = "Only on Windows."
    assert audit.told("lock", [{"name": "bad", "version": "1.0", "vulns": [KNOWN]}]) == 0
    assert "Only on Windows." in capsys.readouterr().out


def test_what_could_not_be_looked_at_is_counted(audit: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.told("lock", [LOOKED_AT, SKIPPED]) == 0
    said = capsys.readouterr().out
    assert "SKIPPED 1 of 2" in said
    assert "looked at 1 packages" in said


def test_without_an_answer_it_says_that_nothing_was_looked_at(
    audit: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """As without a network: here there is no such lock to ask about."""
    assert audit.audit("no-such-lock.txt") == 0
    assert "NOTHING IN IT WAS LOOKED AT" in capsys.readouterr().out
