"""No search, however malformed, is a failure of ours, and none is ignored in silence."""

import random

import httpx
import pytest

from api.exchange import MOST_FORM
from models.resource_types import COMMON, TYPES
from models.search import query
from models.search.filters import MODIFIERS, REFUSED
from models.search.query import RESULT

NAMES = sorted({param.name for served in TYPES.values() for param in (*served.params, *COMMON)} | set(RESULT))
MODIFIED = sorted(
    {name for names in MODIFIERS.values() for name in names} | set(REFUSED) | {"of-type", "Patient", ""}
)
VALUES = (
    "", ",", "|", "||", "|||", "$", "a$b", "$1", "1$", "\\", "\\,", "a|b|c", "%", "_", "!", "'", '"', ";--", "\x00",
    "\ufffd", "\U0010ffff", "é", "\u0301", "1e999", "-1e-999", "9" * 90, "lt", "lt1", "eq1||", "ne1|u|mm[Hg]", "ap0",
    "1|http://unitsofmeasure.org|kPa", "2026-13", "0000", "9999-12-31T23:59:60Z", "ap0001", "true", "x" * 5000,
    "Patient/p1", "Patient?identifier=a|b", "http://x/Patient/1", "urn:x", "#a", "/", "Observation:subject",
    "Patient:*", "a:b:c", "-date", "-", "WzEsImEiLFsieCJdLDFd", "WzEsImEiLFsxXSwxXQ", "e30",
)  # fmt: skip
FORMS = (
    "{name}",
    "{name}:{modifier}",
    "{name}:{modifier}:{modifier}",
    "{name}.{name}",
    "patient.{name}:{modifier}",
    "subject:Patient.{name}",
    "_has:Observation:{name}:{name}",
    "_has:Observation:patient:{name}:{modifier}",
    "_has:{modifier}",
    ".{name}",
    ":{modifier}",
)


def test_no_search_makes_it_fail(client: httpx.Client) -> None:
    chance = random.Random(7)
    failed, statuses = [], set()
    for at in range(1_500):
        form = chance.choice(FORMS)
        name = form
        for place in ("{name}", "{modifier}"):
            while place in name:
                name = name.replace(place, chance.choice(NAMES if place == "{name}" else MODIFIED), 1)
        pairs = {name: chance.choice(VALUES), chance.choice(NAMES): chance.choice(VALUES)}
        path = chance.choice((*(f"/fhir/{type}" for type in TYPES), "/fhir", "/fhir/Patient/p1/Observation"))
        if at % 10 == 0 and path.count("/") == 2:
            answer = client.post(f"{path}/_search", data=pairs)
        else:
            answer = client.get(path, params=pairs)
        statuses.add(answer.status_code)
        if answer.status_code not in (200, 400, 406, 410):
            failed.append((path, pairs, answer.status_code))
    assert failed == []
    assert statuses >= {200, 400}


def test_values_of_which_there_are_too_many_are_not_read(
    sqlite_client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading 65,000 values took three seconds in which nobody else was served."""
    read: list[object] = []
    monkeypatch.setattr(query, "filter_of", lambda *given: read.append(given))
    for name in (
        "code",
        "combo-code-value-quantity",
        "subject:Patient.name",
        "_has:Observation:patient:code",
    ):
        answer = sqlite_client.post("/fhir/Observation/_search", data={name: "a$1," * 5_000})
        assert answer.status_code == 400
        assert "5001 values in one search" in answer.text
    assert read == []


def test_a_form_has_a_bound_of_its_own(sqlite_client: httpx.Client) -> None:
    """A form of 16 megabytes kept everybody waiting for a minute."""
    for size, status in ((100_000, 200), (MOST_FORM, 413), (16 << 20, 413)):
        answer = sqlite_client.post("/fhir/Patient/_search", data={"name": "x" * size})
        assert answer.status_code == status
