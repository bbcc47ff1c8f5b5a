"""Tasks of alerts and their Provenances on their way into the database, beside the alerts that they are about."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from models.fhir.codec import parse
from models.resource_types import TYPES
from models.search.index import index
from models.stored import ASKED, NOTHING, prepare
from models.times import micros
from service.alert_rows import alert_row, taken
from service.alerts.alert import Alert
from service.alerts.chart import decode as decode_alert
from service.moves import Held
from service.pending import Pending
from service.tasks.task import (
    PAST,
    REQUESTER,
    Act,
    Asked,
    ask,
    becomes,
    cancel,
    decode,
    encode,
    lower,
    provenance,
    shown,
    wakes,
)


class Desk(NamedTuple):
    """What every row of a batch is made with: the time, our URLs, how long until a reminder (none: never)."""

    now: datetime
    bases: Sequence[str]
    interval: timedelta

    def wakes(self, doc: Mapping[str, Any] | None, task: Held | None) -> int | None:
        """When the service has something to do about a client's version of a Task (none: it is no alert's)."""
        return wakes(doc, decode(task.lifted), self.now, self.interval) if doc and task else None


def alert_rows(
    desk: Desk, alert: Alert, patient: str, previous: Held | None, task: Held | None
) -> list[Pending]:
    """The next version of an alert, if its document changes, and what becomes of its Task by it.

    What a clinician has dismissed, or the alert was reminded of, shows in the phase of the version alone.
    Raises Invalid where a client's resource is in the way.
    """
    if previous is None and alert.retracted:
        return []
    free(previous, task, alert.about)
    was = decode_alert(previous.lifted) if previous and previous.is_alert and previous.lifted else None
    doc = document(task)
    act = becomes(alert, was, doc)
    asked = decode(task.lifted) if task and doc else None
    phase = alert.phase if act in ("ask", "ask-again") else shown(alert, doc, asked)
    row = alert_row(alert, patient, previous, desk.bases, phase)
    as_it_was = previous is not None and previous.content == row.content
    if previous and phase == "continuing" != alert.phase:  # a dismissal alone makes no new version
        as_it_was |= previous.content == alert_row(alert, patient, previous, desk.bases).content
    rows = [] if as_it_was else [row]
    if act:
        number = previous.number if previous and as_it_was else row.number
        rows += _acted(desk, act, alert, number, patient, task)
    return rows


def free(alert: Held | None, task: Held | None, about: str) -> None:
    """Raise Invalid where a resource that a client sent has the id of an alert or of its Task."""
    for held, ours in ((alert, alert and alert.is_alert), (task, task and task.is_asked)):
        if held and not ours and held.method != "DELETE":
            raise taken(held.reference, about)


def document(task: Held | None) -> dict[str, Any] | None:
    """The Task of an alert, where there is one."""
    if task is None or not task.is_asked:
        return None
    return {name: value for name, value in parse(task.content.encode()).items() if value != {}}


def task_row(
    desk: Desk, doc: Mapping[str, Any], asked: Asked, patient: str, previous: Held | None
) -> Pending:
    """The next version of a Task."""
    return Pending(
        type="Task",
        id=doc["id"],
        number=previous.number + 1 if previous else 1,
        method="PUT" if previous else "POST",
        patient=patient,
        content=prepare(doc, doc["id"]),
        indexed=index(TYPES["Task"], doc, desk.bases),
        kind=ASKED,
        lifted=encode(asked),
        previous=previous,
        due=wakes(doc, asked, desk.now, desk.interval),
    )


def provenance_row(
    desk: Desk,
    task: Pending,
    alert_number: int,
    act: str,
    who: Mapping[str, Any] = REQUESTER,
    reasons: Sequence[Mapping[str, Any]] = (),
) -> Pending:
    """Who made this version of a Task. Its id has the moment in it, so that nobody can know and take it before."""
    id = str(uuid5(NAMESPACE_URL, f"{task.reference}/_history/{task.number}#{micros(desk.now)}"))
    doc = provenance(id, (task.id, task.number), (task.id, alert_number), act, who, desk.now, reasons)
    return Pending(
        type="Provenance",
        id=id,
        number=1,
        method="POST",
        patient="",
        content=prepare(doc, id),
        indexed=index(TYPES["Provenance"], doc, desk.bases),
        kind=NOTHING,
        lifted=None,
    )


def _acted(desk: Desk, act: Act, alert: Alert, number: int, patient: str, task: Held | None) -> list[Pending]:
    """The Task as it becomes; what the service does with one that was there already it also tells as its Device."""
    doc = document(task)
    if doc is None or task is None:
        return [task_row(desk, ask(alert, patient, desk.now), Asked(alert.severity), patient, task)]
    if act == "cancel":
        why = alert.retracted or PAST
        row = task_row(desk, cancel(doc, why, desk.now), decode(task.lifted), patient, task)
    elif act == "lower":
        asked = Asked(alert.severity, decode(task.lifted).reminders)
        row = task_row(desk, lower(doc, alert, desk.now), asked, patient, task)
    else:
        row = task_row(desk, ask(alert, patient, desk.now, doc), Asked(alert.severity), patient, task)
    return [row, provenance_row(desk, row, number, act)]
