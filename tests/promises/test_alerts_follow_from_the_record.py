"""P2 and P6 over HTTP: any order, any split, sent twice, sent at once: the same alerts with the same ids."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.build import ago, bundle, dose, entry, heart_rate, order, panel
from tests.fhir_client import everything, phase, rule, severity, summary
from tests.serving import serving

LYING, STANDING = "40199007", "10904000"


def _course() -> list[dict[str, Any]]:
    """A day on clonidine with something for every rule."""
    docs = [
        order(0.3, 3, ago(1400)),
        *(dose(0.2, ago(1380 - 180 * at)) for at in range(7)),
        dose(0.4, ago(100)),
        *(panel(142 - at, 91 - at, ago(1430 + 10 * at)) for at in range(3)),
        *(
            panel(systolic, 70, ago(1200 - 60 * at))
            for at, systolic in enumerate((118, 88, 86, 79, 96, 89, 131))
        ),
        panel(182, 100, ago(700)),
        panel(185, 121, ago(690)),
        panel(130, 80, ago(302), position=LYING),
        panel(108, 72, ago(300), position=STANDING),
        panel(80, 95, ago(250)),
        heart_rate(48, ago(240)),
        panel(88, 66, ago(235)),
        heart_rate(39, ago(120)),
    ]
    return [{**doc, "id": f"c{at}"} for at, doc in enumerate(docs)]


def _put(client: httpx.Client, docs: list[dict[str, Any]], chance: random.Random) -> None:
    """The documents in some order, some alone, some in Bundles, some twice."""
    docs = [*docs, *chance.sample(docs, 8)]
    chance.shuffle(docs)
    while docs:
        size = chance.choice((1, 1, 2, 5))
        part = {doc["id"]: doc for doc in docs[:size]}
        del docs[:size]
        entries = [entry(doc, "PUT", f"{doc['resourceType']}/{doc['id']}") for doc in part.values()]
        kind = chance.choice(("batch", "transaction"))
        answer = client.post("/fhir", json=bundle(kind, *entries))
        assert answer.status_code == 200, answer.text
        assert {item["response"]["status"][:2] for item in answer.json()["entry"]} == {"20"}


def _alerts(client: httpx.Client) -> set[tuple[str, ...]]:
    final = everything(client, "/fhir/Observation?category=alert&status=final")
    return {
        (
            alert["id"],
            rule(alert),
            severity(alert),
            phase(alert),
            json.dumps(alert.get("component")),
            json.dumps(alert["derivedFrom"]) if "derivedFrom" in alert else "",
            alert["note"][0]["text"],
        )
        for alert in final
    }


@pytest.fixture(scope="module")
def course() -> list[dict[str, Any]]:
    return _course()


ENDS: dict[str, set[tuple[str, ...]]] = {}


@pytest.mark.parametrize("seed", range(4))
def test_every_order_split_and_resend_ends_in_the_same_alerts(
    client: httpx.Client, seed: int, course: list[dict[str, Any]]
) -> None:
    _put(client, course, random.Random(seed))
    found = _alerts(client)
    assert len({name for _, name, *_ in found}) >= 9
    assert ENDS.setdefault("first", found) == found


def test_a_pair_posted_at_once_never_misses_each_other(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path / "service.log") as service, ThreadPoolExecutor(16) as pool:

        def post(doc: dict[str, Any]) -> int:
            return httpx.post(f"{service.url}/fhir/Observation", json=doc, timeout=60).status_code

        pairs = [
            doc
            for at in range(40)
            for doc in (
                panel(130, 80, ago(12), f"pair{at}", LYING),
                panel(105, 66, ago(10), f"pair{at}", STANDING),
            )
        ]
        assert set(pool.map(post, pairs)) == {201}
        with httpx.Client() as client:
            alerts = everything(
                client, f"{service.url}/fhir/Observation?code=orthostatic-hypotension&_count=500"
            )
    assert len(alerts) == 40


def test_a_correction_retracts_and_a_second_one_raises_again(client: httpx.Client) -> None:
    reading = {**panel(84, 58), "id": "r1"}
    client.put("/fhir/Observation/r1", json=reading)
    (raised,) = everything(client, "/fhir/Observation?derived-from=Observation/r1")
    client.put("/fhir/Observation/r1", json={**reading, "status": "entered-in-error"})
    (retracted,) = everything(client, "/fhir/Observation?derived-from=Observation/r1")
    assert (retracted["id"], retracted["status"]) == (raised["id"], "entered-in-error")
    assert len(retracted["note"]) > len(raised["note"])
    client.put("/fhir/Observation/r1", json=reading)
    (again,) = everything(client, "/fhir/Observation?derived-from=Observation/r1")
    assert (again["id"], again["status"], again["meta"]["versionId"]) == (raised["id"], "final", "3")


def test_a_deleted_reading_takes_its_alert_back(client: httpx.Client) -> None:
    client.put("/fhir/Observation/r1", json={**panel(84, 58), "id": "r1"})
    assert client.delete("/fhir/Observation/r1").status_code == 204
    (alert,) = everything(client, "/fhir/Observation?category=alert")
    assert alert["status"] == "entered-in-error"


def test_a_reading_moved_to_another_patient_takes_its_alert_along(client: httpx.Client) -> None:
    client.put("/fhir/Observation/r1", json={**panel(84, 58, patient="a"), "id": "r1"})
    client.put("/fhir/Observation/r1", json={**panel(84, 58, patient="b"), "id": "r1"})
    assert [a["status"] for a in everything(client, "/fhir/Observation?category=alert&patient=a")] == [
        "entered-in-error"
    ]
    assert summary(everything(client, "/fhir/Observation?category=alert&patient=b")) == [
        ("hypotension", "high", "new")
    ]
