"""`make golden`: write anew what is generated, so that a change of the interface is a difference to be read.

Run it, read the difference, commit it with the change that caused it.
"""

import json
from collections.abc import Callable
from pathlib import Path

from api.capability import statement
from api.openapi import document, responses
from models.fhir.codec import dump
from service.conformance import published
from service.rulebook import markdown
from service.ruleset import load
from tests.docs.recording import record
from tests.docs.reference import commands_page, errors_page, search_page, settings_page

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "api/openapi/recorded.json"
BASE = "https://clonidine-watch.example/fhir"


def pretty(value: object) -> str:
    """JSON for people."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


FILES: dict[Path, Callable[[], str]] = {
    ROOT / "tests/golden/openapi.json": lambda: pretty(document()),
    ROOT / "tests/golden/capability.json": lambda: pretty(statement(BASE)),
    ROOT / "tests/golden/plan-definition.json": lambda: pretty(
        json.loads(dump(published(load())["PlanDefinition", "hypotension"]))
    ),
    ROOT / "docs/reference/settings.md": settings_page,
    ROOT / "docs/reference/search.md": search_page,
    ROOT / "docs/reference/errors.md": errors_page,
    ROOT / "docs/reference/commands.md": commands_page,
    ROOT / "docs/reference/rules.md": lambda: markdown(load()),
}
"""Generated files, and what each should hold; those that stand on RECORDED come after it."""


def main() -> None:
    """Write every file whose content has changed."""
    _write(RECORDED, pretty(record()))
    responses.recorded.cache_clear()
    for file, made in FILES.items():
        _write(file, made())


def _write(file: Path, text: str) -> None:
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        print(f"written: {file.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
