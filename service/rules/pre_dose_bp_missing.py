"""A dose without pressure and heart rate before it.

What: a dose given, or due now, without both blood pressure and heart rate in the 60 minutes before. A dose that comes
late to a slot that was alerted is not alerted again. Silent while the hospital sends no administrations (decision 22).
Why: whether a dose must be held can only be told from a pressure and a rate taken just before it.
Evidence: "check BP and HR before each dose", second-hand [F2]; 60 minutes are our choice [E].
Limits: a site may move the minutes.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from heapq import merge
from operator import attrgetter

from service.record import monitoring
from service.record.facts import Dose, Reading
from service.record.record import Record
from service.record.schedule import Slot, around, filling, slots
from service.rules.rule import Finding, Limits, Moment, Rule, View, limit, silent, span
from service.rules.sources import cite
from service.rules.wording import because, clock_time, show


def clock(view: View, limits: Limits, since: datetime) -> Iterator[Moment]:
    record = view.record
    if record.regimen.doses:
        within = span(limits["before"])
        yield from merge(
            _due(record, within, limits, since), _given(record, within, limits, since), key=attrgetter("due")
        )


def _due(record: Record, within: timedelta, limits: Limits, since: datetime) -> Iterator[Moment]:
    for slot in slots(record.regimen, since):
        if _unmeasured(slot, record, within):
            what = partial(_finding, slot.order.drug, "is due", slot.at, limits, slot.at.isoformat())
            yield Moment(slot.at, slot.order.source, what)


def _given(record: Record, within: timedelta, limits: Limits, since: datetime) -> Iterator[Moment]:
    doses = record.regimen.doses
    for dose in doses[bisect_left(doses, since, key=attrgetter("at")) :]:
        if not _measured(record, dose.at, within) and _to_tell(dose, record, within):
            yield Moment(dose.at, dose.source, partial(_finding, dose.drug, "was given", dose.at, limits))


def _to_tell(dose: Dose, record: Record, within: timedelta) -> bool:
    """Whether it was given, and no slot that it came late to was alerted before."""
    if not dose.given or dose.day:
        return False
    return not any(_unmeasured(slot, record, within) for slot in around(dose, record.regimen))


def _unmeasured(slot: Slot, record: Record, within: timedelta) -> bool:
    """Whether the slot's instant came without its dose and without its measurements."""
    dose = filling(slot, record.regimen)
    return (dose is None or dose.at > slot.at) and not _measured(record, slot.at, within)


def _measured(record: Record, at: datetime, within: timedelta) -> bool:
    return all(monitoring.measured(record, has, at, within) for has in (monitoring.pressure, monitoring.rate))


def _finding(drug: str, what: str, at: datetime, limits: Limits, cause: str = "") -> Finding:
    most = limits["before"]
    return Finding(
        severity="moderate",
        side="other",
        text=f"A dose of {drug} {what} at {clock_time(at)}, and there is not both a blood pressure and a heart rate "
        f"from the {show(most.value)} minutes before. Take both now, and hold the dose if they are low. "
        f"{because((most,))}",
        at=at,
        cause=cause,
    )


RULE = Rule(
    id="pre-dose-bp-missing",
    title="No pressure and heart rate before a dose",
    trigger="a dose given, or due, without blood pressure and heart rate in the 60 minutes before",
    severity="moderate",
    judges=(),
    judge=silent,
    clock=clock,
    heeds=(Reading,),
    limits=(limit("before", "60", "min", cite("E"), "E", ("15", "240")),),
    seed="Q1, Q2",
)
