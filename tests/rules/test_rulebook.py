"""docs/reference/rules.md is what the rules say."""

from pathlib import Path

from service.rulebook import markdown
from service.rules import RULES
from service.ruleset import load

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rules.md"
WRITE = (
    'python -c "from service.rulebook import markdown; from service.ruleset import load; '
    "print(markdown(load()), end='')\" > docs/reference/rules.md"
)


def test_the_page_of_rules_is_current() -> None:
    assert PAGE.read_text("utf-8") == markdown(load()), f"write it again with: {WRITE}"


def test_every_rule_says_what_why_on_which_evidence_and_with_which_limits() -> None:
    page = markdown(load())

    for rule in RULES:
        section = page.split(f"\n## {rule.id}\n")[1].split("\n## ")[0]
        assert [word in section for word in ("**What**", "**Why**", "**Evidence**", "**Limits**")] == [
            True
        ] * 4
        assert any(mark in section for mark in ("[F]", "[F2]", "[R]", "[E]"))
        assert all(f"| `{limit.key}` |" in section for limit in rule.limits)
