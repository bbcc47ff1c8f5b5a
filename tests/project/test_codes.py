"""A wrong clinical code reads like a right one; so each is checked against a table and its check digit.

LOINC: https://loinc.org/kb/users-guide/loinc-database-structure/ (mod 10, Luhn's method).
SNOMED CT: https://confluence.ihtsdotools.org/display/DOCRELFMT/5.5+Check-digit (Verhoeff).
"""

import ast
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.project.terminology import ALLOWED, LOINC, SNOMED

DISPLAYS = {code: display for _, code, display in ALLOWED}
SYSTEMS = {system for system, _, _ in ALLOWED}
LOOKS_LIKE_LOINC = re.compile(r"(?<![\w.+/-])\d{3,6}-\d(?![\w.-]*\w)")
LOOKS_LIKE_CONCEPT = re.compile(r"\d{6,18}|[A-Z]\d\d[A-Z]{2}\d\d")
QUOTED = {".md": re.compile(r'"code": *"([^"\n]*)"'), ".toml": re.compile(r'"([^"\n]*)"')}
LABEL = re.compile(r"[^\W\d].*[a-z ].*[^.]")
"""A display, as opposed to a code, a sentence or a word in capitals."""


def sources(*suffixes: str) -> list[Path]:
    places = ("api", "service", "models", "docs")
    files = [file for place in places for file in (ROOT / place).rglob("*")] + list(ROOT.glob("*.md"))
    return sorted(file for file in files if file.suffix in suffixes)


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


def named(file: Path) -> set[str]:
    """What looks like a clinical code in a text."""
    text = file.read_text()
    quoted = list(constants(text)) if file.suffix == ".py" else QUOTED[file.suffix].findall(text)
    return {*LOOKS_LIKE_LOINC.findall(text), *filter(LOOKS_LIKE_CONCEPT.fullmatch, quoted)}


def constants(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def worded(file: Path) -> Iterator[tuple[str, str]]:
    """Each code that stands beside a label in a program: in a dict, or as neighbours in a call or a row."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Dict):
            pairs = zip(map(literal, node.keys), map(literal, node.values), strict=True)
            entries = dict(pairs)
            yield entries.get("code", ""), entries.get("display", "")
        row = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
        yield from itertools.pairwise(map(literal, row))


def literal(node: ast.AST | None) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def codings(document: Any) -> Iterator[tuple[str, str, str]]:
    """(system, code, display) of every coding in a FHIR document; the table's display where it has none."""
    if isinstance(document, dict) and document.get("system") in SYSTEMS and "code" in document:
        code = document["code"]
        yield document["system"], code, document.get("display", DISPLAYS.get(code, ""))
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


@pytest.mark.parametrize("file", sources(".py", ".toml", ".md"), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_names_no_code_but_those_of_the_table(file: Path) -> None:
    assert sorted(named(file) - DISPLAYS.keys()) == []


@pytest.mark.parametrize("file", sources(".py"), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_label_beside_a_code_is_the_wording_of_its_publisher(file: Path) -> None:
    labelled = {(code, text) for code, text in worded(file) if code in DISPLAYS and LABEL.fullmatch(text)}
    assert sorted(pair for pair in labelled if DISPLAYS[pair[0]] != pair[1]) == []


@pytest.mark.parametrize("file", sources(".json"), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_coding_in_an_example_stands_in_the_table(file: Path) -> None:
    assert sorted(set(codings(json.loads(file.read_text()))) - set(ALLOWED)) == []
