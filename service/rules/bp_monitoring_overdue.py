"""Blood pressure not taken for too long.

What: no plausible blood pressure for more than 4 hours (inpatient) or 24 hours (outpatient) while an order is in
force, and again at every multiple; high from the second on. Before the first reading the order's start stands for it.
Why: a fall of pressure that nobody measures is found when the patient faints.
Evidence: vital signs every 4 hours in S2 [F]; daily for outpatients is recalled [R].
Limits: a site may move both.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from service.record import monitoring
from service.record.facts import Reading
from service.rules.overdue import Overdue, in_force, overdue
from service.rules.rule import Finding, Limits, Moment, Rule, View, limit, silent
from service.rules.sources import cite
from service.rules.wording import clock_time


def clock(view: View, limits: Limits, since: datetime) -> Iterator[Moment]:
    record = view.record

    def before(at: datetime) -> datetime | None:
        reading = monitoring.latest(record, monitoring.pressure, at)
        return reading.at if reading else None

    def after(at: datetime) -> Iterator[datetime]:
        readings = monitoring.since(record, monitoring.pressure, at)
        return (reading.at for reading in readings if reading.at > at)

    for one in overdue(record.regimen.in_force, before, after, in_force(view, limits), since):
        order = record.order(one.at)
        if order:
            yield Moment(one.at + timedelta.resolution, order, partial(_finding, one))


def _finding(one: Overdue) -> Finding:
    hours = (one.at - one.last) / timedelta(hours=1)
    return Finding(
        severity="moderate" if one.times == 1 else "high",
        side="other",
        text=f"No blood pressure for {hours:g} h, since {clock_time(one.last)}. Take it now, with the heart rate.",
        at=one.at,
        cause=one.at.isoformat(),
    )


RULE = Rule(
    id="bp-monitoring-overdue",
    title="Blood pressure overdue",
    trigger="no plausible blood pressure for longer than the care setting allows while an order is in force",
    severity="moderate; high from twice as long on",
    judges=(),
    judge=silent,
    clock=clock,
    heeds=(Reading,),
    limits=(
        limit("inpatient", "4", "h", cite("S2"), "F", ("1", "12")),
        limit("outpatient", "24", "h", cite("recalled"), "R", ("4", "72")),
    ),
    seed="Q1, Q2",
)
