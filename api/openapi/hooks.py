"""What the pages say about CDS Hooks, whose bodies are no FHIR: https://cds-hooks.hl7.org/2.0/."""

import json
from collections.abc import Mapping
from typing import Any

from api.openapi.operation import CALL, POSTED, READ, Answer, Operation
from models import errors
from models.examples import example
from service.dosing.hooks import ORDER_SIGN, PATIENT_VIEW, SERVICES

JSON = "application/json"
TAG = "CDS Hooks"
HOOKS: Mapping[str, Operation] = {
    "cds_services": Operation(
        "cdsServices",
        "Which services there are",
        "Discovery: each service with its hook and the prefetch that it reads of patients of whom nothing is kept.",
        {200: Answer("The services.", ("CdsServices",), media=JSON)},
        (*READ,),
        tag=TAG,
    ),
    "cds_service": Operation(
        "cdsService",
        "Cards for an order that is signed, or a patient who is viewed",
        "`clonidine-dose-check` at `order-sign`: what holds a dose now, and the alerts that drafts would raise. "
        "`clonidine-dose-check-view` at `patient-view`: may the next dose be given? Nothing is kept.",
        {200: Answer("Cards; none where there is nothing to say.", ("CdsCards",), media=JSON)},
        (*POSTED, errors.Invalid, errors.NotFound),
        ("service",),
        (CALL,),
        TAG,
    ),
}
_TEXT = {"type": "string"}


def schemas() -> dict[str, Any]:
    """components.schemas of CDS Hooks."""
    of = dict.fromkeys(("id", "hook", "title", "description", "usageRequirements"), _TEXT)
    service = _object(("id", "hook", "description"), **of, prefetch={"type": "object"})
    source = _object(("label",), label=_TEXT, url=_TEXT, topic={"type": "object"})
    link = _object(("label", "url", "type"), label=_TEXT, url=_TEXT, type={"enum": ["absolute"]})
    card = _object(
        ("summary", "indicator", "source"),
        uuid=_TEXT,
        summary={"type": "string", "maxLength": 139},
        detail={"type": "string", "description": "Markdown."},
        indicator={"enum": ["info", "warning", "critical"]},
        source=source,
        links={"type": "array", "items": link},
    )
    context = _object(
        ("userId", "patientId"),
        userId=_TEXT,
        patientId=_TEXT,
        encounterId=_TEXT,
        draftOrders={"type": "object"},
    )
    call = _object(
        ("hook", "hookInstance", "context"),
        hook={"enum": [one.hook for one in SERVICES.values()]},
        hookInstance=_TEXT,
        fhirServer=_TEXT,
        context=context,
        prefetch={"type": "object"},
    )
    return {
        "CdsServices": _object(("services",), services={"type": "array", "items": service}),
        "CdsCall": call,
        "CdsCards": _object(("cards",), cards={"type": "array", "items": card}),
    }


def examples() -> dict[str, Any]:
    """A call of each service."""
    draft = {**json.loads(example("medication-request-too-much").text), "status": "draft"}
    orders = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft}]}
    patient = draft["subject"]["reference"].removeprefix("Patient/")
    return {
        "orderSign": {
            "summary": "An order for too much",
            "value": _call(ORDER_SIGN, patient, draftOrders=orders),
        },
        "patientView": {"summary": "A record is opened", "value": _call(PATIENT_VIEW, patient)},
    }


def _call(hook: str, patient: str, **more: Any) -> dict[str, Any]:
    context = {"userId": "Practitioner/123", "patientId": patient, **more}
    return {"hook": hook, "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "context": context}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": [*required], "properties": properties}
