"""Alerts on their way into the database."""

from collections.abc import Sequence

from msgspec.structs import replace

from models.errors import Invalid
from models.problem import Problem
from models.resource_types import TYPES
from models.search.index import index
from models.stored import ALERT, STANDING, prepare
from service.alerts.alert import Alert, Phase
from service.alerts.chart import encode
from service.alerts.observation import observation
from service.moves import Held
from service.pending import Pending


def taken(reference: str, about: str) -> Invalid:
    """An alert has one id that it can have, and so has its Task; a client's resource under it would be lost."""
    text = (
        f"{about} raises an alert whose id, {reference}, is taken by a resource that a client sent: delete that "
        "one, or put it under another id, and send this again."
    )
    return Invalid([Problem("conflict", text, "", "alert-id-taken")])


def alert_row(
    alert: Alert, patient: str, previous: Held | None, bases: Sequence[str], phase: Phase | None = None
) -> Pending:
    """The next version of an alert's Observation; `phase` is the one to tell, where it is not the rules' own."""
    doc = observation(replace(alert, phase=phase) if phase else alert, patient)
    return Pending(
        type="Observation",
        id=alert.id,
        number=previous.number + 1 if previous else 1,
        method="PUT" if previous else "POST",
        patient=patient,
        content=prepare(doc, alert.id),
        indexed=index(TYPES["Observation"], doc, bases),
        kind=STANDING if alert.standing else ALERT,
        lifted=encode(alert),
        previous=previous,
    )
