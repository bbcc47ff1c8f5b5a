"""CDS Hooks over HTTP: discovery, cards at both hooks, draft orders, prefetch, refusals."""

import logging
import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from service.dosing.hooks import PREFETCH, SERVICES
from tests.build import RXNORM, ago, concept, dose, heart_rate, order, panel
from tests.record.documents import condition

SIGN, VIEW = "clonidine-dose-check", "clonidine-dose-check-view"
SERVICE = {"id", "hook", "title", "description", "prefetch", "usageRequirements"}
CARD = {"uuid", "summary", "indicator", "detail", "source", "links"}
"""Fields of CDS Hooks 2.0 that are used: https://cds-hooks.hl7.org/2.0/#discovery, #card-attributes."""
TREATED: tuple[dict[str, Any], ...] = (
    {**order(0.1, 6, ago(12 * 60 - 30)), "id": "mr1"},
    {**dose(0.1, ago(6 * 60 - 30)), "id": "d1"},
)
WELL: tuple[dict[str, Any], ...] = (
    {**panel(128, 82, ago(5)), "id": "bp1"},
    {**heart_rate(72, ago(5)), "id": "hr1"},
)
LOW = {**panel(88, 62, ago(4)), "id": "bp2"}


def put(client: httpx.Client, *docs: dict[str, Any]) -> None:
    for doc in docs:
        assert client.put(f"/fhir/{doc['resourceType']}/{doc['id']}", json=doc).status_code in (200, 201)


def draft(mg: float = 0.1, hours: int = 6, **more: Any) -> dict[str, Any]:
    return {**order(mg, hours, ago(0)), "status": "draft", **more}


def bundle(*drafts: dict[str, Any]) -> dict[str, Any]:
    """As the specification's own examples have it, without a type."""
    return {"resourceType": "Bundle", "entry": [{"resource": one} for one in drafts]}


