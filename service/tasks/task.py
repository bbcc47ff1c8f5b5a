"""The Task of an alert: asked for, taken up, closed (https://hl7.org/fhir/R4/task.html).

`Task/[id]` is about `Observation/[id]`. Pure: a document in, a document out; who keeps it is told elsewhere.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

import msgspec

from models.patient import subject_of
from models.times import instant, micros, span_of
from service.alerts.alert import Alert, Phase
from service.alerts.observation import PHASES
from service.device import ENGINE
from service.record.codes import ROOT
from service.rules import BY_ID
from service.rules.rule import Severity, rank

ACTS: Mapping[str, str] = {
    "acknowledge": "Say what is done about an alert; what the Task asks for, and what its Provenance tells.",
    "ask-again": "The alert came back, became more severe, or its snooze has ended.",
    "cancel": "The alert was taken back, or nobody is to be paged for it any more.",
    "lower": "The alert became less severe.",
}
"""Codes of Task.code and of the activity of a Provenance of such a Task."""
CODES = f"{ROOT}/CodeSystem/alert-task"
REQUESTER = {"reference": "/".join(ENGINE)}
PRIORITY: Mapping[Severity, str] = {
    "critical": "stat",
    "high": "asap",
    "moderate": "urgent",
    "low": "routine",
    "info": "routine",
}
WAITING = ("requested", "received")
"""Nobody has taken it up."""
IN_HAND = ("accepted", "ready", "in-progress", "on-hold")
CLOSED = ("completed", "rejected", "failed")
"""As somebody closed it; `cancelled` is how this service does."""
OPEN = (*WAITING, *IN_HAND)
ANEW = ("owner", "statusReason", "businessStatus", "restriction", "executionPeriod", "output")
"""What does not outlast that it is asked for again."""
MOST_REMINDERS = 8
"""Of one asking: two hours at the interval that is the default [E]."""
PAST = "Nobody is to be paged for the alert any more: another one opens its episode."

Act = Literal["ask", "ask-again", "cancel", "lower"]


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept beside the document: how severe the alert is, how often it was reminded of since it was asked."""

    severity: Severity
    reminders: int = 0


class Taken(NamedTuple):
    """That somebody has taken up the Task of an alert, so many seconds after it was asked for."""

    severity: Severity
    seconds: float


def encode(asked: Asked) -> str:
    """As text to be stored."""
    return msgspec.json.encode(asked).decode()


def decode(text: str | None) -> Asked:
    """What `encode` was given."""
    return msgspec.json.decode(text or "", type=Asked)


def becomes(alert: Alert, was: Alert | None, doc: Mapping[str, Any] | None) -> Act | None:
    """What becomes of the Task (None: there is none yet) when an alert that `was` so has become `alert`."""
    status = doc["status"] if doc else "cancelled"
    if not alert.pageable:
        gone = OPEN if alert.retracted else WAITING  # whoever works on it goes on while the alert stands
        return "cancel" if status in gone else None
    if doc is None:
        return "ask"
    if silenced(alert, doc):
        return None
    severer = was is not None and rank(alert.severity) > rank(was.severity)
    if status == "cancelled" or severer or was is None or not was.pageable:
        return "ask-again"
    return "lower" if was.severity != alert.severity and status in OPEN else None


def silenced(alert: Alert, doc: Mapping[str, Any] | None) -> bool:
    """Whether a clinician has dismissed with a reason what may be dismissed for the order's life."""
    rule = BY_ID.get(alert.rule)
    dismissed = doc is not None and doc["status"] == "rejected" and "statusReason" in doc
    return dismissed and rule is not None and rule.dismissible


def shown(alert: Alert, doc: Mapping[str, Any] | None, asked: Asked | None) -> Phase:
    """The phase that the alert's next version tells: its own, but for what was dismissed or reminded of.

    The phase that the rules gave stays with the alert: neither changes what follows from the record.
    """
    if not alert.pageable:
        return alert.phase
    if silenced(alert, doc):
        return "continuing"
    return "reminder" if asked and asked.reminders else alert.phase


