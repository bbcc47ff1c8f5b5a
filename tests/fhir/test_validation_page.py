"""docs/reference/validation.md names every rule, value set, profile and type that validation knows."""

from models.fhir.bindings import BOUND
from models.fhir.invariants import INVARIANTS
from models.fhir.profiles import PROFILES
from models.fhir.validation import TYPES
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "reference" / "validation.md").read_text()


def test_every_rule_is_explained() -> None:
    laws = [law for table in INVARIANTS.values() for law in table]
    laws += [law for profiles in PROFILES.values() for table in profiles.values() for law in table]
    across = {
        "dom-2",
        "dom-3",
        "dom-4",
        "dom-5",
        "ref-1",
        "txt-1",
        "txt-2",
        "reference",
        "contained-id",
        "json",
    }
    assert [rule for rule in {law.rule for law in laws} | across if f"`{rule}`" not in PAGE] == []


def test_every_required_value_set_is_listed() -> None:
    assert [name for name in set(BOUND.values()) if f"| `{name}` |" not in PAGE] == []


def test_every_profile_and_type_is_listed() -> None:
    profiles = [canonical for table in PROFILES.values() for canonical in table]
    assert [canonical for canonical in profiles if f"`{canonical}`" not in PAGE] == []
    assert ", ".join(TYPES) in PAGE
