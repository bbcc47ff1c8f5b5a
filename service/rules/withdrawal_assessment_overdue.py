"""Withdrawal not assessed for too long.

What: no COWS total for more than 8 hours (inpatient) or 24 hours (outpatient) on days 1 to 5 of a course while an order
is in force, and then daily.
Why: without the score nobody sees whether clonidine helps, nor whether the dose must change.
Evidence: COWS once a day for 3 days in mild withdrawal in S19b [F]; 8 hours are our choice [E].
Limits: a site may move all of them. Off unless a site turns it on.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from service.record.facts import Score
from service.record.record import LAST, Record
from service.rules.overdue import Overdue, in_force, overdue
from service.rules.rule import Finding, Limits, Moment, Rule, View, limit, silent, span
from service.rules.sources import cite
from service.rules.wording import clock_time

_DAILY = timedelta(days=1)


def clock(view: View, limits: Limits, since: datetime) -> Iterator[Moment]:
    record = view.record
    days = span(limits["days"])

    def before(at: datetime) -> datetime | None:
        scores = record.scores.before((at, LAST))
        return next((one.at for one in scores if not one.day and record.plausible.score(one)), None)

    def after(at: datetime) -> Iterator[datetime]:
        scores = record.scores.since((at, ""))
        return (one.at for one in scores if one.at > at and not one.day and record.plausible.score(one))

    for one in overdue(_first_days(record, days), before, after, in_force(view, limits), since, _DAILY):
        order = record.order(one.at)
        if order:
            yield Moment(one.at + timedelta.resolution, order, partial(_finding, one))


def _finding(one: Overdue) -> Finding:
    hours = (one.at - one.last) / timedelta(hours=1)
    text = f"No COWS for {hours:g} h, since {clock_time(one.last)}. Assess the withdrawal now."
    return Finding(severity="low", side="other", text=text, at=one.at, cause=one.at.isoformat())


def _first_days(record: Record, days: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """The first days of each course, as far as an order is in force."""
    for start, end in record.regimen.in_force:
        for course in record.regimen.courses:
            first = course.first_dose or course.start
            if course.start <= start <= course.until and max(start, first) < min(end, first + days):
                yield max(start, first), min(end, first + days)


RULE = Rule(
    id="withdrawal-assessment-overdue",
    title="Withdrawal assessment overdue",
    trigger="no COWS for longer than the care setting allows, in the first days of a course",
    severity="low",
    judges=(),
    judge=silent,
    clock=clock,
    heeds=(Score,),
    limits=(
        limit("inpatient", "8", "h", cite("E"), "E", ("2", "24")),
        limit("outpatient", "24", "h", cite("S19b"), "F", ("8", "72")),
        limit("days", "5", "d", cite("E"), "E", ("1", "14")),
    ),
    on=False,
    seed="Q3",
)
