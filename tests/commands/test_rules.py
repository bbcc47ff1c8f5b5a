"""`rules`: the ruleset in force, for a person and for a program."""

import json
from pathlib import Path

import pytest

from service.rules import RULES
from tests.commands.conftest import Run


@pytest.mark.parametrize("preset", ["default", "etsu-inpatient", "lofexidine-trial"])
def test_the_table_fits_a_page_and_names_every_rule_limit_and_source(
    command: Run, tmp_path: Path, preset: str
) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text(f'preset = "{preset}"\n')
    out = command("rules", "--limits", limits).out
    assert max(map(len, out.splitlines())) <= 100
    assert f"preset {preset}" in out
    words = " ".join(out.split())
    for rule in RULES:
        assert f"\n{rule.id} " in out
        assert all(f"\n  {limit.key} " in out for limit in rule.limits)
    assert "90 mm[Hg]" in words
    assert "ETSU inpatient opioid withdrawal protocol (S2)" in words


def test_a_site_sees_its_own_limits_and_switches(command: Run, tmp_path: Path) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text("[rules]\nbradycardia = false\n[limits.hypotension]\nsystolic = 85\n")
    told = json.loads(command("rules", "--json", "--limits", limits).out)
    rules = {rule["id"]: rule for rule in told["rules"]}
    assert rules.keys() == {rule.id for rule in RULES}
    assert not rules["bradycardia"]["on"]
    assert rules["hypotension"]["on"]
    systolic = next(limit for limit in rules["hypotension"]["limits"] if limit["key"] == "systolic")
    assert (systolic["value"], systolic["unit"], systolic["low"], systolic["high"]) == (85, "mm[Hg]", 70, 110)
    assert "hypotension " in (out := command("rules", "--limits", limits).out)
    assert "85 mm[Hg]" in out