def call(service: str = SIGN, patient: str = "p1", *drafts: dict[str, Any], **more: Any) -> dict[str, Any]:
    context: dict[str, Any] = {"userId": "Practitioner/1", "patientId": patient}
    context |= {"draftOrders": bundle(*drafts)} if service == SIGN else {}
    hook = SERVICES[service].hook
    return {"hook": hook, "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "context": context, **more}


def cards(client: httpx.Client, service: str, sent: dict[str, Any]) -> list[dict[str, Any]]:
    """The cards, each held to the specification."""
    answer = client.post(f"/cds-services/{service}", json=sent)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json"), answer.text
    assert answer.json().keys() == {"cards"}
    found: list[dict[str, Any]] = answer.json()["cards"]
    for card in found:
        assert {"summary", "indicator", "source", "uuid", "detail"} <= card.keys() <= CARD
        assert 0 < len(card["summary"]) < 140
        assert card["indicator"] in ("info", "warning", "critical")
        assert {"label", "url", "topic"} == card["source"].keys()
        assert {"system", "code", "display"} == card["source"]["topic"].keys()
        assert all({"label", "url", "type"} == one.keys() for one in card.get("links", ()))
        assert UUID(card["uuid"])
    assert len({card["uuid"] for card in found}) == len(found)
    return found


def topics(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(card["source"]["topic"]["code"], card["indicator"]) for card in found]


def test_the_discovery_has_the_fields_of_the_specification(sqlite_client: httpx.Client) -> None:
    answer = sqlite_client.get("/cds-services", headers={"Accept": "application/json"})
    assert answer.headers["content-type"] == "application/json"
    services = answer.json()["services"]
    assert [(one["id"], one["hook"]) for one in services] == [(SIGN, "order-sign"), (VIEW, "patient-view")]
    for one in services:
        assert one.keys() == SERVICE
        assert all(isinstance(one[name], str) and one[name] for name in SERVICE - {"prefetch"})
        for template in one["prefetch"].values():
            assert set(re.findall(r"{{(.*?)}}", template)) == {"context.patientId"}


def test_the_prefetch_can_be_asked_of_a_server(sqlite_client: httpx.Client) -> None:
    put(sqlite_client, {"resourceType": "Patient", "id": "p1"})
    for template in PREFETCH.values():
        path = template.replace("{{context.patientId}}", "p1")
        assert sqlite_client.get(f"/fhir/{path}").status_code == 200, path


def test_a_record_that_is_opened(client: httpx.Client) -> None:
    assert cards(client, VIEW, call(VIEW)) == []
    put(client, *WELL)
    assert cards(client, VIEW, call(VIEW)) == []
    put(client, *TREATED)
    assert topics(cards(client, VIEW, call(VIEW))) == [("give", "info")]
    put(client, LOW)
    (card,) = cards(client, VIEW, call(VIEW))
    assert topics([card]) == [("hold", "critical")]
    assert re.fullmatch(r"Hold clonidine: Systolic 88 < 90, \d minutes ago\. \(and 1 more\)", card["summary"])
    assert "Limit 90 mm\\[Hg\\]: ETSU" in card["detail"]
    assert [client.get(one["url"]).status_code for one in card["links"]] == [200, 200]


def test_no_pressure_before_a_dose(client: httpx.Client) -> None:
    put(client, *TREATED)
    assert topics(cards(client, VIEW, call(VIEW))) == [("measure-first", "warning")]
    assert topics(cards(client, SIGN, call(SIGN, "p1", draft()))) == [("measure-first", "warning")]


def test_an_order_about_which_there_is_nothing_to_say(client: httpx.Client) -> None:
    put(client, *WELL)
    assert cards(client, SIGN, call(SIGN, "p1", draft())) == []
    assert cards(client, SIGN, call(SIGN, "p1")) == []


def test_the_alerts_that_a_draft_would_raise(client: httpx.Client) -> None:
    put(client, *WELL)
    found = cards(client, SIGN, call(SIGN, "p1", draft(0.4, 3, id="mine")))
    assert topics(found) == [("daily-dose-exceeded", "critical"), ("single-dose-exceeded", "warning")]
    assert found[1]["summary"] == "Single dose too large: A single dose of 0.4 mg clonidine was ordered."
    assert client.get("/fhir/MedicationRequest/mine").status_code == 404
    assert client.get("/fhir/Observation?category=alert&_summary=count").json()["total"] == 0


def test_a_draft_beside_an_order_in_force(client: httpx.Client) -> None:
    put(client, *WELL, {**order(0.2, 6, ago(300)), "id": "mr1"})
    assert topics(cards(client, SIGN, call(SIGN, "p1", draft(0.2, 6)))) == [
        ("daily-dose-exceeded", "warning")
    ]
    revised = draft(0.2, 6, id="mr1", status="active")
    assert cards(client, SIGN, call(SIGN, "p1", revised)) == []


def test_a_draft_while_pressure_is_low(client: httpx.Client) -> None:
    put(client, *WELL, LOW)
    assert topics(cards(client, SIGN, call(SIGN, "p1", draft()))) == [
        ("hold", "critical"),
        ("contraindication-low-bp-or-hr-at-start", "critical"),
    ]


def test_a_contraindication(client: httpx.Client) -> None:
    put(client, *WELL, {**condition(), "id": "c1", "onsetDateTime": "2026-01-01"})
    assert topics(cards(client, SIGN, call(SIGN, "p1", draft()))) == [
        ("contraindication-conduction", "critical")
    ]
    put(client, *TREATED)
    (card,) = cards(client, VIEW, call(VIEW))
    assert topics([card]) == [("hold", "critical")]
    assert "sick sinus syndrome" in card["detail"]


def test_other_medicines_that_are_ordered(client: httpx.Client) -> None:
    put(client, *WELL, *TREATED)
    propranolol = draft(10, 6, medicationCodeableConcept=concept("8787", RXNORM))
    assert topics(cards(client, SIGN, call(SIGN, "p1", propranolol))) == [
        ("interaction-beta-blocker", "warning")
    ]


def test_other_orders_are_nobodys_business(client: httpx.Client) -> None:
    put(client, LOW)
    amoxicillin = {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": concept("617993", RXNORM),
        "subject": {"reference": "Patient/p1"},
        "dosageInstruction": [{"doseAndRate": {"doseQuantity": {"value": 5}}}],
    }
    others = (
        {"resourceType": "NutritionOrder", "status": "draft"},
        amoxicillin,
        {"resourceType": "Nonsense"},
    )
    assert cards(client, SIGN, call(SIGN, "p1", *others)) == []


@pytest.mark.parametrize("kept", [True, False])
def test_a_draft_that_refers_to_its_medication(client: httpx.Client, kept: bool) -> None:
    tablet = {"resourceType": "Medication", "id": "m1", "code": concept("884173", RXNORM)}
    put(client, *WELL, *([tablet] if kept else []))
    sent = draft(0.4, 6, medicationReference={"reference": "Medication/m1"})
    del sent["medicationCodeableConcept"]
    found = cards(client, SIGN, call(SIGN, "p1", sent, *([] if kept else [tablet])))
    assert ("single-dose-exceeded", "warning") in topics(found)


def test_prefetch_of_a_patient_of_whom_nothing_is_kept(client: httpx.Client) -> None:
    server = "https://ehr.example/fhir"
    away = {"reference": f"{server}/Patient/p1"}
    prefetch = {
        "patient": {"resourceType": "Patient", "id": "p1"},
        "vitals": bundle(*({**doc, "subject": away} for doc in (*WELL, LOW))),
        "orders": bundle({**TREATED[0], "subject": away}),
        "doses": None,
        "conditions": {"resourceType": "Bundle", "type": "searchset", "total": 0},
        "unknown": {"resourceType": "Observation"},
    }
    sent = call(VIEW, "p1", fhirServer=server, prefetch=prefetch)
    (card,) = cards(client, VIEW, sent)
    assert topics([card]) == [("hold", "critical")]
    assert "links" not in card
    put(client, WELL[1])
    assert cards(client, VIEW, sent) == []


def without(name: str) -> dict[str, Any]:
    sent = call(SIGN, "p1", draft())
    place = sent if name in sent else sent["context"]
    del place[name]
    return sent


@pytest.mark.parametrize(
    ("sent", "status", "expression"),
    [
        (without("hook"), 400, "hook"),
        (without("hookInstance"), 400, "hookInstance"),
        (without("context"), 400, "context"),
        (without("patientId"), 400, "context.patientId"),
        (without("userId"), 400, "context.userId"),
        (without("draftOrders"), 400, "context.draftOrders"),
        (call(VIEW), 400, "hook"),
        (call(SIGN, "a/b"), 400, "context.patientId"),
        (call(SIGN, "p1", prefetch=[1]), 400, "prefetch"),
        (call(SIGN, "p2", draft()), 422, "context.draftOrders.entry[0].resource.subject"),
        (
            call(SIGN, "p1", draft(dosageInstruction=[{"timing": 1}])),
            400,
            "context.draftOrders.entry[0].resource.dosageInstruction[0].timing",
        ),
        (
            call(SIGN, "p1", draft(intent="wish")),
            422,
            "context.draftOrders.entry[0].resource.intent",
        ),
        (
            call(SIGN, "p1", prefetch={"vitals": bundle({**LOW, "status": "bogus"})}),
            422,
            "prefetch.vitals.entry[0].resource.status",
        ),
    ],
)
def test_what_is_not_understood_is_refused(
    sqlite_client: httpx.Client, sent: dict[str, Any], status: int, expression: str
) -> None:
    answer = sqlite_client.post(f"/cds-services/{SIGN}", json=sent)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome"), answer.text
    assert expression in [place for issue in answer.json()["issue"] for place in issue.get("expression", ())]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", f"/cds-services/{SIGN}", "", 405),
        ("POST", "/cds-services", "{}", 405),
        ("GET", "/cds-services?x=1", "", 400),
        ("POST", f"/cds-services/{VIEW}?x=1", "{}", 400),
        ("POST", "/cds-services/other", "{}", 404),
        ("POST", f"/cds-services/{SIGN}/feedback", "{}", 404),
        ("POST", f"/cds-services/{SIGN}", "[]", 400),
        ("POST", f"/cds-services/{SIGN}", "{", 400),
        ("POST", f"/cds-services/{SIGN}", '{"context": {"draftOrders": {"entry": 1}}, "prefetch": 1}', 400),
    ],
)
def test_what_is_not_served_is_refused(
    sqlite_client: httpx.Client, method: str, path: str, body: str, status: int
) -> None:
    answer = sqlite_client.request(method, path, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")


def test_nothing_of_a_patient_is_logged(client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        put(client, *TREATED, LOW)
        cards(client, VIEW, call(VIEW))
        client.post(f"/cds-services/{SIGN}", json=call(SIGN, "p1", draft(dosageInstruction=[{"timing": 1}])))
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    assert not [text for text in ours if "p1" in text or "Patient" in text]