def ask(alert: Alert, patient: str, at: datetime, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The Task as it is asked for, anew where there was one: what clients have added stays."""
    kept = {name: value for name, value in (before or {}).items() if name not in ANEW}
    rule = BY_ID.get(alert.rule)
    now = instant(micros(at))
    return {
        "resourceType": "Task",
        "id": alert.id,
        **kept,
        "status": "requested",
        "intent": "order",
        "priority": PRIORITY[alert.severity],
        "code": {"coding": [coding("acknowledge")], "text": "Acknowledge an alert"},
        "description": f"Acknowledge: {rule.title if rule else alert.rule}",
        "focus": {"reference": f"Observation/{alert.id}"},
        "for": subject_of(patient),
        "authoredOn": now,
        "lastModified": now,
        "requester": REQUESTER,
    }


def cancel(doc: Mapping[str, Any], why: str, at: datetime) -> dict[str, Any]:
    """The Task as this service closes it."""
    return {**doc, "status": "cancelled", "statusReason": {"text": why}, **modified(doc, at)}


def lower(doc: Mapping[str, Any], alert: Alert, at: datetime) -> dict[str, Any]:
    """The Task of an alert that has become less severe."""
    return {**doc, "priority": PRIORITY[alert.severity], **modified(doc, at)}


def remind(doc: Mapping[str, Any], number: int, at: datetime) -> dict[str, Any]:
    """The Task of an alert that is reminded of for the `number`th time."""
    state = {"coding": [{"system": PHASES, "code": "reminder"}], "text": f"Reminder {number}"}
    return {**doc, "businessStatus": state, **modified(doc, at)}


def modified(doc: Mapping[str, Any], at: datetime) -> dict[str, str]:
    """When it is changed: not before it was asked for (inv-1), whatever the clock says."""
    authored, now = span_of(doc.get("authoredOn")), micros(at)
    return {"lastModified": instant(max(now, authored.low) if authored else now)}


def wakes(doc: Mapping[str, Any], asked: Asked, at: datetime, interval: timedelta) -> int | None:
    """When, in microseconds, the service has something to do about it: at the end of a snooze, or, for a critical alert
    that nobody has taken up, an `interval` from now (none: never)."""
    if doc["status"] in IN_HAND:
        until = span_of(doc.get("restriction", {}).get("period"))
        return until.high if until and "end" in doc["restriction"]["period"] else None
    waits = doc["status"] in WAITING and asked.severity == "critical" and asked.reminders < MOST_REMINDERS
    return micros(at + interval) if waits and interval else None


def taken(
    before: Mapping[str, Any] | None, doc: Mapping[str, Any], asked: Asked, at: datetime
) -> Taken | None:
    """That a change took the Task up, and after how long."""
    authored = span_of(doc.get("authoredOn"))
    if before is None or before["status"] not in WAITING or doc["status"] in WAITING or authored is None:
        return None
    return Taken(asked.severity, max(micros(at) - authored.low, 0) / 1_000_000)


def coding(code: str) -> dict[str, str]:
    """A coding of our own."""
    return {"system": CODES, "code": code}


def provenance(
    id: str,
    task: tuple[str, int],
    alert: tuple[str, int],
    act: str,
    who: Mapping[str, Any],
    at: datetime,
    reasons: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Who did what to a version of a Task, in sight of which version of its alert (id and number of each)."""
    kind = {
        "system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
        "code": "performer",
    }
    seen = {"reference": f"Observation/{alert[0]}/_history/{alert[1]}"}
    return {
        "resourceType": "Provenance",
        "id": id,
        "target": [{"reference": f"Task/{task[0]}/_history/{task[1]}"}],
        "recorded": instant(micros(at)),
        **({"reason": [*reasons]} if reasons else {}),
        "activity": {"coding": [coding(act)]},
        "agent": [{"type": {"coding": [kind]}, "who": dict(who)}],
        "entity": [{"role": "source", "what": seen}],
    }
