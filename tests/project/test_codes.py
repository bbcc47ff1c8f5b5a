"""A wrong clinical code reads like a right one; so each is checked against a table and its check digit.

LOINC: https://loinc.org/kb/users-guide/loinc-database-structure/ (mod 10, Luhn's method).
SNOMED CT: https://confluence.ihtsdotools.org/display/DOCRELFMT/5.5+Check-digit (Verhoeff).
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.project.terminology import ALLOWED, LOINC, SNOMED

DISPLAYS = {code: display for _, code, display in ALLOWED}
LOOKS_LIKE_LOINC = re.compile(r"(?<![\w.+/-])\d{3,6}-\d(?![\w.-]*\w)")
LOOKS_LIKE_CONCEPT = re.compile(r"\d{6,18}|[A-Z]\d\d[A-Z]{2}\d\d")
WORDS = re.compile(r"[^\W\d].*[a-z ].*")
SOURCES = sorted(
    file
    for pattern in ("api/**/*", "service/**/*", "models/**/*", "docs/**/*.md", "README.md")
    for file in ROOT.glob(pattern)
    if file.suffix in {".py", ".toml", ".json", ".md"}
)


def luhn(code: str) -> bool:
    number, _, check = code.partition("-")
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return -total % 10 == int(check)


def verhoeff(code: str) -> bool:
    """Whether the digits multiply to the neutral element of the pentagon's symmetries."""
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = multiply(check, permuted(int(digit), place))
    return check == 0


def multiply(left: int, right: int) -> int:
    turns = left % 5 + right % 5 if left < 5 else left % 5 - right % 5
    return turns % 5 + (5 if (left < 5) != (right < 5) else 0)


def permuted(digit: int, times: int) -> int:
    for _ in range(times):
        digit = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit]
    return digit


def named(file: Path) -> Iterator[str]:
    """What looks like a clinical code in a file."""
    text = file.read_text()
    yield from LOOKS_LIKE_LOINC.findall(text)
    for literal in strings(file, text):
        if LOOKS_LIKE_CONCEPT.fullmatch(literal):
            yield literal


def strings(file: Path, text: str) -> list[str]:
    if file.suffix == ".py":
        nodes = ast.walk(ast.parse(text))
        return [
            node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
    return re.findall(r'"([^"\n]*)"', text)


def worded(file: Path) -> Iterator[tuple[str, str]]:
    """Each code that stands beside a display: in a FHIR coding, or as neighbours in a call or a row."""
    text = file.read_text()
    if file.suffix == ".json":
        yield from codings(json.loads(text))
    if file.suffix != ".py":
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Dict):
            pairs = zip(map(constant, node.keys), map(constant, node.values), strict=True)
            entries = {str(key): value for key, value in pairs}
            yield str(entries.get("code", "")), str(entries.get("display", ""))
        row = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
        for code, display in zip(map(constant, row), map(constant, row[1:]), strict=False):
            yield str(code), str(display or "")


def constant(node: ast.AST | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def codings(document: Any) -> Iterator[tuple[str, str]]:
    if isinstance(document, dict):
        yield str(document.get("code", "")), str(document.get("display", ""))
    for value in (
        document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    ):
        yield from codings(value)


@pytest.mark.parametrize("code", [code for system, code, _ in ALLOWED if system == LOINC])
def test_an_allowed_loinc_code_has_its_check_digit(code: str) -> None:
    assert luhn(code)


@pytest.mark.parametrize("code", [code for system, code, _ in ALLOWED if system == SNOMED])
def test_an_allowed_snomed_code_has_its_check_digit(code: str) -> None:
    assert verhoeff(code)


@pytest.mark.parametrize(
    "wrong",
    ["8460-3", "8461-1", "85354-8"],
    ids=["seen in public code", "seen in public code too", "off by one"],
)
def test_a_wrong_loinc_check_digit_is_seen(wrong: str) -> None:
    assert not luhn(wrong)


@pytest.mark.parametrize(
    "wrong", ["404640004", "406440003", "28651030"], ids=["off by one", "swapped", "swapped end"]
)
def test_a_wrong_snomed_check_digit_is_seen(wrong: str) -> None:
    assert not verhoeff(wrong)


def test_no_code_stands_in_the_table_twice() -> None:
    assert len({(system, code) for system, code, _ in ALLOWED}) == len(ALLOWED) == len(DISPLAYS)


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_names_no_code_but_those_of_the_table(file: Path) -> None:
    assert sorted(set(named(file)) - DISPLAYS.keys()) == []


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_display_is_the_wording_of_its_publisher(file: Path) -> None:
    beside = {(code, text) for code, text in worded(file) if code in DISPLAYS and WORDS.fullmatch(text)}
    assert sorted(pair for pair in beside if DISPLAYS[pair[0]] != pair[1]) == []
