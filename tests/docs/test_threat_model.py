"""Every mitigation of the threat model names a test that exists."""

import re

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs/explanation/threat-model.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| [STRIDE] \|", line)
]


@pytest.mark.parametrize("row", ROWS, ids=[row[1] for row in ROWS])
def test_a_mitigation_names_a_test_that_exists(row: list[str]) -> None:
    kind, threat, mitigation, test = row
    assert threat
    assert mitigation
    named = re.findall(r"`(tests/[\w/]+\.py)`", test)
    assert named, f"{kind}: {threat} names no test"
    for name in named:
        assert re.search(r"^(async )?def test_|^    def test_", (ROOT / name).read_text(), re.MULTILINE), name


def test_every_kind_of_threat_is_thought_of() -> None:
    assert {row[0] for row in ROWS} == set("STRIDE")


def test_nothing_else_in_the_tables_passes_for_a_mitigation() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("|")]
    heads = [line for line in lines if re.match(r"\| (\| threat|--- )", line)]
    assert len(lines) == len(heads) + len(ROWS)
