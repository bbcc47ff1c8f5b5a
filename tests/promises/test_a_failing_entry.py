"""What makes the service fail is answered by itself: its neighbours in a batch are kept, and said to be."""

import httpx
import pytest

from service.record.facts import Reading
from service.rules import RULES
from service.rules.rule import Reach, Rule
from tests.build import bundle, entry, panel
from tests.in_process import application

BROKEN = Rule(
    id="broken", title="Broken", trigger="", severity="low", judges=(), judge=lambda *_: None, seed="-",
    reaches=(Reach(Reading, object),),  # of no kind that a record has
)  # fmt: skip


def patient(id: str) -> dict[str, str]:
    return {"resourceType": "Patient", "id": id}


def statuses(answer: httpx.Response) -> list[str]:
    return [item["response"]["status"][:3] for item in answer.json()["entry"]]


def test_the_neighbours_of_a_failing_entry_are_kept_and_said_to_be(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.ruleset.RULES", (*RULES, BROKEN))
    entries = [
        entry(patient("a"), "PUT", "Patient/a"), entry(panel(84, 50)), entry(patient("b"), "PUT", "Patient/b"),
    ]  # fmt: skip
    with application(database_url) as client:
        answer = client.post("/fhir", json=bundle("batch", *entries))
        assert statuses(answer) == ["201", "500", "201"]
        issue = answer.json()["entry"][1]["response"]["outcome"]["issue"][0]
        assert issue["code"] == "exception"
        assert [client.get(f"/fhir/Patient/{id}").status_code for id in "ab"] == [200, 200]
        assert client.get("/fhir/Observation?_summary=count").json()["total"] == 0
        assert client.post("/fhir", json=bundle("transaction", *entries)).status_code == 500
