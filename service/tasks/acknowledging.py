"""$acknowledge: the next version of an alert's Task, and the Provenance that says whose it is, in one transaction."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from models.access.permissions import Permissions
from models.errors import Gone, Invalid, NotFound
from models.fhir.references import target_type
from models.problem import Problem
from models.times import instant, micros
from service.aiming import check_match
from service.alerts.alert import Alert
from service.alerts.chart import decode as decode_alert
from service.alerts.episodes import REPEAT
from service.intake import Acknowledgement, Entry, check
from service.moves import Held, Move
from service.permitted import seen
from service.tasks.rows import document, free, provenance_row, task_row
from service.tasks.taking_part import named
from service.tasks.task import CLOSED, Asked, Taken, ask, coding, decode, modified, taken
from service.unit import Unit

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ACTIONS: Mapping[str, str] = {
    "2": "Assessed Patient",
    "5": "Consulted Prescriber",
    "9": "Instituted Ongoing Monitoring Program",
    "12": "Temporarily Suspended Concurrent Therapy",
    "13": "Stopped Concurrent Therapy",
}
"""What was done, with the displays of HL7: https://terminology.hl7.org/CodeSystem-v3-ActCode.html."""
LONGEST_SNOOZE = 4
"""Repeat intervals of the alert's severity: an hour for a critical one, four for a high one [E]."""
AUTHORS = ("Practitioner", "Patient", "RelatedPerson", "Organization")
"""Who can be the author of a note."""
UNNAMED = {"display": "Not told"}
Outcome = Literal["created", "updated", "unchanged"]
Acknowledged = tuple[Outcome, Held, tuple[Move, ...], tuple[Problem, ...], tuple[Alert, ...], Taken | None]


def acknowledged(unit: Unit, told: Acknowledgement, permissions: Permissions | None = None) -> Acknowledged:
    """What became of the Task. The same again changes nothing. Raises NotFound, Gone, Invalid, PreconditionFailed.

    Whoever may change Tasks learns of the alerts that they are about, and of no reading that it may not read.
    """
    held, task = unit.latest(("Observation", told.alert)), unit.latest(("Task", told.alert))
    if held and not held.is_alert:
        held = seen(unit, held, "r", permissions)
    alert, held = _alert(held, told)
    free(held, task, held.reference)
    check_match(Entry("PUT", "Task", told.alert, if_match=told.if_match), task)
    if problems := [*_refused(told, alert, unit.now)]:
        raise Invalid(problems)
    before = document(task)
    asked = decode(task.lifted) if task and before else Asked(alert.severity)
    start = before or ask(alert, held.patient, unit.now)
    doc = _told(start, told, unit.now)
    if task and _said(doc) == _said(start):
        return "unchanged", task, (), (), (), None
    warnings = check(doc, "Task")
    row = task_row(unit.desk, doc, asked, held.patient, task)
    reasons = [told.reason] if told.reason else []
    who = provenance_row(unit.desk, row, held.number, "acknowledge", told.who or UNNAMED, reasons)
    unit.add([row, who])
    outcome: Outcome = "updated" if before else "created"
    return outcome, row, (), warnings, (), taken(before, doc, asked, unit.now)


def _alert(held: Held | None, told: Acknowledgement) -> tuple[Alert, Held]:
    name = f"Observation/{told.alert}"
    if held is None:
        raise NotFound(f"{name[:200]} is not kept here.")
    if held.method == "DELETE":
        raise Gone(f"{name} was deleted.")
    if not held.is_alert or not held.lifted:
        raise Invalid([_problem("", f"{name} is no alert; what is acknowledged are alerts.", "alert-task")])
    alert = decode_alert(held.lifted)
    if alert.retracted:
        text = f"{name} was taken back, so that there is nothing to acknowledge. {alert.retracted}"
        raise Invalid([_problem("", text, "alert-retracted")])
    return alert, held


def _refused(told: Acknowledgement, alert: Alert, now: datetime) -> Iterator[Problem]:
    if alert.severity == "critical" and not named(told.who):
        yield _problem(
            "who", "A critical alert is acknowledged by somebody: give a reference or an identifier."
        )
    if told.action and told.action not in ACTIONS:
        known = ", ".join(f"{code} ({display})" for code, display in ACTIONS.items())
        yield _problem("action", f"{told.action[:40]!r} is none of {known}.", ACT_CODE)
    if told.until is None:
        return
    most = LONGEST_SNOOZE * REPEAT[alert.severity]
    if told.reason:
        yield _problem("snoozeUntil", "A dismissal does not end; leave out snoozeUntil, or the reason.")
    if not alert.pageable:
        yield _problem("snoozeUntil", f"Nobody is paged for an alert that is {alert.phase}; leave it out.")
    if not now < told.until <= now + most:
        hours = most // timedelta(hours=1)
        text = (
            f"A snooze of an alert that is {alert.severity} ends within {hours} hours from now, not before."
        )
        yield _problem("snoozeUntil", text)


def _told(doc: Mapping[str, Any], told: Acknowledgement, now: datetime) -> dict[str, Any]:
    """The Task with what is said: `completed` by an action, `rejected` by a reason; else, or snoozed, `accepted`."""
    status = "rejected" if told.reason else "completed" if told.action and not told.until else "accepted"
    gone = ("owner", "statusReason", "restriction", "output", "businessStatus")
    kept = {name: value for name, value in doc.items() if name not in gone}
    changed = modified(doc, now)
    period = {"start": doc.get("executionPeriod", {}).get("start") or changed["lastModified"]}
    if status in CLOSED:
        period["end"] = changed["lastModified"]
    display = ACTIONS.get(told.action, "")
    action = {"coding": [{"system": ACT_CODE, "code": told.action, "display": display}]}
    output = {"type": {"coding": [coding("acknowledge")]}, "valueCodeableConcept": action}
    return {
        **kept,
        "status": status,
        **({"statusReason": told.reason} if told.reason else {}),
        **({"owner": told.who} if told.who else {}),
        **changed,
        "executionPeriod": period,
        **({"restriction": {"period": {"end": instant(micros(told.until))}}} if told.until else {}),
        **({"output": [output]} if told.action else {}),
        **_noted(doc, told, changed["lastModified"]),
    }


def _noted(doc: Mapping[str, Any], told: Acknowledgement, at: str) -> dict[str, Any]:
    """The notes, with the new one behind the others unless it is the last of them already."""
    notes = doc.get("note", [])
    if not told.note or (notes and notes[-1].get("text") == told.note):
        return {}
    who = told.who or {}
    reference = who.get("reference")  # of any kind: it is held against FHIR with the Task
    author = (
        {"authorReference": who} if isinstance(reference, str) and target_type(reference) in AUTHORS else {}
    )
    return {"note": [*notes, {**author, "time": at, "text": told.note}]}


def _said(doc: Mapping[str, Any]) -> dict[str, Any]:
    """What an acknowledgement says, but for when."""
    return {name: value for name, value in doc.items() if name not in ("lastModified", "executionPeriod")}


def _problem(name: str, text: str, rule: str = "acknowledge") -> Problem:
    place = f"Parameters.parameter.where(name = '{name}').value" if name else "Parameters"
    return Problem("business-rule", text, place, rule)
