"""docs/reference/rules.md, which `make golden` writes, tells of every rule what a clinician asks."""

from service.rulebook import markdown
from service.rules import RULES
from service.ruleset import load


def test_every_rule_says_what_why_on_which_evidence_and_with_which_limits() -> None:
    page = markdown(load())

    for rule in RULES:
        section = page.split(f"\n## {rule.id}\n")[1].split("\n## ")[0]
        assert [word in section for word in ("**What**", "**Why**", "**Evidence**", "**Limits**")] == [
            True
        ] * 4
        assert any(mark in section for mark in ("[F]", "[F2]", "[R]", "[E]"))
        assert all(f"| `{limit.key}` |" in section for limit in rule.limits)
