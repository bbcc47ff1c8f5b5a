"""No pressure after a first or a higher dose.

What: after the first dose of a course, and after each dose that is higher than the one before, no blood pressure
between 30 and 90 minutes; known once 90 minutes have passed.
Why: the pressure falls from 30 to 60 minutes after a dose on, and how far is unknown for a dose that is new.
Evidence: a check 1 hour after the dose in S3 [F]; onset 30 to 60 minutes, maximum 2 to 4 hours in S5 [F2].
Limits: a site may move both edges.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter

from service.record import monitoring
from service.record.facts import Dose, Reading
from service.record.record import Record
from service.record.schedule import given_before
from service.rules.rule import Finding, Limits, Moment, Rule, View, limit, silent, span
from service.rules.sources import cite
from service.rules.wording import because, clock_time, show


def clock(view: View, limits: Limits, since: datetime) -> Iterator[Moment]:
    record = view.record
    start, end = (span(limits[edge]) for edge in ("from", "to"))
    doses = record.regimen.doses
    for dose in doses[bisect_left(doses, since - end, key=attrgetter("at")) :]:
        first = _first(dose, record)
        if (first or _higher(dose, record)) and not _measured(record, dose.at + start, dose.at + end):
            at = dose.at + end
            yield Moment(at + timedelta.resolution, dose.source, partial(_finding, dose, first, at, limits))


def _first(dose: Dose, record: Record) -> bool:
    """Whether it opens a course; of doses given together, the first one by id."""
    if (
        not dose.given
        or dose.day
        or not any(course.first_dose == dose.at for course in record.regimen.courses)
    ):
        return False
    return next(one for one in record.regimen.doses if one.at == dose.at and one.given) is dose


def _higher(dose: Dose, record: Record) -> bool:
    """Whether it is more than the dose of the same drug that was given last before it."""
    if not dose.given or dose.day or dose.mg is None:
        return False
    earlier = given_before(record.regimen, dose.at - timedelta.resolution, dose.drug)
    last = next((one.mg for one in earlier if one.mg is not None), None)
    return last is not None and dose.mg > last


def _measured(record: Record, start: datetime, end: datetime) -> bool:
    reading = next(monitoring.since(record, monitoring.pressure, start), None)
    return reading is not None and reading.at <= end


def _finding(dose: Dose, first: bool, at: datetime, limits: Limits) -> Finding:
    edges = limits["from"], limits["to"]
    return Finding(
        severity="high" if first else "moderate",
        side="other",
        text=f"{'The first dose' if first else 'A higher dose'} of {dose.drug} was given at {clock_time(dose.at)}, and "
        f"no blood pressure was taken {' to '.join(show(edge.value) for edge in edges)} minutes after it. Take it now. "
        f"{because(edges)}",
        at=at,
    )


RULE = Rule(
    id="post-dose-bp-missing",
    title="No pressure after a first or higher dose",
    trigger="no blood pressure 30 to 90 minutes after the first dose, or after one higher than the last",
    severity="high after the first dose; else moderate",
    judges=(),
    judge=silent,
    clock=clock,
    heeds=(Reading,),
    limits=(
        limit("from", "30", "min", cite("S5", "S3"), "F2", ("15", "60")),
        limit("to", "90", "min", cite("S5", "S3"), "F2", ("60", "240")),
    ),
    seed="Q1",
)
