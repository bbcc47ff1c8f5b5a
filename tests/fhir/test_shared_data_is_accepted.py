"""The official examples and the synthetic patients are accepted, and come back value for value."""

import bz2
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from models.fhir.codec import dump, parse
from models.fhir.validation import TYPES, validate, validate_bundle_shell
from tests.conftest import ROOT

SHARED = ROOT.parent / "shared"
EXAMPLES = sorted((SHARED / "fhir-r4-examples").glob("*.json"))
PATIENTS = sorted((SHARED / "synthea").glob("*.json.bz2"))


def _refusals(doc: dict[str, Any]) -> list[str]:
    return [f"{p.expression}: {p.text}" for p in validate(doc) if p.severity == "error"]


def _leaves(tree: Any) -> Iterator[str]:
    """Every value with its digits: 1.0 and 1.00 are equal as numbers and differ here."""
    if isinstance(tree, dict):
        for key, part in tree.items():
            yield key
            yield from _leaves(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _leaves(part)
    else:
        yield repr(tree)


def _same(raw: bytes, doc: dict[str, Any]) -> bool:
    expected = json.loads(raw, parse_float=Decimal)
    return list(_leaves(json.loads(dump(doc), parse_float=Decimal))) == list(_leaves(expected))


def test_the_shared_data_is_there() -> None:
    assert EXAMPLES, f"no examples in {SHARED}: the folder shared/ has to lie beside the project"
    assert PATIENTS, f"no patients in {SHARED}: the folder shared/ has to lie beside the project"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_official_example_is_accepted_and_comes_back(path: Path) -> None:
    raw = path.read_bytes()
    doc = parse(raw)
    assert doc["resourceType"] in TYPES
    assert _refusals(doc) == []
    assert _same(raw, doc)


@pytest.mark.parametrize("path", PATIENTS, ids=lambda path: path.name[:8])
def test_a_synthetic_patient_is_accepted_and_comes_back(path: Path) -> None:
    raw = bz2.decompress(path.read_bytes())
    bundle = parse(raw)
    assert _same(raw, bundle)
    assert validate_bundle_shell(bundle) == []
    resources = [entry["resource"] for entry in bundle["entry"]]
    served = [resource for resource in resources if resource["resourceType"] in TYPES]
    assert len(served) > 50
    assert [refusal for resource in served for refusal in _refusals(resource)] == []
