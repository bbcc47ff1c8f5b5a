"""Reminders: a critical alert whose Task nobody has taken up is a new version of the same alert, phase `reminder`; so
is an alert whose snooze has ended, and its Task is asked for again.

Worked under the patient's lock, by whoever comes first: what was done is due no more, or later.
"""

from collections.abc import Iterable

from models.fhir.codec import parse
from models.resource_types import TYPES
from models.search.index import index
from models.stored import Stored, prepare
from models.times import micros
from service.alerts.chart import decode as decode_alert
from service.alerts.observation import rephased
from service.moves import Held
from service.pending import Pending
from service.tasks.rows import document, provenance_row, task_row
from service.tasks.task import IN_HAND, PAST, WAITING, Asked, ask, cancel, decode, remind
from service.unit import Unit


def reminded(unit: Unit, patients: Iterable[str]) -> None:
    """Do for each patient what is due by now about the Tasks of alerts."""
    for patient in patients:
        for task in unit.turn.waiting(patient, micros(unit.now)):
            if task.id in unit.state.alerts or unit.touched((task.type, task.id)):
                continue  # it is being changed; what is still due then is found again
            rows = _rows(unit, task)
            unit.add(rows)
            if not rows:
                unit.state.done.append(task)


def _rows(unit: Unit, task: Stored) -> list[Pending]:
    """New versions of the alert and its Task; none where there is nothing left to remind of."""
    alert = _newest(unit, ("Observation", task.id))
    doc, asked = document(task), decode(task.lifted)
    if alert is None or not alert.is_alert or not alert.lifted or doc is None:
        return []
    told, desk = decode_alert(alert.lifted), unit.desk
    if doc["status"] in IN_HAND:  # the end of a snooze
        if not told.pageable:
            row = task_row(desk, cancel(doc, told.retracted or PAST, unit.now), asked, task.patient, task)
            return [row, provenance_row(desk, row, alert.number, "cancel")]
        anew = remind(ask(told, task.patient, unit.now, doc), 1, unit.now)
        again = _again(unit, alert)
        row = task_row(desk, anew, Asked(told.severity, 1), task.patient, task)
        return [again, row, provenance_row(desk, row, again.number, "ask-again")]
    if doc["status"] not in WAITING or told.severity != "critical" or not (told.pageable and desk.interval):
        return []
    number = asked.reminders + 1
    row = task_row(desk, remind(doc, number, unit.now), Asked("critical", number), task.patient, task)
    return [_again(unit, alert), row]


def _newest(unit: Unit, target: tuple[str, str]) -> Held | None:
    """The newest version of what the batch may not have read yet."""
    return unit.latest(target) or unit.turn.latest({target}).get(target)


def _again(unit: Unit, alert: Held) -> Pending:
    """The alert as it stands, once more, for whoever polls what is to be paged."""
    doc = rephased(parse(alert.content.encode()), "reminder")
    return Pending(
        type="Observation",
        id=alert.id,
        number=alert.number + 1,
        method="PUT",
        patient=alert.patient,
        content=prepare(doc, alert.id),
        indexed=index(TYPES["Observation"], doc, unit.bases),
        kind=alert.kind,
        lifted=alert.lifted,
        previous=alert,
    )
